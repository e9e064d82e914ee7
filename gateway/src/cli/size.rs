//! `gateway size`: prints what a load needs, by the formula of `sizing`. It reads no configuration and asks no running gateway.

use std::process::ExitCode;

use clap::Args;
use sizing::{Load, Storage};

use super::Failure;
use crate::cli::output::outln;

/// The load, and the choices that its size depends on. Their ranges are those of [`Load`].
#[derive(Debug, Args)]
pub struct Size {
    /// Events a second in the busiest minutes.
    #[arg(long, value_name = "N")]
    events: u64,
    /// Subscriptions, each with a receiver of its own.
    #[arg(long, value_name = "N")]
    subscribers: u64,
    /// The size of an event as it is posted, in bytes.
    #[arg(long, value_name = "N")]
    bytes: u64,
    /// The share of all events that one subscription selects, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 100.0)]
    share: f64,
    /// On Apache Kafka instead of one embedded file.
    #[arg(long)]
    kafka: bool,
    /// Replicas of a topic.
    #[arg(long, value_name = "N", default_value_t = 3)]
    replicas: u64,
    /// For how long events are kept, in days.
    #[arg(long, value_name = "N", default_value_t = 30)]
    retention_days: u64,
    /// Events a second averaged over the retention, for disks; those of --events unless given.
    #[arg(long, value_name = "N")]
    average_events: Option<u64>,
    /// Cores of a node.
    #[arg(long, value_name = "N", default_value_t = 2)]
    node_cores: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Size {
    fn load(&self) -> Load {
        Load {
            storage: if self.kafka { Storage::Kafka } else { Storage::Embedded },
            events: self.events,
            average_events: self.average_events.unwrap_or(self.events),
            subscribers: self.subscribers,
            share_percent: self.share,
            bytes: self.bytes,
            retention_days: self.retention_days,
            replicas: self.replicas,
            node_cores: self.node_cores,
        }
    }
}

/// Prints it.
///
/// # Errors
/// A member of the load is out of its range.
pub fn run(arguments: &Size) -> Result<ExitCode, Failure> {
    let load = arguments.load();
    load.check()?;
    let sizing = sizing::size(&load);
    if arguments.json {
        outln!("{}", serde_json::to_string_pretty(&sizing)?);
    } else {
        outln!("{}", sizing::table(&sizing));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        size: Size,
    }

    fn parse(line: &str) -> Load {
        Line::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}")).size.load()
    }

    #[test]
    fn options_become_a_load_with_defaults() {
        let usual = parse("size --events 1000 --subscribers 5 --bytes 800");
        assert_eq!(usual, Load::new(Storage::Embedded, 1_000, 5, 800));
        let all = "size --events 1000 --subscribers 5 --bytes 800 --kafka --share 12.5 --replicas 1 --retention-days 7 \
                   --average-events 100 --node-cores 4";
        let expected = Load {
            storage: Storage::Kafka,
            share_percent: 12.5,
            replicas: 1,
            retention_days: 7,
            average_events: 100,
            node_cores: 4,
            ..usual
        };
        assert_eq!(parse(all), expected);
    }
}
