//! `gateway check`: everything that would keep `serve` from starting, and what a production gateway should not have.

mod kafka;

use std::{
    fs::{OpenOptions, TryLockError},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
};

use model::{Clock, Timestamp, clock::SystemClock};

use super::Settings;
use crate::{
    app,
    config::{Config, Severity, Verdict},
    secrets::Secrets,
    server::tls::Certificate,
    tasks::{declare::plain_secrets, declare_schemas::schemas},
};

/// A clock before this moment was never set (2025-01-01).
const PLAUSIBLE: Timestamp = Timestamp::from_seconds(1_735_689_600);

/// Prints one line per thing looked at; fails when one of them is bad.
pub fn run(settings: &Settings) -> ExitCode {
    let verdicts = match settings.load() {
        Err(error) => vec![bad(format!("configuration {}", settings.said(&error)))],
        Ok(config) => {
            let mut verdicts = vec![good(format!("configuration {}", settings.file().display()))];
            verdicts.extend(look(&config));
            verdicts.extend(config.advice());
            verdicts
        }
    };
    for verdict in &verdicts {
        let mark = match verdict.severity {
            Severity::Good => "ok    ",
            Severity::Advice => "advice",
            Severity::Bad => "BAD   ",
        };
        println!("{mark}  {}", verdict.text);
    }
    let failed = verdicts.iter().any(|verdict| verdict.severity == Severity::Bad);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn look(config: &Config) -> Vec<Verdict> {
    let addresses = std::iter::once(config.listen).chain(config.operations.listen);
    let mut verdicts = vec![data(&config.data)];
    verdicts.extend(addresses.map(address));
    verdicts.push(clock(SystemClock::default().now()));
    if let Some(own) = &config.kafka {
        verdicts.extend(kafka::look(config, own));
    }
    let key = config.secrets.key_file.clone().unwrap_or_else(|| config.data.join("secrets.key"));
    // Nodes on Kafka share the key, so none of them makes it.
    if key.exists() || config.kafka.is_some() {
        verdicts.push(outcome(&format!("key of stored secrets {}", key.display()), Secrets::read_file(&key)));
    } else if config.secrets.key_file.is_some() && !key.parent().is_some_and(Path::is_dir) {
        verdicts.push(bad(format!("key of stored secrets {}: its directory does not exist", key.display())));
    }
    if let Some(files) = &config.tls {
        verdicts.push(outcome("certificate and key of the listener", Certificate::load(files)));
    }
    if !config.egress.extra_ca.is_empty() || !config.egress.tls.is_empty() {
        verdicts.push(outcome("authorities and client certificates of [egress]", app::egress(config)));
    }
    for applicatie in &config.applicatie {
        verdicts.push(outcome(&format!("secrets of applicatie {}", applicatie.client_id), plain_secrets(applicatie)));
    }
    if !config.schema.is_empty() {
        let text = format!("schemas of payloads ({})", config.schema.len());
        verdicts.push(outcome(&text, schemas(config, SystemClock::default().now())));
    }
    if !config.subscription.is_empty() {
        let text = format!("subscriptions ({})", config.subscription.len());
        verdicts.push(outcome(&text, app::declared_subscriptions(config)));
    }
    verdicts
}

/// Whether it can be made and written; a directory that is not there yet is left for `serve` to make, under its user.
fn data(dir: &Path) -> Verdict {
    if is_held(dir) {
        return Verdict {
            severity: Severity::Advice,
            text: format!("data directory {} is in use: by this gateway already, or by another", dir.display()),
        };
    }
    let made = !dir.exists();
    let probe = dir.join(".check");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe))
        .and_then(|()| if made { std::fs::remove_dir(dir) } else { Ok(()) });
    match written {
        Ok(()) => good(format!("data directory {} can be written", dir.display())),
        Err(error) => bad(format!("data directory {} cannot be written: {error}", dir.display())),
    }
}

/// Whether a gateway holds the lock of the storage in a directory.
fn is_held(dir: &Path) -> bool {
    let lock = OpenOptions::new().write(true).open(dir.join("gateway.lock"));
    lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn address(address: SocketAddr) -> Verdict {
    match TcpListener::bind(address) {
        Ok(_) => good(format!("address {address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Verdict {
            severity: Severity::Advice,
            text: format!("address {address} is in use: by this gateway already, or by something else"),
        },
        Err(error) => bad(format!("address {address}: {error}")),
    }
}

fn clock(now: Timestamp) -> Verdict {
    if now < PLAUSIBLE { bad(format!("the clock says {now}; set it")) } else { good(format!("clock {now}")) }
}

fn outcome<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> Verdict {
    match result {
        Ok(_) => good(what.to_owned()),
        Err(error) => bad(format!("{what}: {error}")),
    }
}

fn good(text: String) -> Verdict {
    Verdict { severity: Severity::Good, text }
}

fn bad(text: String) -> Verdict {
    Verdict { severity: Severity::Bad, text }
}
