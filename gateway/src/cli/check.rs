//! `gateway check`: everything that would keep `serve` from starting, and what a production gateway should not have.

use std::{net::TcpListener, path::Path, process::ExitCode};

use model::{Clock, Timestamp, clock::SystemClock};

use super::Settings;
use crate::{
    config::{Config, Severity, Verdict},
    secrets::Secrets,
    server::tls::Certificate,
    tasks::declare::plain_secrets,
};

/// A clock before this moment was never set (2025-01-01).
const PLAUSIBLE: Timestamp = Timestamp::from_seconds(1_735_689_600);

/// Prints one line per thing looked at; fails when one of them is bad.
pub fn run(settings: &Settings) -> ExitCode {
    let verdicts = match settings.load() {
        Err(error) => vec![bad(format!("configuration {}: {error}", settings.file().display()))],
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
    let mut verdicts = vec![data(&config.data), address(config), clock(SystemClock::default().now())];
    let key = config.secrets.key_file.clone().unwrap_or_else(|| config.data.join("secrets.key"));
    if key.exists() {
        verdicts.push(outcome(&format!("key of stored secrets {}", key.display()), Secrets::open_file(&key)));
    }
    if let Some(files) = &config.tls {
        verdicts.push(outcome("certificate and key of the listener", Certificate::load(files)));
    }
    for path in &config.egress.extra_ca {
        verdicts.push(outcome(&format!("extra authority {}", path.display()), std::fs::read(path)));
    }
    for applicatie in &config.applicatie {
        verdicts.push(outcome(&format!("applicatie {}", applicatie.client_id), plain_secrets(applicatie)));
    }
    verdicts
}

fn data(dir: &Path) -> Verdict {
    let probe = dir.join(".check");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe));
    outcome(&format!("data directory {} can be written", dir.display()), written)
}

fn address(config: &Config) -> Verdict {
    match TcpListener::bind(config.listen) {
        Ok(_) => good(format!("address {} is free", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Verdict {
            severity: Severity::Advice,
            text: format!("address {} is in use: by this gateway already, or by something else", config.listen),
        },
        Err(error) => bad(format!("address {}: {error}", config.listen)),
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
