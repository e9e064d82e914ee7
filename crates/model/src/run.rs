//! Runs: deliveries that an owner asked for beside the live stream, with progress of their own.
//!
//! A run bypasses the duplicates window and order; its outcomes are kept per (event, subscription, run).

use uuid::Uuid;

use crate::{KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp};

/// Identity of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub Uuid);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Deliveries asked for beside the live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Identity.
    pub id: RunId,
    /// For whom.
    pub subscription: SubscriptionId,
    /// Which events.
    pub what: RunSelection,
    /// Who asked (`client_id`).
    pub asked_by: String,
    /// When.
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
    /// The first record.
    pub from: Mark,
    /// Behind the last record.
    pub until: Mark,
}
