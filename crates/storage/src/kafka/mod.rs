//! The adapter on Apache Kafka: all that lasts stands in topics that share a prefix; the brokers are the only server.
//!
//! Partitions, consumer groups, transactions and compaction do the distributed work; nothing of that kind is made here.
//! Clients are librdkafka's: they have threads of their own, and what blocks runs on blocking threads.

mod admin;
#[cfg(feature = "suite")]
pub mod broker;
mod client;
mod control;
mod cursor;
mod failure;
mod fitness;
mod groups;
pub mod inspect;
mod intake;
mod journal;
mod log;
pub mod metrics;
mod notes;
mod produce;
mod progress;
mod record;
mod tail;
mod tokens;
mod topics;
mod transact;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use model::{Clock, Random};

use self::{admin::Admin, fitness::Fitness, topics::Topics};
pub use self::{
    control::KafkaControl,
    intake::{Intake, Note},
    journal::KafkaJournal,
    log::KafkaLog,
    progress::KafkaProgress,
    tokens::{Token, Tokens},
};
use crate::Error;

/// How the adapter works; start from [`Options::new`].
#[derive(Clone)]
pub struct Options {
    /// Tells how old a command is; must agree with the clocks of the brokers to within seconds.
    pub clock: Arc<dyn Clock>,
    /// Makes ids of commands.
    pub random: Arc<dyn Random>,
    /// Where the brokers are: `host:port`, separated by commas.
    pub brokers: String,
    /// What names of topics, groups and transactions start with: 1 to 39 ASCII letters, digits, `.` and `-`; default
    /// `gateway`.
    pub prefix: String,
    /// Properties for every client, as librdkafka names them (TLS, SASL, compression). Those that a promise rests on
    /// (`acks`, `enable.idempotence`, `isolation.level` and the like) are not changed by it.
    pub properties: Vec<(String, String)>,
    /// The access token of every client, for SASL OAUTHBEARER; default none.
    pub tokens: Option<Arc<Tokens>>,
    /// Partitions of the topic of a new kanaal, at least 1; default 3.
    pub partitions: u32,
    /// Replicas of a new topic, at least 1; default 3.
    pub replication: u16,
    /// Replicas that must have a record before it counts, at least 1; default 2.
    pub min_insync_replicas: u16,
    /// Shards of sinks, at least 1, fixed when the first node starts; default 8.
    pub shards: u32,
    /// How long a change waits for the brokers before it fails with `Unavailable`; default 5 s.
    pub deadline: Duration,
    /// After this long without a sign of life a node loses what it owns, and its open transactions are aborted;
    /// default 10 s.
    pub session_timeout: Duration,
    /// How long the engine has to finish with a shard that goes to another node; default 20 s.
    pub handover: Duration,
    /// Where this node keeps its index of the journal, rebuilt from the topics when it is missing; default none: then
    /// nothing is searchable here.
    pub index: Option<PathBuf>,
    /// Most journal entries that wait to be written; default 65,536. The oldest are dropped beyond it.
    pub journal_entries: usize,
    /// The largest record, in bytes of key, headers and value; default 4 MiB.
    pub record_bytes: usize,
    /// Bytes of newest records kept in memory over all watched partitions; default 16 MiB.
    pub tail_bytes: usize,
}

impl Options {
    /// The defaults, for these brokers.
    pub fn new(brokers: impl Into<String>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            clock,
            random,
            brokers: brokers.into(),
            prefix: "gateway".into(),
            properties: Vec::new(),
            tokens: None,
            partitions: 3,
            replication: 3,
            min_insync_replicas: 2,
            shards: 8,
            deadline: Duration::from_secs(5),
            session_timeout: Duration::from_secs(10),
            handover: Duration::from_secs(20),
            index: None,
            journal_entries: 65_536,
            record_bytes: 4 << 20,
            tail_bytes: 16 << 20,
        }
    }

    /// Whether clients have what they need to show who they are.
    fn authenticated(&self) -> Result<(), Error> {
        self.tokens.as_ref().map_or(Ok(()), |tokens| tokens.present())
    }

    /// The largest request: a record with room for what the protocol adds.
    fn request_bytes(&self) -> usize {
        self.record_bytes + (64 << 10)
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the properties: there may be passwords among them.
        f.debug_struct("Options").field("brokers", &self.brokers).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// What every port is made from.
#[derive(Debug, Clone)]
pub struct Kafka {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    fitness: Arc<Fitness>,
}

impl Kafka {
    /// Checks the options; connects when a port is opened.
    ///
    /// # Errors
    /// `Corrupt` when the prefix cannot start names of topics, `Unavailable` when librdkafka does not take the properties.
    pub fn new(options: Options) -> Result<Self, Error> {
        let topics = Topics::new(&options.prefix).ok_or_else(|| Error::Corrupt {
            kind: "prefix of topics",
            reason: format!("{:?} is not 1 to {} letters, digits, '.' and '-'", options.prefix, topics::MAX_PREFIX),
        })?;
        let options = Arc::new(options);
        Ok(Self { admin: Arc::new(Admin::new(Arc::clone(&options))?), options, topics, fitness: Arc::default() })
    }

    /// The logs of all kanalen.
    ///
    /// # Errors
    /// `Corrupt` with the remedy when the settings of a topic break a promise, `Unavailable` when the brokers are away.
    pub async fn log(&self) -> Result<KafkaLog, Error> {
        KafkaLog::open(self).await
    }

    /// Kanalen, subscriptions, applicaties and runs. Inside a tokio runtime; returns when control is folded.
    ///
    /// # Errors
    /// As [`Kafka::log`]; `NewerVersion` or `Corrupt` when a record of control cannot be read.
    pub async fn control(&self) -> Result<KafkaControl, Error> {
        KafkaControl::open(self).await
    }

    /// How far deliveries have come. Inside a tokio runtime; joins the group that shares the shards.
    ///
    /// # Errors
    /// As [`Kafka::log`].
    pub async fn progress(&self) -> Result<KafkaProgress, Error> {
        KafkaProgress::open(self, true).await
    }

    /// The same for a node that takes no shards: it only shows what others have stored.
    ///
    /// # Errors
    /// As [`Kafka::log`].
    pub async fn progress_of_others(&self) -> Result<KafkaProgress, Error> {
        KafkaProgress::open(self, false).await
    }

    /// What happened. Inside a tokio runtime; an index catches up in the background.
    ///
    /// # Errors
    /// As [`Kafka::log`]; `InUse`, `NewerVersion` or `Corrupt` when the index cannot be used.
    pub async fn journal(&self) -> Result<KafkaJournal, Error> {
        KafkaJournal::open(Arc::clone(&self.options), &self.topics, Arc::clone(&self.admin)).await
    }
}
