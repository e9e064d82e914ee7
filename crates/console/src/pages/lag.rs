//! Partitions with how far this node is behind, as tables show them. Not a page of its own.

use management::lag_trend::{Direction, PartitionLag};
use model::Timestamp;

use crate::{View, chart::Sparkline};

/// A partition in the table.
pub struct LagRow {
    /// The kanaal.
    pub kanaal: String,
    /// The number of the partition.
    pub partition: u32,
    /// Records that are not read.
    pub lag: u64,
    /// How it changed.
    pub change: Option<Change>,
    /// The line of the last hour and what it shows in words; `None` when nothing was behind.
    pub line: Option<(Sparkline, String)>,
}

/// How a lag changed.
pub struct Change {
    /// An arrow.
    pub sign: &'static str,
    /// The same in words, before the moment that it is compared with.
    pub words: &'static str,
    /// That moment.
    pub since: Timestamp,
}

/// The rows.
pub fn rows(view: &View, partitions: Vec<PartitionLag>) -> Vec<LagRow> {
    partitions.into_iter().map(|own| row(view, own)).collect()
}

fn row(view: &View, own: PartitionLag) -> LagRow {
    let text = &view.text.lag;
    let change = |(direction, since)| {
        let (sign, words) = match direction {
            Direction::Up => ("\u{2197}", text.up),
            Direction::Down => ("\u{2198}", text.down),
            Direction::Level => ("\u{2192}", text.level),
        };
        Change { sign, words, since }
    };
    let [least, most] = [own.samples.iter().min(), own.samples.iter().max()];
    let [least, most] = [least, most].map(|lag| view.number(lag.copied().unwrap_or_default()));
    LagRow {
        kanaal: own.kanaal.to_string(),
        partition: own.partition.0,
        lag: own.lag,
        change: own.change.map(change),
        line: Sparkline::new(&own.samples).map(|line| (line, (text.least_and_most)(&least, &most))),
    }
}
