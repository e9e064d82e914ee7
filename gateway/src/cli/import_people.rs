//! `gateway import notifybc` and `gateway import people`: show what an import of light subscriptions does, and with `--apply` do it.
//!
//! They open the storage of the configuration while the gateway with that directory is stopped. On Kafka other nodes may run: the
//! one that works for people stores what is imported then.

use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use model::{
    Clock, Random,
    clock::{SystemClock, SystemRandom},
};
use storage::{Audience, audience};

use super::{Failure, Settings, import::Import};
use crate::{
    cli::output::{errln, out, outln},
    import::people::{Fault, Format, Kanalen, load, people_report},
    people, start, stores,
};

/// How long the copy of a node may take to be filled, and a node to work for people after another was killed.
const READY: Duration = Duration::from_mins(10);
/// The time between two looks.
const RETRY: Duration = Duration::from_millis(500);
/// Faults that are shown; the others are counted.
const SHOWN: u64 = 200;

/// What to import.
#[derive(Debug, Args)]
pub struct ImportPeople {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The kanaal of a name in the file, where that differs; may be repeated.
    #[arg(long, value_name = "NAME=KANAAL", value_parser = renamed)]
    kanaal: Vec<(String, String)>,
    /// Do it, instead of only showing what would be done.
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    settings: Settings,
}

fn renamed(text: &str) -> Result<(String, String), &'static str> {
    let (from, to) = text.split_once('=').ok_or("write it as NAME=KANAAL")?;
    Ok((from.to_owned(), to.to_owned()))
}

/// Waits until the copy on this node is complete and, to store, until a node works for people.
async fn wait(audience: Option<&Arc<dyn Audience>>, stores: bool) -> Result<(), Failure> {
    let Some(audience) = audience else { return Ok(()) };
    let ready = async {
        loop {
            let ready = match audience.counts(None).await {
                // Nothing is recorded, by the node that would record it.
                Ok(_) if stores => audience.record(Vec::new()).await,
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            match ready {
                Err(audience::Error::Storage(storage::Error::Unavailable { .. })) => tokio::time::sleep(RETRY).await,
                ready => return ready,
            }
        }
    };
    let ready = tokio::time::timeout(READY, ready).await;
    ready.map_err(|_| "geen node werkt voor mensen: kijk of Kafka bereikbaar is, en herhaal dan deze opdracht")??;
    Ok(())
}

/// Imports people, or shows what it would do; the exit code is 1 when an item cannot be imported.
pub async fn run(import: Import) -> Result<ExitCode, Failure> {
    let (arguments, format) = match import {
        Import::Notifybc(arguments) => (arguments, Format::NotifyBc),
        Import::People(arguments) => (arguments, Format::Csv),
        Import::OpenNotificaties { .. } => return Ok(ExitCode::FAILURE),
    };
    let config = arguments.settings.load().map_err(|error| arguments.settings.describe_error(&error))?;
    if config.people.is_none() {
        return Err("voor mensen is [people] nodig".into());
    }
    let file = File::open(&arguments.file).map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let stores = stores::open(&config, &Arc::new(start::egress(&config)?), &clock, &random, None).await?;
    stores.control.catch_up().await?;
    if config.kafka.is_some() {
        wait(stores.audience.as_ref(), arguments.apply).await?;
    }
    let people = people::people(&config, stores.audience.as_ref(), &clock, &random)?;
    let people =
        people.ok_or("er is geen opslag van mensen; op Kafka heeft die een node met de rol deliver of beheer")?;
    let registry = stores.control.registry();
    let kanalen =
        Kanalen::new(registry.read().kanalen().map(|kanaal| &**kanaal), arguments.kanaal.into_iter().collect())
            .with_dialects(people.dialects().clone());
    let mut number = 0;
    let mut on_fault = |line: u64, Fault { member, rule }: Fault| {
        number += 1;
        if number <= SHOWN {
            let member = if member.is_empty() { String::new() } else { format!("{member} ") };
            outln!("regel {line}: {member}{rule}");
        }
    };
    let counts = load(&people, (BufReader::new(file), format), &kanalen, !arguments.apply, &mut on_fault).await?;
    if number > SHOWN {
        errln!("… en nog {} regels", number - SHOWN);
    }
    out!("{}", people_report(&counts, arguments.apply));
    if !arguments.apply {
        outln!("\nEr is niets veranderd. Voeg --apply toe om dit uit te voeren; de gateway mag dan niet draaien.");
    }
    Ok(if counts.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
