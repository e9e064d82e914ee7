//! The harness of the embedded adapter: a directory of its own, and a clock that the test advances.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{Clock, Timestamp, clock::ManualClock};
use storage::{
    sqlite::{Embedded, Options},
    suite::{Harness, Store},
};
use tempfile::TempDir;

/// A store in a temporary directory.
pub struct InDirectory {
    directory: TempDir,
    clock: Arc<ManualClock>,
    tail_bytes: usize,
}

impl InDirectory {
    /// A new directory; `tail_bytes` as in the options.
    pub fn new(tail_bytes: usize) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { directory, clock: Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000))), tail_bytes }
    }
}

#[async_trait]
impl Harness for InDirectory {
    async fn open(&mut self) -> Store {
        let mut options = Options::new(self.clock.clone());
        options.tail_bytes = self.tail_bytes;
        options.deadline = Duration::from_mins(1);
        options.node = String::from("node-1");
        let embedded = Embedded::open(self.directory.path(), options).expect("the store opens");
        Store {
            log: embedded.log,
            audit: embedded.control.clone(),
            control: embedded.control,
            progress: embedded.progress,
            journal: embedded.journal,
        }
    }

    async fn close(&mut self, store: Store) {
        drop(store);
    }

    async fn advance(&mut self, time: Duration) {
        self.clock.advance(time);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
