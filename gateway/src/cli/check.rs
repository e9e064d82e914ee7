//! `gateway check`: everything that would keep `serve` from starting, and what a production gateway should not have.

mod certificates;
mod client_certificates;
mod dkim;
mod feeds;
mod inbound_mail;
mod kafka;
mod portal;
mod privacy;
mod sinks;
mod texts;
mod theme;

use std::{
    fs::{OpenOptions, TryLockError},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
};

use management::{InTwoLanguages, declared};
use model::{Clock, Timestamp, clock::SystemClock};
use secrets::Secrets;

use super::Settings;
use crate::cli::output::outln;
use crate::{
    config::{CheckResult, Config, PeopleProxy, Severity},
    server::tls::Certificate,
    start,
    tasks::{
        declare::{DeclareError, plain_secrets},
        declare_schemas::declared_schemas,
    },
};

/// A clock before this time was never set (2025-01-01).
const EARLIEST_PLAUSIBLE_TIME: Timestamp = Timestamp::from_seconds(1_735_689_600);

/// The length from which a secret gets no advice, in bytes.
const GOOD_SECRET: usize = 32;

/// Whether the gateway of this configuration is the running process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// It is not: the check looks for what would keep it from starting.
    Stopped,
    /// It is: its own directory and addresses are in use by itself.
    Running,
}

/// The key of each file with certificates that the configuration names, with the first end of its certificates. Files that
/// cannot be read are left out.
pub fn certificate_ends(config: &Config) -> Vec<(String, Timestamp)> {
    let results = certificates::check(config, Timestamp::default()).into_iter();
    results.filter_map(|result| Some((result.item, result.expires?))).collect()
}

