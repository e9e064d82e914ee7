//! The nodes of the gateway: this one as it is, and of others what the storage knows.
//!
//! Not here: whether this node is ready ([`crate::readiness`]) and metrics.

mod list;

use std::time::Duration;

use async_trait::async_trait;
use model::{KanaalName, Partition, Timestamp};

/// What the process knows about itself. `gateway` implements it.
#[async_trait]
pub trait Facts: Send + Sync {
    /// The facts of today; may wait for a disk.
    async fn facts(&self) -> ProcessFacts;
}

/// Facts about a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessFacts {
    /// The name of the node (`audit.node`, else that of the machine) and the port of the listener.
    pub id: String,
    /// The roles in words.
    pub roles: Vec<&'static str>,
    /// The version of the program.
    pub version: &'static str,
    /// `embedded` or `kafka`.
    pub store: &'static str,
    /// When it started.
    pub started: Timestamp,
    /// Bytes that may still be written on the disk of the data directory, and its size.
    pub disk: Option<Disk>,
    /// Memory in use, in bytes.
    pub memory: Option<u64>,
}

/// The disk of the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that may still be written.
    pub free: u64,
    /// Its size, in bytes.
    pub size: u64,
}

/// This node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnNode {
    /// The process.
    pub facts: ProcessFacts,
    /// The shards that it delivers, ascending.
    pub shards: Vec<u32>,
    /// What waits in it.
    pub queues: Queues,
    /// The number of partitions that its shards read.
    pub partitions: usize,
    /// The partitions that are furthest behind, most first, with the records that are not read yet.
    pub slowest: Vec<(KanaalName, Partition, u64)>,
}

/// What waits in a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queues {
    /// Requests to sinks under way.
    pub in_flight: u64,
    /// Deliveries that were read and are not settled.
    pub unsettled: u64,
    /// The age of the oldest of these.
    pub oldest_unsettled: Option<Duration>,
    /// Records that are not read yet.
    pub unread: u64,
    /// How long progress has waited to be stored.
    pub checkpoint_age: Duration,
    /// Entries of the journal that were lost since the start.
    pub journal_lost: u64,
}

/// Another node that takes shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherNode {
    /// Its id in the group that assigns the shards; another one after each start.
    pub id: String,
    /// Its address as the brokers see it.
    pub host: String,
    /// The shards that it owns, ascending.
    pub shards: Vec<u32>,
}

/// The nodes that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    /// This node.
    pub own: OwnNode,
    /// Others.
    pub others: Vec<OtherNode>,
    /// Why there may be more nodes, or other ones; `None` when these are all.
    pub incomplete: Option<String>,
}
