//! The harness of the Kafka adapter: topics of its own on the shared broker, and real time.
//!
//! Each suite opens the tested port on Kafka and the other ports on SQLite, so that a failure identifies the port.

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

/// The port that is on Kafka.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Port {
    Log,
    Control,
    Progress,
    Journal,
}

/// A store with a topic prefix of its own.
pub struct OnKafka {
    port: Port,
    options: Options,
    directory: TempDir,
    clock: Arc<SystemClock>,
}

impl OnKafka {
    /// New topics on the shared broker.
    pub fn new(port: Port) -> Self {
        let broker = Broker::shared().expect("a broker");
        let clock = Arc::new(SystemClock::default());
        let mut options = Options::new(broker.address(), clock.clone(), Arc::new(SystemRandom));
        options.prefix = format!("t{}", SystemRandom.uuid().simple());
        (options.partitions, options.replication, options.min_insync_replicas) = (3, 1, 1);
        options.shards = 2;
        options.node = String::from("node-1");
        // So long that a node keeps its shards and its transactions when the machine is busy.
        (options.deadline, options.session_timeout) = (Duration::from_mins(1), Duration::from_secs(45));
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { port, options, directory, clock }
    }
}

#[async_trait]
impl Harness for OnKafka {
    async fn open(&mut self) -> Store {
        let embedded =
            Embedded::open(self.directory.path(), sqlite::Options::new(self.clock.clone())).expect("SQLite opens");
        self.options.index = Some(self.directory.path().join("index"));
        let kafka = Kafka::new(self.options.clone()).expect("the options are right");
        let mut store = Store {
            log: embedded.log,
            audit: embedded.control.clone(),
            control: embedded.control,
            progress: embedded.progress,
            journal: embedded.journal,
        };
        match self.port {
            Port::Log => store.log = Arc::new(kafka.log().await.expect("the log opens")),
            Port::Control => {
                let control = Arc::new(kafka.control().await.expect("control opens"));
                (store.audit, store.control) = (control.clone(), control);
            }
            Port::Journal => store.journal = Arc::new(kafka.journal().await.expect("the journal opens")),
            Port::Progress => store.progress = Arc::new(kafka.progress().await.expect("progress opens")),
        }
        store
    }

    async fn close(&mut self, store: Store) {
        drop(store);
    }

    async fn advance(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