/// Prints one line per check; the exit code is 1 when a check fails.
pub(super) fn run(settings: &Settings) -> ExitCode {
    let results = match settings.load() {
        Err(error) => {
            let text =
                (format!("configuration {}", settings.describe_error(&error)), "de configuratie is niet te gebruiken");
            vec![CheckResult { severity: Severity::Failure, ..CheckResult::good("configuration", text) }]
        }
        Ok(config) => {
            let now = SystemClock::default().now();
            let file = settings.file();
            let found = (format!("configuration {}", file.display()), format!("configuratie {}", file.display()));
            let mut results = vec![CheckResult::good("configuration", found)];
            results.extend(check_config(&config, Situation::Stopped, now));
            results.extend(sinks::check(&config));
            results.extend(privacy::advise(Some(file), &config, &config.key_file()));
            results.extend(config.advice(now));
            results
        }
    };
    for result in &results {
        let mark = match result.severity {
            Severity::Pass => "ok    ",
            Severity::Advice => "advice",
            Severity::Failure => "BAD   ",
        };
        outln!("{mark}  {result}");
    }
    let any_failed = results.iter().any(|result| result.severity == Severity::Failure);
    if any_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Every check and the verdict on every setting, for the gateway that runs with this configuration. Reads files and contacts brokers,
/// so it blocks.
pub fn check_running(config: &Config, now: Timestamp) -> Vec<CheckResult> {
    let mut results = check_config(config, Situation::Running, now);
    results.extend(privacy::advise(None, config, &config.key_file()));
    results.extend(config.verdicts(now));
    results
}

fn check_config(config: &Config, situation: Situation, now: Timestamp) -> Vec<CheckResult> {
    let inbound = config.email.as_ref().and_then(|email| email.inbound.as_ref());
    let addresses = [
        ("listen", Some(config.listen)),
        ("operations.listen", config.operations.listen),
        ("portaal.listen", config.portaal.as_ref().and_then(|portal| portal.listen)),
        ("people.inbox.proxy.listen", PeopleProxy::of(config).and_then(|own| own.listen)),
        ("email.inbound.listen", inbound.map(|own| own.listen)),
    ];
    let mut results = vec![check_data_directory(&config.data, situation)];
    let addresses = addresses.into_iter().filter_map(|(item, address)| Some((item, address?)));
    results.extend(addresses.map(|(item, address)| check_address(item, address, situation)));
    results.push(check_clock(now));
    if let Some(own) = &config.kafka {
        results.extend(kafka::check(config, own));
    }
    let key = config.key_file();
    // Nodes on Kafka share the key, so none of them creates it.
    if key.exists() || config.kafka.is_some() {
        let what = (
            format!("key of stored secrets {}", key.display()),
            format!("sleutel van opgeslagen secrets {}", key.display()),
        );
        let remedy = ("put back the file from a backup", "zet het bestand terug uit een back-up");
        results.push(check_result("secrets.key_file", what, Secrets::read_file(&key), remedy));
    } else if config.secrets.key_file.is_some() && !key.parent().is_some_and(Path::is_dir) {
        let text = (
            format!("key of stored secrets {}: its directory does not exist", key.display()),
            format!("sleutel van opgeslagen secrets {}: de map bestaat niet", key.display()),
        );
        results.push(CheckResult::bad("secrets.key_file", text, ("make the directory", "maak de map")));
    }
    if let Some(files) = &config.tls {
        let what = ("certificate and key of the listener", "certificaat en sleutel van de gateway");
        let remedy =
            ("name PEM files that belong together in [tls]", "noem in [tls] PEM-bestanden die bij elkaar horen");
        results.push(check_result("tls", what, Certificate::load(files), remedy));
    }
    if !config.egress.extra_ca.is_empty() || !config.egress.tls.is_empty() {
        let what = ("authorities and client certificates of [egress]", "uitgevers en clientcertificaten van [egress]");
        let remedy = ("correct the file in [egress]", "verbeter het bestand in [egress]");
        results.push(check_result("egress.tls", what, start::egress(config), remedy));
    }
    results.extend(portal::check(config));
    results.extend(portal::check_clients(config));
    results.extend(theme::check(config));
    #[cfg(feature = "console")]
    results.extend(theme::check_logo(config));
    results.extend(inbound_mail::check(config));
    results.extend(dkim::check(config));
    results.extend(texts::check(config));
    results.extend(feeds::check(config));
    results.extend(client_certificates::check(config, now));
    results.extend(certificates::check(config, now));
    for applicatie in &config.applicatie {
        let secrets = plain_secrets(applicatie);
        results.extend(secrets.as_ref().ok().and_then(|secrets| advise_on_secrets(&applicatie.client_id, secrets)));
        let id = &applicatie.client_id;
        let what = (format!("secrets of applicatie {id}"), format!("secrets van applicatie {id}"));
        let remedy = ("correct it in [[applicatie]]", "verbeter het in [[applicatie]]");
        results.push(check_result("applicatie", what, secrets, remedy));
    }
    if !config.schema.is_empty() {
        let number = config.schema.len();
        let what = (format!("schemas of payloads ({number})"), format!("schema’s van de inhoud ({number})"));
        let remedy = ("correct it in [[schema]]", "verbeter het in [[schema]]");
        results.push(check_result("schema", what, check_schemas(config), remedy));
    }
    if !config.subscription.is_empty() {
        let number = config.subscription.len();
        let what = (format!("subscriptions ({number})"), format!("abonnementen ({number})"));
        let declared = start::declared_subscriptions(config);
        let remedy = ("correct it in [[subscription]]", "verbeter het in [[subscription]]");
        results.push(check_result("subscription", what, declared, remedy));
    }
    results
}

/// Advice on secrets that are shorter than the digest of HS256 (RFC 7518 section 3.2).
fn advise_on_secrets(client_id: &str, secrets: &[Vec<u8>]) -> Option<CheckResult> {
    let bytes = secrets.iter().map(Vec::len).min().filter(|bytes| *bytes < GOOD_SECRET)?;
    let text = (
        format!("a secret of applicatie {client_id} has {bytes} bytes"),
        format!("een secret van applicatie {client_id} heeft {bytes} bytes"),
    );
    let remedy = (
        format!("make one of at least {GOOD_SECRET}, for example with openssl rand -base64 32"),
        format!("maak er een van minstens {GOOD_SECRET}, bijvoorbeeld met openssl rand -base64 32"),
    );
    Some(CheckResult::advice("applicatie.secret", text, remedy))
}

fn check_schemas(config: &Config) -> Result<(), DeclareError> {
    let schemas = declared_schemas(config)?;
    Ok(declared::check_schemas(&schemas).map_err(declared::DeclareError::from)?)
}

/// Whether the directory can be created and written. One that does not exist is not kept: `serve` creates it under its own
/// user.
fn check_data_directory(dir: &Path, situation: Situation) -> CheckResult {
    if situation == Situation::Stopped && is_locked(dir) {
        let text = (
            format!("data directory {} is in use: by this gateway already, or by another", dir.display()),
            format!("map met gegevens {} is in gebruik: al door deze gateway, of door een andere", dir.display()),
        );
        return CheckResult { severity: Severity::Advice, ..CheckResult::good("data", text) };
    }
    let made = !dir.exists();
    let probe = dir.join(".check");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe))
        .and_then(|()| if made { std::fs::remove_dir(dir) } else { Ok(()) });
    match written {
        Ok(()) => {
            let text = (
                format!("data directory {} can be written", dir.display()),
                format!("in de map met gegevens {} kan worden geschreven", dir.display()),
            );
            CheckResult::good("data", text)
        }
        Err(error) => CheckResult::bad(
            "data",
            (
                format!("data directory {} cannot be written: {error}", dir.display()),
                format!("in de map met gegevens {} kan niet worden geschreven", dir.display()),
            ),
            (
                "give the user of the gateway the right to write there, and room on the disk",
                "geef de gebruiker van de gateway daar schrijfrecht, en ruimte op de schijf",
            ),
        ),
    }
}

