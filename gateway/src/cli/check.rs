//! `gateway check`: everything that would keep `serve` from starting, and what a production gateway should not have.

mod certificates;
mod client_certificates;
mod kafka;
mod portal;
mod privacy;
mod sinks;

use std::{
    fs::{OpenOptions, TryLockError},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
};

use management::declared;
use model::{Clock, Timestamp, clock::SystemClock};
use secrets::Secrets;

use super::Settings;
use crate::cli::output::outln;
use crate::{
    config::{CheckResult, Config, Severity},
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
            let text = format!("configuration {}", settings.describe_error(&error));
            vec![CheckResult { severity: Severity::Failure, ..CheckResult::good("configuration", text) }]
        }
        Ok(config) => {
            let now = SystemClock::default().now();
            let file = settings.file();
            let mut results = vec![CheckResult::good("configuration", format!("configuration {}", file.display()))];
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
    let addresses = [
        ("listen", Some(config.listen)),
        ("operations.listen", config.operations.listen),
        ("portaal.listen", config.portaal.as_ref().and_then(|portal| portal.listen)),
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
        let what = format!("key of stored secrets {}", key.display());
        results.push(check_result(
            "secrets.key_file",
            &what,
            Secrets::read_file(&key),
            "put back the file from a backup",
        ));
    } else if config.secrets.key_file.is_some() && !key.parent().is_some_and(Path::is_dir) {
        let text = format!("key of stored secrets {}: its directory does not exist", key.display());
        results.push(CheckResult::bad("secrets.key_file", text, "make the directory"));
    }
    if let Some(files) = &config.tls {
        let what = "certificate and key of the listener";
        results.push(check_result(
            "tls",
            what,
            Certificate::load(files),
            "name PEM files that belong together in [tls]",
        ));
    }
    if !config.egress.extra_ca.is_empty() || !config.egress.tls.is_empty() {
        let what = "authorities and client certificates of [egress]";
        results.push(check_result("egress.tls", what, start::egress(config), "correct the file in [egress]"));
    }
    results.extend(portal::check(config));
    results.extend(client_certificates::check(config, now));
    results.extend(certificates::check(config, now));
    for applicatie in &config.applicatie {
        let secrets = plain_secrets(applicatie);
        results.extend(secrets.as_ref().ok().and_then(|secrets| advise_on_secrets(&applicatie.client_id, secrets)));
        let what = format!("secrets of applicatie {}", applicatie.client_id);
        results.push(check_result("applicatie", &what, secrets, "correct it in [[applicatie]]"));
    }
    if !config.schema.is_empty() {
        let what = format!("schemas of payloads ({})", config.schema.len());
        results.push(check_result("schema", &what, check_schemas(config), "correct it in [[schema]]"));
    }
    if !config.subscription.is_empty() {
        let what = format!("subscriptions ({})", config.subscription.len());
        let declared = start::declared_subscriptions(config);
        results.push(check_result("subscription", &what, declared, "correct it in [[subscription]]"));
    }
    results
}

/// Advice on secrets that are shorter than the digest of HS256 (RFC 7518 section 3.2).
fn advise_on_secrets(client_id: &str, secrets: &[Vec<u8>]) -> Option<CheckResult> {
    let bytes = secrets.iter().map(Vec::len).min().filter(|bytes| *bytes < GOOD_SECRET)?;
    let text = format!("a secret of applicatie {client_id} has {bytes} bytes");
    let remedy = format!("make one of at least {GOOD_SECRET}, for example with openssl rand -base64 32");
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
        let text = format!("data directory {} is in use: by this gateway already, or by another", dir.display());
        return CheckResult { severity: Severity::Advice, ..CheckResult::good("data", text) };
    }
    let made = !dir.exists();
    let probe = dir.join(".check");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe))
        .and_then(|()| if made { std::fs::remove_dir(dir) } else { Ok(()) });
    match written {
        Ok(()) => CheckResult::good("data", format!("data directory {} can be written", dir.display())),
        Err(error) => CheckResult::bad(
            "data",
            format!("data directory {} cannot be written: {error}", dir.display()),
            "give the user of the gateway the right to write there, and room on the disk",
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
        return CheckResult::good(item, format!("address {address} is served"));
    }
    match TcpListener::bind(address) {
        Ok(_) => CheckResult::good(item, format!("address {address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let text = format!("address {address} is in use: by this gateway already, or by something else");
            CheckResult { severity: Severity::Advice, ..CheckResult::good(item, text) }
        }
        Err(error) => {
            CheckResult::bad(item, format!("address {address}: {error}"), "choose an address of this machine")
        }
    }
}

fn check_clock(now: Timestamp) -> CheckResult {
    if now < EARLIEST_PLAUSIBLE_TIME {
        CheckResult::bad("clock", format!("the clock says {now}"), "set it")
    } else {
        CheckResult::good("clock", format!("clock {now}"))
    }
}

fn check_result<T, E: std::fmt::Display>(item: &str, what: &str, result: Result<T, E>, remedy: &str) -> CheckResult {
    match result {
        Ok(_) => CheckResult::good(item, what),
        Err(error) => CheckResult::bad(item, format!("{what}: {error}"), remedy),
    }
}
