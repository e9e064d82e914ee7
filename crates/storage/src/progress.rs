//! Port Progress: how far deliveries have come, kept per shard of sinks by fenced checkpoints.
//!
//! A shard is owned by one node at a time. What is kept is small: marks, unsettled deliveries, pace of
//! sinks; never an event.

use std::time::Duration;

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};

use crate::Error;

/// What an entry of progress is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// How far the shard's shared reader of a partition has read.
    Reader(KanaalName, Partition),
    /// How far one subscription is in a partition, when it is not simply level with the shared reader.
    Subscription(SubscriptionId, KanaalName, Partition),
    /// A delivery that was read and is not settled.
    Unsettled(DeliveryKey),
    /// What all deliveries to one sink share; the text is the sink's URL.
    Sink(String),
    /// How far a run is in a partition.
    Run(RunId, KanaalName, Partition),
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Everything before this mark is settled or listed as unsettled.
    At(Mark),
    /// It is level: its mark is that of the shared reader.
    Level,
    /// Attempts made so far that count, and when the next may start.
    Unsettled {
        /// Attempts that consumed a retry.
        attempts: u32,
        /// Not before this moment.
        not_before: Timestamp,
    },
    /// Pace of a sink.
    Sink {
        /// Silence asked for by `Retry-After`: no request starts before this moment.
        not_before: Option<Timestamp>,
        /// Since when the sink has been failing.
        outage_since: Option<Timestamp>,
        /// When the rate allows the next request (the theoretical arrival time of GCRA).
        next_allowed: Option<Timestamp>,
    },
}

/// One change of progress: a new value, or `None` when the entry is no longer needed.
pub type Entry = (Key, Option<Value>);

/// The number of a shard, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub u32);

/// What happens to this node's ownership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// A shard is ours from now on; with all its entries.
    Gained(Shard, Vec<(Key, Value)>),
    /// A shard is to be given up: finish what is in flight, checkpoint, then call `release`.
    Losing(Shard, Duration),
    /// A shard was lost without warning: stop at once, its checkpoints are refused.
    Lost(Shard),
}

/// Fenced progress per shard.
#[async_trait]
pub trait Progress: Send + Sync {
    /// How many shards there are; fixed for an installation.
    fn shards(&self) -> u32;

    /// Waits for the next change of ownership. The embedded adapter gains its one shard at once and
    /// then waits for ever.
    async fn ownership(&self) -> Result<Ownership, Error>;

    /// Makes changes of one shard durable, all or none, in the order given. `Fenced` when this node no longer
    /// owns the shard.
    async fn checkpoint(&self, shard: Shard, entries: Vec<Entry>) -> Result<(), Error>;

    /// What the checkpoints of a shard hold now, whoever owns it.
    async fn stored(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error>;

    /// Gives a shard up after its last checkpoint; unasked, it goes to another node with all others of this one.
    async fn release(&self, shard: Shard) -> Result<(), Error>;
}