/// Whether a running gateway holds the lock of the storage in a directory.
fn is_locked(dir: &Path) -> bool {
    let lock = OpenOptions::new().write(true).open(dir.join("gateway.lock"));
    lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn check_address(item: &str, address: SocketAddr, situation: Situation) -> CheckResult {
    if situation == Situation::Running {
        let text = (format!("address {address} is served"), format!("de gateway luistert op adres {address}"));
        return CheckResult::good(item, text);
    }
    match TcpListener::bind(address) {
        Ok(_) => CheckResult::good(item, (format!("address {address} is free"), format!("adres {address} is vrij"))),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let text = (
                format!("address {address} is in use: by this gateway already, or by something else"),
                format!("adres {address} is in gebruik: al door deze gateway, of door iets anders"),
            );
            CheckResult { severity: Severity::Advice, ..CheckResult::good(item, text) }
        }
        Err(error) => {
            let text = (format!("address {address}: {error}"), format!("adres {address} is niet te gebruiken"));
            CheckResult::bad(item, text, ("choose an address of this machine", "kies een adres van deze machine"))
        }
    }
}

fn check_clock(now: Timestamp) -> CheckResult {
    if now < EARLIEST_PLAUSIBLE_TIME {
        let text = (format!("the clock says {now}"), format!("de klok wijst {now} aan"));
        CheckResult::bad("clock", text, ("set it", "zet de klok gelijk"))
    } else {
        CheckResult::good("clock", (format!("clock {now}"), format!("klok {now}")))
    }
}

/// The result for what is named by `what`, in English and Dutch.
fn check_result<T, E: std::fmt::Display>(
    item: &str,
    what: impl Into<InTwoLanguages>,
    result: Result<T, E>,
    remedy: (&str, &str),
) -> CheckResult {
    let what = what.into();
    match result {
        Ok(_) => CheckResult::good(item, what),
        Err(error) => {
            let text = (format!("{}: {error}", what.en), format!("{}: niet te gebruiken", what.nl));
            CheckResult::bad(item, text, remedy)
        }
    }
}
