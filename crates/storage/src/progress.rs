//! Port Progress: the progress of deliveries, stored per shard of sinks by fenced checkpoints.
//!
//! One node at a time owns a shard. The entries are small: marks, unsettled deliveries and the pace of sinks, but never
//! an event.

use std::time::Duration;

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};

use crate::Error;

/// The key of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The position of the shard's shared reader in a partition.
    Reader(KanaalName, Partition),
    /// The position of a subscription in a partition, if it differs from that of the shared reader.
    Subscription(SubscriptionId, KanaalName, Partition),
    /// A delivery that was read and is not settled.
    Unsettled(DeliveryKey),
    /// State shared by all deliveries to one sink; the text is the sink's URL.
    Sink(String),
    /// The position of a run in a partition.
    Run(RunId, KanaalName, Partition),
}

/// The value of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Everything before this mark is settled, or has an `Unsettled` entry.
    At(Mark),
    /// The position is that of the shared reader.
    Level,
    /// The state of an unsettled delivery.
    Unsettled {
        /// Attempts that consumed a retry.
        attempts: u32,
        /// The earliest time of the next attempt.
        not_before: Timestamp,
    },
    /// The pace of a sink.
    Sink {
        /// No request starts before this time, as requested with `Retry-After`.
        not_before: Option<Timestamp>,
        /// When the sink started to fail without a success since.
        outage_since: Option<Timestamp>,
        /// When the rate limit allows the next request (the theoretical arrival time of GCRA).
        next_allowed: Option<Timestamp>,
    },
}

/// A change: a new value, or `None` to remove the entry.
pub type Entry = (Key, Option<Value>);

/// The number of a shard, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub u32);

/// A change of this node's ownership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// This node owns the shard from now on; with all its entries.
    Gained(Shard, Vec<(Key, Value)>),
    /// The shard is to be given up within this duration: finish what is in flight, write a last checkpoint, then call
    /// `release`.
    Losing(Shard, Duration),
    /// The shard was lost without warning: stop immediately; its checkpoints are refused.
    Lost(Shard),
}

/// A node that takes shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id in the store; another one after each start.
    pub id: String,
    /// Its address as the store sees it.
    pub host: String,
    /// The shards that it owns, ascending.
    pub shards: Vec<Shard>,
}

/// The port: fenced checkpoints per shard.
#[async_trait]
pub trait Progress: Send + Sync {
    /// The number of shards; fixed for an installation.
    fn shards(&self) -> u32;

    /// Why shards are delivered by no node; `None` when each has an owner, or is moving to one.
    fn unowned(&self) -> Option<String> {
        None
    }

    /// The nodes that take shards; `None` when the store is of one node alone.
    ///
    /// # Errors
    /// When the store cannot be asked now.
    async fn members(&self) -> Result<Option<Vec<Member>>, Error> {
        Ok(None)
    }

    /// Waits for the next change of ownership. The embedded adapter gains its one shard immediately and then waits
    /// forever.
    async fn ownership(&self) -> Result<Ownership, Error>;

    /// Stores changes of one shard durably, all or none, in the order given.
    ///
    /// # Errors
    /// `Fenced` when this node no longer owns the shard.
    async fn checkpoint(&self, shard: Shard, entries: Vec<Entry>) -> Result<(), Error>;

    /// The stored entries of a shard, whichever node owns it.
    async fn stored(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error>;

    /// Gives up a shard after its last checkpoint. Without a preceding `Losing` this node gives up all its shards to
    /// other nodes.
    async fn release(&self, shard: Shard) -> Result<(), Error>;
}
