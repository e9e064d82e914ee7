//! Runs: deliveries that an owner asked for beside the live stream, with progress of their own.
//!
//! A run bypasses the duplicates window and order; its outcomes are kept per (event, subscription, run).

pub use crate::id::RunId;
use crate::{
    Timestamp,
    id::{KanaalName, SubscriptionId},
    position::{Mark, Partition, Position},
};

/// Deliveries asked for beside the live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The id of the run.
    pub id: RunId,
    /// The subscription that gets the events.
    pub subscription: SubscriptionId,
    /// The events that it delivers again.
    pub what: RunSelection,
    /// The `client_id` that requested it.
    pub asked_by: String,
    /// When it was requested.
    pub created: Timestamp,
}

/// Which events a run delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunSelection {
    /// Every event in these ranges that the subscription's selection wants now.
    Replay(Vec<Range>),
    /// Exactly these records, whether the selection wants them or not (redrive, redelivery).
    Records(Vec<(KanaalName, Partition, Position)>),
}

/// Part of one partition: from the mark `from` up to but not including `until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// Its partition.
    pub partition: Partition,
    /// The mark of the first record.
    pub from: Mark,
    /// The mark behind the last record.
    pub until: Mark,
}

/// What kind of run it is, without its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// Ranges of the past ([`RunSelection::Replay`]).
    Replay,
    /// Chosen records ([`RunSelection::Records`]).
    Records,
}

impl RunSelection {
    /// The kind of the run.
    pub const fn kind(&self) -> RunKind {
        match self {
            Self::Replay(_) => RunKind::Replay,
            Self::Records(_) => RunKind::Records,
        }
    }

    /// How many records the run reads. A replay also reads those that the selection of its subscription does not want.
    pub fn records(&self) -> u64 {
        match self {
            Self::Replay(ranges) => {
                ranges.iter().map(|range| range.until.0.saturating_sub(range.from.0)).fold(0, u64::saturating_add)
            }
            Self::Records(records) => records.len() as u64,
        }
    }
}
