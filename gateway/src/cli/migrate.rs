//! `gateway migrate`: shows the plan for migrating the embedded file to Apache Kafka, and with `--apply` executes it.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use model::{
    Clock, Random,
    clock::{SystemClock, SystemRandom},
};
use secrets::Secrets;

use super::Failure;
use crate::cli::output::{errln, out, outln};
use crate::{
    config::{self, Config},
    migrate::{self, MigrateError, Source, State, Target},
    start::{self, StartError},
    stores,
};

/// The minimal deadline of Kafka operations: no client waits for a response here.
const MIN_DEADLINE: Duration = Duration::from_secs(30);

/// The arguments: source, target and configuration.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The data directory of the embedded gateway; it must not run.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Where the brokers are (host:port, separated by commas), instead of the configured ones.
    #[arg(long, value_name = "BROKERS")]
    to: Option<String>,
    /// The configuration of the nodes on Kafka, with [kafka] and secrets.key_file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Do it, instead of only showing what would be done.
    #[arg(long)]
    apply: bool,
}

/// Migrates, or shows the plan. Exit codes: 0 done, or possible; 1 refused, and nothing was changed; 3 interrupted, to be
/// repeated; 4 source and target differ.
pub fn run(arguments: &Migrate) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let Err(error) = runtime.block_on(migrate(arguments)) else { return Ok(ExitCode::SUCCESS) };
    errln!("gateway: {error}");
    Ok(ExitCode::from(match error {
        MigrateError::Refused(_) => 1,
        MigrateError::Interrupted(_) => 3,
        MigrateError::Differs(_) => 4,
    }))
}

async fn migrate(arguments: &Migrate) -> Result<(), MigrateError> {
    let (config, key) = configuration(arguments)?;
    let kafka = config.kafka.clone().unwrap_or_default();
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let source = Source::open(&arguments.from, &clock).await?;
    check_key(&source, arguments, &key)?;
    migrate::check_people(&source, &config).await?;
    let refused = |error: StartError| MigrateError::Refused(error.to_string());
    let egress = Arc::new(start::egress(&config).map_err(refused)?);
    let target = stores::target(&config, &kafka, MIN_DEADLINE, &egress, &clock, &random).await;
    let target = Target { kafka: target.map_err(refused)? };
    let state = target.state(&source).await?;
    out!("{}", migrate::plan(&source, &arguments.from, state, &kafka));
    if state == State::Complete {
        outln!("\nDeze bron is al verhuisd; er is niets meer te doen.");
    } else if arguments.apply {
        let summary = migrate::apply(&source, &target, &config, &|line| outln!("{line}")).await?;
        out!("{}", migrate::table(&summary));
    } else {
        outln!("\nEr is niets veranderd. Voeg --apply toe om dit uit te voeren; de gateway mag dan niet draaien.");
        return Ok(());
    }
    out!("{}", migrate::next_steps(&arguments.from, &key, &kafka));
    Ok(())
}

/// The configuration of the nodes on Kafka, and the key that they will have.
fn configuration(arguments: &Migrate) -> Result<(Config, PathBuf), MigrateError> {
    let refused = |error: &dyn std::fmt::Display| MigrateError::Refused(error.to_string());
    let mut config = config::load(arguments.config.as_deref()).map_err(|error| refused(&error))?;
    if let Some(brokers) = &arguments.to {
        brokers.clone_into(&mut config.kafka.get_or_insert_default().brokers);
    }
    if config.kafka.is_none() {
        return Err(refused(&"geef --to (de brokers), of --config met een [kafka]"));
    }
    let Some(key) = config.secrets.key_file.clone() else {
        return Err(MigrateError::Refused(format!(
            "secrets.key_file is niet ingesteld. De geheimen in {} zijn verzegeld met de sleutel van die gateway (secrets.key in \
             die map, of secrets.key_file uit zijn configuratie): zet dat bestand waar iedere node het leest en stel \
             secrets.key_file daarop in",
            arguments.from.display()
        )));
    };
    config.validate().map_err(|error| refused(&error))?;
    Ok((config, key))
}

fn check_key(source: &Source, arguments: &Migrate, key: &std::path::Path) -> Result<(), MigrateError> {
    let opened = Secrets::read_file(key).and_then(|secrets| source.check_key(&secrets));
    opened.map_err(|error| {
        MigrateError::Refused(match error {
            secrets::Error::UnknownKey(_) => format!(
                "secrets.key_file ({}) is niet de sleutel waarmee de geheimen in {} zijn verzegeld: gebruik hetzelfde bestand \
                 (secrets.key in die map, of secrets.key_file uit de configuratie van die gateway)",
                key.display(),
                arguments.from.display()
            ),
            error => error.to_string(),
        })
    })
}
