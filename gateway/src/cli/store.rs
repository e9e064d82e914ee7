//! `gateway backup`, `gateway restore`, `gateway compact` and `gateway verify`: commands on stored data. All but the last are
//! for the files of the embedded store. What they do is in `storage`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use storage::sqlite;

use super::{Failure, Settings, output::outln};
use crate::config::{self, Config};
#[cfg(feature = "kafka")]
use crate::stores;

/// Where a backup goes.
#[derive(Debug, Args)]
pub struct Backup {
    /// The directory of the backup; it is created, and must not hold a store.
    to: PathBuf,
    /// Also copies the key of stored secrets to this file. Keep it apart from the backup: together they open the secrets.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Where a backup comes from.
#[derive(Debug, Args)]
pub struct Restore {
    /// The directory of the backup.
    from: PathBuf,
    /// Also puts the key of stored secrets, from this file, where the configuration expects it.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Copies the store, also while the gateway runs, and verifies the copy. The exit code is 1 when the copy is not good.
pub fn backup(arguments: &Backup) -> Result<ExitCode, Failure> {
    let config = load(&arguments.settings)?;
    let bytes = sqlite::backup(&config.data, &arguments.to)?;
    outln!("{} copied to {}: {bytes} bytes", config.data.display(), arguments.to.display());
    let key = config.key_file();
    match &arguments.key {
        Some(to) => copy_key(&key, to)?,
        None => outln!("The key of stored secrets ({}) was not copied: keep a copy elsewhere", key.display()),
    }
    report(&arguments.to)
}

/// Verifies a backup and puts it in the data directory. The exit code is 1 when the backup is not good; nothing is changed
/// then.
pub fn restore(arguments: &Restore) -> Result<ExitCode, Failure> {
    let config = load(&arguments.settings)?;
    if report(&arguments.from)? == ExitCode::FAILURE {
        return Err("the backup is not good, so nothing was restored".into());
    }
    let bytes = sqlite::restore(&arguments.from, &config.data)?;
    outln!("{} restored to {}: {bytes} bytes", arguments.from.display(), config.data.display());
    let key = config.key_file();
    if let Some(from) = &arguments.key {
        copy_key(from, &key)?;
    } else if !key.exists() {
        outln!("Put the key of stored secrets at {} before the start: without it they cannot be read", key.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the files as small as what they hold, while no gateway runs on them.
pub fn compact(settings: &Settings) -> Result<ExitCode, Failure> {
    for sqlite::Compacted { file, before, after } in sqlite::compact(&load(settings)?.data)? {
        outln!("{}: {before} bytes before, {after} now", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Examines what is stored, also while gateways run. The exit code is 1 when something is wrong.
pub fn verify(settings: &Settings) -> Result<ExitCode, Failure> {
    let config = settings.load().map_err(|error| settings.describe_error(&error))?;
    match &config.kafka {
        None => report(&config.data),
        Some(own) => verify_topics(&config, own),
    }
}

#[cfg(feature = "kafka")]
fn verify_topics(config: &Config, own: &config::Kafka) -> Result<ExitCode, Failure> {
    use std::sync::Arc;

    use model::{
        Clock, Random,
        clock::{SystemClock, SystemRandom},
    };
    use storage::kafka::inspect::Severity;

    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(stores::verify_topics(config, own, &clock, &random))?;
    Ok(print(findings.into_iter().map(|finding| (finding.severity != Severity::Failure, finding.text))))
}

#[cfg(not(feature = "kafka"))]
fn verify_topics(_: &Config, _: &config::Kafka) -> Result<ExitCode, Failure> {
    Err("[kafka] is set, and this program was built without it".into())
}

fn load(settings: &Settings) -> Result<Config, Failure> {
    let config = settings.load().map_err(|error| settings.describe_error(&error))?;
    if config.kafka.is_some() {
        return Err(
            "[kafka] is set: this command is for the embedded store; see docs/kafka.md for backups of topics".into()
        );
    }
    Ok(config)
}

/// Copies a key to a new file that only its owner can read.
fn copy_key(from: &Path, to: &Path) -> Result<(), Failure> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};

    let failed = |path: &Path, error: std::io::Error| format!("key of stored secrets {}: {error}", path.display());
    let key = std::fs::read(from).map_err(|error| failed(from, error))?;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let written = file.and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_all()));
    written.map_err(|error| failed(to, error))?;
    outln!("Key of stored secrets copied to {}", to.display());
    Ok(())
}

/// Prints one line per finding.
fn report(dir: &Path) -> Result<ExitCode, Failure> {
    let findings = sqlite::verify(dir)?;
    Ok(print(findings.into_iter().map(|finding| (finding.good, finding.text))))
}

/// Prints findings, each with whether it is good; the exit code is 1 when one is not.
fn print(findings: impl Iterator<Item = (bool, String)>) -> ExitCode {
    let mut all_good = true;
    for (good, text) in findings {
        outln!("{} {text}", if good { "ok    " } else { "BAD   " });
        all_good &= good;
    }
    if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
