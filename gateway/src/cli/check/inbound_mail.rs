//! The verdicts on mail that comes back: whether it reaches the gateway, and its certificate.

use std::net::SocketAddr;

use super::check_result;
use crate::{
    config::{CheckResult, Config},
    server::tls::Certificate,
};

/// The verdicts; none without `email.envelope_domain`.
pub fn check(config: &Config) -> Vec<CheckResult> {
    let Some(email) = &config.email else { return Vec::new() };
    let Some(domain) = &email.envelope_domain else { return Vec::new() };
    let Some(own) = &email.inbound else {
        let found = (
            format!("mail to {domain} has no effect: bounces do not end anything"),
            format!("mail aan {domain} heeft geen effect: bounces beëindigen niets"),
        );
        let remedy = (
            "set [email.inbound], and have the relay or the MX record send mail for that domain there",
            "vul [email.inbound] in, en laat de relay of het MX-record mail voor dat domein daarheen sturen",
        );
        return vec![CheckResult::advice("email.inbound", found, remedy)];
    };
    let mut results = vec![reach(domain, own.listen)];
    if let Some(files) = own.tls() {
        let what = ("certificate and key of mail that comes back", "certificaat en sleutel voor mail die terugkomt");
        let remedy = (
            "name PEM files that belong together in [email.inbound]",
            "noem in [email.inbound] PEM-bestanden die bij elkaar horen",
        );
        results.push(check_result("email.inbound.certificate", what, Certificate::load(&files), remedy));
    }
    results
}

fn reach(domain: &str, listen: SocketAddr) -> CheckResult {
    let text = (format!("mail to {domain} is taken at {listen}"), format!("mail aan {domain} komt binnen op {listen}"));
    CheckResult::good("email.inbound", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn a_domain_whose_mail_goes_nowhere_gets_advice_ch_113() {
        let found = |more: &str| {
            let people = "[people]\nurl = \"https://b.example\"\n";
            let email = "[email]\nhost = \"relay.example\"\nfrom = \"noreply@b.example\"\nname = \"B\"\n";
            let config = parse(&format!("{people}{email}{more}")).unwrap();
            check(&config).into_iter().map(|result| (result.item, result.severity)).collect::<Vec<_>>()
        };
        let domain = "envelope_domain = \"bounce.b.example\"\n";
        let own = "email.inbound".to_owned();
        assert_eq!(found(""), []);
        assert_eq!(found(domain), [(own.clone(), Severity::Advice)]);
        assert_eq!(found(&format!("{domain}[email.inbound]")), [(own.clone(), Severity::Pass)]);
        let broken = format!("{domain}[email.inbound]\ncertificate = \"/nowhere/c\"\nkey = \"/nowhere/k\"");
        let expected = [(own, Severity::Pass), ("email.inbound.certificate".to_owned(), Severity::Failure)];
        assert_eq!(found(&broken), expected);
    }
}
