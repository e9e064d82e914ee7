//! `gateway audit list` and `gateway audit verify`: the audit trail; `gateway audit deliveries`: the accounts of deliveries. Of the
//! embedded store or of Kafka, also while the gateway runs. Nothing is changed.

mod deliveries;

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use management::audit::{AuditQuery, Line, Report};
use model::Timestamp;
use storage::{
    audit::{Trimming, Verifier},
    sqlite,
};

use super::{
    Failure, Settings,
    output::{outln, print_line},
};
use crate::config::{self, Config};

/// Lines of one read.
const CHUNK: usize = 1_000;

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prints entries as they are stored, JSON lines, oldest first.
    List(Box<List>),
    /// Checks the chains of hashes: finds lines that were changed, removed or moved. The exit code is 1 when something is wrong.
    Verify(Box<Verify>),
    /// Counts, for each subscription, what became of the stored events that it wants, and names those without an outcome. The exit
    /// code is 1 when there are any.
    Deliveries(Box<Settings>),
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    settings: Settings,
    /// Only at or after this moment (RFC 3339).
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    from: Option<Timestamp>,
    /// Only before this moment.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    until: Option<Timestamp>,
    /// Only of this actor: its id, or its kind when it has no id.
    #[arg(long)]
    actor: Option<String>,
    /// Only this action, or all that begin with this word.
    #[arg(long)]
    action: Option<String>,
    /// Only about the object with this name or id.
    #[arg(long)]
    object: Option<String>,
    /// Only with this result: accepted, rejected, refused or failed.
    #[arg(long)]
    result: Option<String>,
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    settings: Settings,
    /// The hash of a line that was noted before and must still be there.
    #[arg(long, value_name = "HASH")]
    contains: Option<String>,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "is not a moment such as 2026-11-30T12:00:00Z".to_owned())
}

pub fn run(audit: Audit) -> Result<ExitCode, Failure> {
    match audit {
        Audit::List(arguments) => list(*arguments),
        Audit::Verify(arguments) => verify(*arguments),
        Audit::Deliveries(settings) => deliveries::run(&settings),
    }
}

fn list(arguments: List) -> Result<ExitCode, Failure> {
    let query = AuditQuery {
        actor: arguments.actor,
        action: arguments.action,
        object: arguments.object,
        object_kind: None,
        result: arguments.result,
        from: arguments.from,
        until: arguments.until,
    };
    read(&arguments.settings, |line| !query.matches(line) || print_line(format_args!("{}", line.text)))?;
    Ok(ExitCode::SUCCESS)
}

fn verify(arguments: Verify) -> Result<ExitCode, Failure> {
    let config = load(&arguments.settings)?;
    let trimming = if config.kafka.is_some() { Trimming::Brokers } else { Trimming::Recorded };
    let mut verifier = Verifier::new(trimming, arguments.contains);
    read(&arguments.settings, |line| {
        verifier.next(line);
        true
    })?;
    Ok(print(&verifier.finish()))
}

fn print(report: &Report) -> ExitCode {
    outln!("{} lines, {} of them before version 2 and in no chain", report.lines, report.unchained);
    for head in &report.heads {
        outln!("chain {}: newest line {}, hash {}", head.chain, head.seq, head.hash);
    }
    for problem in &report.problems {
        outln!("BAD    {problem}");
    }
    if report.problems.is_empty() {
        outln!("ok     every line follows the one before it");
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

fn load(settings: &Settings) -> Result<Config, Failure> {
    Ok(settings.load().map_err(|error| settings.describe_error(&error))?)
}

/// Passes every line on, oldest first, until `each` returns false.
fn read(settings: &Settings, each: impl FnMut(&Line) -> bool) -> Result<(), Failure> {
    let config = load(settings)?;
    match &config.kafka {
        None => read_embedded(&config.data, each),
        Some(own) => read_kafka(&config, own, each),
    }
}

fn read_embedded(data: &Path, mut each: impl FnMut(&Line) -> bool) -> Result<(), Failure> {
    let mut from = 0;
    loop {
        let batch = sqlite::read_lines(data, from, CHUNK)?;
        from = batch.next;
        if batch.lines.is_empty() || !batch.lines.iter().all(&mut each) {
            return Ok(());
        }
    }
}

#[cfg(feature = "kafka")]
fn read_kafka(config: &Config, own: &config::Kafka, mut each: impl FnMut(&Line) -> bool) -> Result<(), Failure> {
    use std::sync::Arc;

    use model::{
        Clock, Random,
        clock::{SystemClock, SystemRandom},
    };
    use storage::AuditLog;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let log = crate::stores::audit(config, own, &clock, &random).await?;
        let mut from = 0;
        loop {
            let batch = log.oldest(from, CHUNK).await?;
            from = batch.next;
            if batch.lines.is_empty() || !batch.lines.iter().all(&mut each) {
                return Ok(());
            }
        }
    })
}

#[cfg(not(feature = "kafka"))]
fn read_kafka(_: &Config, _: &config::Kafka, _: impl FnMut(&Line) -> bool) -> Result<(), Failure> {
    Err("[kafka] is set, and this program was built without it".into())
}
