//! The harness of the adapter on Kafka: topics of its own on the shared broker, time that really passes.
//!
//! Each suite opens its own port on Kafka and the other ports on SQLite, so that a failure points at one of them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{
    Clock, Random, Timestamp,
    clock::{SystemClock, SystemRandom},
};
use storage::{
    kafka::{Kafka, Options, broker::Broker},
    sqlite::{self, Embedded},
    suite::{Harness, Store},
};
use tempfile::TempDir;

/// A store with a prefix of its own.
pub struct OnKafka {
    options: Options,
    directory: TempDir,
    clock: Arc<SystemClock>,
}

impl OnKafka {
    /// New topics, on the shared broker.
    pub fn new() -> Self {
        let broker = Broker::shared().expect("a broker");
        let mut options = Options::new(broker.address());
        options.prefix = format!("t{}", SystemRandom.uuid().simple());
        (options.partitions, options.replication, options.min_insync_replicas) = (3, 1, 1);
        options.deadline = Duration::from_secs(30);
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { options, directory, clock: Arc::new(SystemClock::default()) }
    }
}

#[async_trait]
impl Harness for OnKafka {
    async fn open(&mut self) -> Store {
        let embedded =
            Embedded::open(self.directory.path(), sqlite::Options::new(self.clock.clone())).expect("SQLite opens");
        let kafka = Kafka::new(self.options.clone()).expect("the options are right");
        Store {
            log: Arc::new(kafka.log().await.expect("the log opens")),
            control: embedded.control,
            progress: embedded.progress,
            journal: embedded.journal,
        }
    }

    async fn close(&mut self, store: Store) {
        drop(store);
    }

    async fn pass(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
