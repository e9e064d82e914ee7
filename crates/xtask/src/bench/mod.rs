//! The measurements of `cargo xtask bench`: the gateway beside the bare limit of the same machine, in turns, in one run.
//!
//! Reports figures and asserts nothing: absolute figures differ between machines, ratios hardly. One file per table.

mod burst;
mod catch_up;
pub mod client;
mod compare;
mod deliver;
mod event_times;
pub mod gateway;
mod ingest;
mod latency;
mod mailing;
mod memory;
pub mod messages;
mod notificaties;
mod overload;
mod pages;
pub mod process;
mod report;
mod scale;
mod statistics;
pub mod storage;
mod svg;
mod token;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use report::Table;
use storage::{Broker, Storage};

use crate::workspace::{Failure, Workspace};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Ingest,
    Deliver,
    Burst,
    Latency,
    CatchUp,
    Memory,
    Notificaties,
    Overload,
    Mailing,
    Pages,
    Scale,
}

impl Part {
    /// Whether it is measured by default: not the mailing, the pages and the scale, which take many minutes, and on Kafka not the parts
    /// that depend little on the storage.
    fn is_usual(self, storage: &Storage) -> bool {
        match self {
            Self::Mailing | Self::Pages | Self::Scale => false,
            Self::Burst | Self::Notificaties | Self::Overload => matches!(storage, Storage::Embedded),
            _ => true,
        }
    }
}

#[derive(Args)]
pub struct Options {
    #[arg(long)]
    quick: bool,
    #[arg(long)]
    only: Vec<Part>,
    #[arg(long)]
    json: Option<PathBuf>,
    #[arg(long)]
    compare: Option<PathBuf>,
    #[arg(long)]
    keep: Option<PathBuf>,
    #[arg(long)]
    kafka: bool,
    #[arg(long)]
    before: Option<PathBuf>,
    #[arg(long, default_value_t = ROUNDS)]
    rounds: usize,
    #[arg(long)]
    events: Option<u64>,
    #[arg(long)]
    backlog: Option<u64>,
    #[arg(long)]
    svg: Option<PathBuf>,
}

/// How often a figure is measured unless said otherwise; the compared servers take turns, so that other load on the machine affects all of them.
const ROUNDS: usize = 3;

/// The state that all measurements share.
pub struct Bench<'a> {
    workspace: &'a Workspace,
    /// Whether the run is a quick one.
    quick: bool,
    storage: Storage,
    /// The program of another version, which ingest and deliver are measured with in turns.
    before: Option<PathBuf>,
    /// How often ingest and deliver are measured, at least 1.
    rounds: usize,
    /// The number of events on the log in scale, and of those that wait for its subscribers, when they are given.
    events: Option<u64>,
    backlog: Option<u64>,
}

impl Bench<'_> {
    fn is_embedded(&self) -> bool {
        matches!(self.storage, Storage::Embedded)
    }

    /// One of two values: for the full run and for the quick one.
    fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    // One thread for the client: the machine is for what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let storage = if options.kafka { Storage::Kafka(Broker::start(workspace)?) } else { Storage::Embedded };
    let (before, rounds) = (options.before.clone(), options.rounds.max(1));
    let (events, backlog) = (options.events, options.backlog);
    let bench = Bench { workspace, quick: options.quick, storage, before, rounds, events, backlog };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, shared by the client, the sinks and what is measured; {}.", bench.storage.describe());
    let mut tables = Vec::new();
    for part in Part::value_variants() {
        let wanted = if options.only.is_empty() { part.is_usual(&bench.storage) } else { options.only.contains(part) };
        if !wanted {
            continue;
        }
        let table = runtime.block_on(async {
            match part {
                Part::Ingest => ingest::measure(&bench).await,
                Part::Deliver => deliver::measure(&bench).await,
                Part::Burst => burst::measure(&bench).await,
                Part::Latency => latency::measure(&bench).await,
                Part::CatchUp => catch_up::measure(&bench).await,
                Part::Memory => memory::measure(&bench).await,
                Part::Notificaties => notificaties::measure(&bench).await,
                Part::Overload => overload::measure(&bench).await,
                Part::Mailing => mailing::measure(&bench).await,
                Part::Pages => pages::measure(&bench).await,
                Part::Scale => scale::measure(&bench).await,
            }
        });
        match table {
            Ok(table) => {
                table.print();
                tables.push(table);
            }
            Err(reason) => {
                let name = part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
                return Err(format!("{name}: {reason}"));
            }
        }
    }
    if let Some(file) = &options.json {
        report::write(file, options.quick, options.kafka, &tables)?;
        println!("\nFigures written to {}", file.display());
    }
    if let Some(file) = &options.compare {
        compare::print(file, &tables)?;
    }
    if let Some(file) = &options.keep {
        compare::keep(file, &tables)?;
        println!("\nRatios written to {}", file.display());
    }
    if let Some(directory) = &options.svg {
        let charts = svg::write(directory, &tables)?;
        println!("\n{charts} charts written to {}", directory.display());
    }
    Ok(())
}

/// Adds a note to a table when not every request was accepted, with the reason.
fn note_refusals(table: &mut Table, name: &str, tally: &client::Tally) {
    if tally.refused > 0 {
        let reason = tally.first_refusal.as_deref().unwrap_or("no reason given");
        table.note(format!("{name}: {} refused, the first because: {reason:.200}", tally.refused));
    }
}
