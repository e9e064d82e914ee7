//! Checks of what verifies client certificates: authorities that can be used, and revocation lists that are there and current.
//! When certificates end is another check.

use std::path::{Path, PathBuf};

use model::Timestamp;
use x509::RevocationList;

use super::check_result;
use crate::{
    config::{CheckResult, Config},
    server::client_authorities::revocation_lists,
    settings,
};

/// The results for the listener and for proxies. That those of the listener can be used is checked with its certificate.
pub fn check(config: &Config, now: Timestamp) -> Vec<CheckResult> {
    let mut results = Vec::new();
    if let Some(tls) = config.tls.as_ref().filter(|tls| tls.client_ca.is_some()) {
        results.extend(lists("tls.client_crl", &tls.client_crl, now));
    }
    if config.proxy.client_ca.is_some() {
        let what = ("authorities of the clients of proxies", "uitgevers van de clients van proxy’s");
        let remedy = (
            "name PEM files in proxy.client_ca and revocation lists in proxy.client_crl",
            "noem PEM-bestanden in proxy.client_ca en intrekkingslijsten in proxy.client_crl",
        );
        results.push(check_result("proxy.client_ca", what, settings::clients_of_proxies(config), remedy));
        results.extend(lists("proxy.client_crl", &config.proxy.client_crl, now));
    }
    results
}

fn lists(item: &str, files: &[PathBuf], now: Timestamp) -> Vec<CheckResult> {
    if files.is_empty() {
        let text = (
            format!("{item} is not set: a client certificate that was revoked is accepted until it ends"),
            format!("{item} is niet ingevuld: een ingetrokken clientcertificaat geldt tot het verloopt"),
        );
        let remedy =
            ("fetch the lists of the authorities, and name them", "haal de lijsten van de uitgevers op, en noem ze");
        return vec![CheckResult::advice(item, text, remedy)];
    }
    files.iter().filter_map(|file| list(item, file, now)).collect()
}

/// The result for one file; `None` for one that cannot be read, which is another check.
fn list(item: &str, file: &Path, now: Timestamp) -> Option<CheckResult> {
    let lists = revocation_lists(file).ok()?;
    let next =
        lists.iter().filter_map(|list| RevocationList::read(list)?.next_update).map(Timestamp::from_seconds).min();
    Some(if next.is_some_and(|next| next < now) {
        let text = (
            format!("{item} {}: a newer list was due", file.display()),
            format!("{item} {}: er had een nieuwere lijst moeten zijn", file.display()),
        );
        let remedy =
            ("fetch it now, and again each time it is due", "haal die nu op, en daarna steeds als er een nieuwe is");
        CheckResult::advice(item, text, remedy)
    } else {
        let file = file.display();
        CheckResult::good(item, (format!("{item} {file} is current"), format!("{item} {file} is actueel")))
    })
}
