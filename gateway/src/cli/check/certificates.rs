//! When the certificates that the configuration names end. Whether they can be used at all is another check.

use std::{path::Path, time::Duration};

use model::Timestamp;

use crate::config::{CheckResult, Config};

const DAY: Duration = Duration::from_hours(24);

/// How many days before the end of a certificate is reported, with the words for it.
const NOTICES: [(u32, (&str, &str)); 3] = [
    (7, ("install a new one this week", "installeer deze week een nieuw certificaat")),
    (30, ("request a new one now", "vraag nu een nieuw certificaat aan")),
    (60, ("plan its replacement: request a new one in time", "plan de vervanging: vraag op tijd een nieuw aan")),
];

/// One result per file with certificates, for its certificate that ends first. Files that cannot be read are left out.
pub fn check(config: &Config, now: Timestamp) -> Vec<CheckResult> {
    let listener = config.tls.iter().map(|tls| ("tls.certificate".to_owned(), &tls.certificate));
    let authorities = config.egress.extra_ca.iter().map(|file| ("egress.extra_ca".to_owned(), file));
    let profiles = config.egress.tls.iter().flat_map(|(name, profile)| {
        let own = profile.certificate.iter().map(move |file| (format!("egress.tls.{name}.certificate"), file));
        own.chain(profile.ca.iter().map(move |file| (format!("egress.tls.{name}.ca"), file)))
    });
    let inbound = config.email.iter().filter_map(|email| email.inbound.as_ref()?.certificate.as_ref());
    let inbound = inbound.map(|file| ("email.inbound.certificate".to_owned(), file));
    let clients = [
        ("tls.client_ca", config.tls.as_ref().and_then(|tls| tls.client_ca.as_ref())),
        ("proxy.client_ca", config.proxy.client_ca.as_ref()),
    ];
    let clients = clients.into_iter().filter_map(|(item, file)| Some((item.to_owned(), file?)));
    let files = listener.chain(authorities).chain(profiles).chain(clients).chain(inbound);
    files.filter_map(|(item, file)| verdict(&item, file, now)).collect()
}

fn verdict(item: &str, file: &Path, now: Timestamp) -> Option<CheckResult> {
    let expires = Timestamp::from_seconds(egress::certificate_end(file).ok()??);
    let text = |end: &str, einde: &str| {
        (
            format!("a certificate of {} {end} at {expires}", file.display()),
            format!("een certificaat van {} {einde} op {expires}", file.display()),
        )
    };
    let result = if expires <= now {
        let remedy = (
            "install a new one; the file is read again when it changes",
            "installeer een nieuw certificaat; het bestand wordt opnieuw gelezen als het wijzigt",
        );
        CheckResult::bad(item, text("ended", "is verlopen"), remedy)
    } else {
        let notice = NOTICES.into_iter().find(|(days, _)| expires < now + DAY * *days);
        match notice {
            Some((days, remedy)) => {
                let (en, nl) = text("ends", "verloopt");
                let text = (format!("{en}, in less than {days} days"), format!("{nl}, binnen {days} dagen"));
                CheckResult::advice(item, text, remedy)
            }
            None => CheckResult::good(item, text("ends", "verloopt")),
        }
    };
    Some(CheckResult { expires: Some(expires), ..result })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;
    use crate::config::Severity;

    #[test]
    fn the_end_of_a_certificate_is_reported_60_30_and_7_days_ahead_and_after() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.pem");
        let mut params = CertificateParams::new(["a.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(2030, 1, 1);
        std::fs::write(&file, params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()).unwrap();
        let mut config = Config::default();
        config.egress.extra_ca = vec![file, directory.path().join("absent.pem")];
        let end = Timestamp::parse_rfc3339("2030-01-01T00:00:00Z").unwrap();
        for (days, severity, says) in [
            (61, Severity::Pass, "ends at"),
            (59, Severity::Advice, "less than 60 days"),
            (29, Severity::Advice, "less than 30 days"),
            (6, Severity::Advice, "less than 7 days"),
            (0, Severity::Failure, "ended at"),
        ] {
            let results = check(&config, end - DAY * days);
            let [result] = results.as_slice() else { panic!("{results:?}") };
            assert_eq!((result.severity, result.expires), (severity, Some(end)), "{days}");
            assert!(result.text.en.contains(says), "{days}: {result}");
            assert_eq!(
                (result.item.as_str(), result.remedy.is_none()),
                ("egress.extra_ca", severity == Severity::Pass)
            );
        }
    }
}
