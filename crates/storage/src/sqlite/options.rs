//! Settings of the adapter.

use std::{sync::Arc, time::Duration};

use model::{Clock, Random, clock::SystemRandom};

use crate::journal::Observer;

/// Settings of the adapter; start from [`Options::new`].
#[derive(Clone)]
pub struct Options {
    /// Gives the timestamps of appended records.
    pub clock: Arc<dyn Clock>,
    /// Gives the id of this opening of the store.
    pub random: Arc<dyn Random>,
    /// The name of this node in the audit trail; default empty.
    pub node: String,
    /// How long a change waits in the writer's queue before it fails with `Unavailable`; default 5 s.
    pub deadline: Duration,
    /// Most changes in the writer's queue; default 8,192.
    pub queue_changes: usize,
    /// Most bytes of changes in the writer's queue, and so the largest single change; default 64 MiB.
    pub queue_bytes: usize,
    /// Most bytes of recent records kept in memory over all kanalen, so that recent events are read without SQL;
    /// default 16 MiB.
    pub tail_bytes: usize,
    /// Most journal entries that wait to be written; default 65,536. Beyond it the oldest are dropped.
    pub journal_entries: usize,
    /// Sees the entries of the journal once they are searchable; default none.
    pub observer: Option<Arc<dyn Observer>>,
    /// Whether the directory has the logs of kanalen; default true. False for the index of the journal on Kafka, whose
    /// positions are those of topics.
    pub holds_log: bool,
    /// Runs at the start of every transaction on `gateway.sqlite`, to simulate a slow, full or broken disk in tests.
    #[cfg(feature = "suite")]
    pub fault: Option<Fault>,
}

/// A fault to inject, see [`Options::fault`].
#[cfg(feature = "suite")]
pub type Fault = Arc<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send + Sync>;

impl Options {
    /// The defaults, with this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            random: Arc::new(SystemRandom),
            node: String::new(),
            deadline: Duration::from_secs(5),
            queue_changes: 8_192,
            queue_bytes: 64 << 20,
            tail_bytes: 16 << 20,
            journal_entries: 65_536,
            observer: None,
            holds_log: true,
            #[cfg(feature = "suite")]
            fault: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
