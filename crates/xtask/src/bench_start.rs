//! `cargo xtask bench`: builds the gateway and this program for release, then hands over to the latter, so that both
//! sides of every comparison are optimised alike. Measures nothing itself.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::workspace::{Failure, Workspace, execute};

/// Where ratios are kept: of the embedded storage, and of Kafka.
const KEPT: (&str, &str) = ("docs/performance-embedded.json", "docs/performance-kafka.json");

#[derive(Args)]
pub struct Options {
    /// About two minutes instead of about ten; for a first look, not for a report
    #[arg(long)]
    quick: bool,
    /// On Apache Kafka, started from deploy/kafka/broker, instead of the embedded file
    #[arg(long)]
    kafka: bool,
    /// Only these parts: ingest, deliver, burst, latency, catch-up, memory, notificaties, overload; and only when named mailing, pages, scale
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// The program of another version: ingest and deliver are measured with both in turns, and their ratio is shown
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// How often ingest and deliver are measured; 3 by default
    #[arg(long, value_name = "NUMBER")]
    rounds: Option<usize>,
    /// Events on the log in scale; 1,000,000 by default
    #[arg(long, value_name = "NUMBER")]
    events: Option<u64>,
    /// Events that wait for the subscribers that come back in scale; 100,000 by default
    #[arg(long, value_name = "NUMBER")]
    backlog: Option<u64>,
    /// Also write all figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the ratios beside the kept ones, or those of an earlier run with --json, and warn about those that are lower beyond the spread
    #[arg(long, value_name = "FILE")]
    #[expect(clippy::option_option, reason = "clap reads an option whose value may be left out as this type")]
    compare: Option<Option<PathBuf>>,
    /// Keep the ratios of the measured parts, to compare later runs with: in docs/performance-embedded.json, or docs/performance-kafka.json
    #[arg(long)]
    keep: bool,
    /// Write a bar chart of the ratios of each part to this directory, as SVG
    #[arg(long, value_name = "DIRECTORY")]
    svg: Option<PathBuf>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    println!("Building for release; a first build takes some minutes.");
    // Two builds: one for both would mix their features, and measure a build that is never released.
    execute(workspace.cargo().args(["build", "--quiet", "--locked", "--release", "--package", "gateway"]))?;
    let features = ["--features", "bench"];
    execute(
        workspace.cargo().args(["build", "--quiet", "--locked", "--release", "--package", "xtask"]).args(features),
    )?;
    if options.only.iter().any(|name| name == "pages") {
        let example = ["--package", "storage", "--features", "sqlite", "--example", "fill_store"];
        execute(workspace.cargo().args(["build", "--quiet", "--locked", "--release"]).args(example))?;
    }
    let mut command = workspace.command(workspace.binary("release", "xtask"));
    command.arg("bench-run");
    if options.quick {
        command.arg("--quick");
    }
    if options.kafka {
        command.arg("--kafka");
    }
    for name in &options.only {
        command.args(["--only", name]);
    }
    if let Some(program) = &options.before {
        let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
        command.arg("--before").arg(program);
    }
    if let Some(rounds) = options.rounds {
        command.arg("--rounds").arg(rounds.to_string());
    }
    for (name, number) in [("--events", options.events), ("--backlog", options.backlog)] {
        if let Some(number) = number {
            command.arg(name).arg(number.to_string());
        }
    }
    let kept = workspace.path(if options.kafka { KEPT.1 } else { KEPT.0 });
    if options.keep {
        command.arg("--keep").arg(&kept);
    }
    if let Some(file) = &options.compare {
        command.arg("--compare").arg(absolute(file.as_ref().unwrap_or(&kept))?);
    }
    if let Some(file) = &options.json {
        command.arg("--json").arg(absolute(file)?);
    }
    if let Some(directory) = &options.svg {
        command.arg("--svg").arg(absolute(directory)?);
    }
    execute(&mut command)
}

fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("no current directory: {error}"))?;
    Ok(here.join(file))
}
