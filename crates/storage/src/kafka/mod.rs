//! The adapter on Apache Kafka: all stored data is in topics with a common prefix; there is no server besides the
//! brokers.
//!
//! Partitions, consumer groups, transactions and compaction do the distributed work; this module implements none of its
//! own. The clients are librdkafka's and have their own threads; blocking calls run on blocking threads.

mod admin;
mod backfill;
#[cfg(feature = "suite")]
pub mod broker;
mod brokers_down;
mod client;
mod cluster;
mod consumer_pool;
mod control;
mod failure;
mod idempotent_producer;
mod in_flight_batcher;
pub mod inspect;
mod journal;
mod log;
mod log_throttle;
pub mod metrics;
mod monitor;
mod options;
mod people;
mod progress;
mod record;
mod reporting_producer;
mod single_sender;
mod tail;
mod token;
mod topics;
mod transaction;
mod verify;
mod version_latch;

use std::{path::Path, sync::Arc};

use self::{admin::Admin, monitor::Monitor, topics::Topics, version_latch::VersionLatch};
pub use self::{
    backfill::{BackfillMarker, BackfillWriter},
    control::{KafkaAudit, KafkaControl},
    journal::KafkaJournal,
    log::KafkaLog,
    options::Options,
    people::{FilledPeople, KafkaPeople, PeoplePorts},
    progress::KafkaProgress,
    token::{SharedToken, Token},
    verify::DecodeEvent,
};
use crate::Error;

/// The settings, topic names and admin client from which the ports are opened.
#[derive(Debug, Clone)]
pub struct Kafka {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    latch: Arc<VersionLatch>,
    monitor: Arc<Monitor>,
}

impl Kafka {
    /// Checks the options. Connects only when a port is opened.
    ///
    /// # Errors
    /// `Corrupt` when the prefix is not valid in topic names, `Unavailable` when librdkafka refuses the properties.
    pub fn new(options: Options) -> Result<Self, Error> {
        let topics = Topics::new(&options.prefix).ok_or_else(|| Error::Corrupt {
            kind: "prefix of topics",
            reason: format!("{:?} is not 1 to {} letters, digits, '.' and '-'", options.prefix, topics::MAX_PREFIX),
        })?;
        let options = Arc::new(options);
        let admin = Arc::new(Admin::new(Arc::clone(&options))?);
        let monitor = Arc::new(Monitor::new(Arc::clone(&options), topics.clone(), Arc::clone(&admin)));
        Ok(Self { options, topics, admin, latch: Arc::default(), monitor })
    }

    /// Opens the logs of all kanalen.
    ///
    /// # Errors
    /// `Corrupt` with the remedy when the settings of a topic break a guarantee, `Unavailable` when the brokers are
    /// away.
    pub async fn log(&self) -> Result<KafkaLog, Error> {
        KafkaLog::open(self).await
    }

    /// Opens kanalen, subscriptions, applicaties and runs. Call inside a tokio runtime; returns when the registry is
    /// complete.
    ///
    /// # Errors
    /// As [`Kafka::log`]; `NewerVersion` or `Corrupt` when a record of control cannot be read.
    pub async fn control(&self) -> Result<KafkaControl, Error> {
        KafkaControl::open(self).await
    }

    /// Opens the audit trail alone, to read it. Call inside a tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` when its topic does not exist or the brokers are away.
    pub async fn audit(&self) -> Result<KafkaAudit, Error> {
        KafkaAudit::open(self).await
    }

    /// Opens the progress of deliveries and joins the group that assigns the shards. Call inside a tokio runtime.
    ///
    /// # Errors
    /// As [`Kafka::log`].
    pub async fn progress(&self) -> Result<KafkaProgress, Error> {
        KafkaProgress::open(self, true).await
    }

    /// Opens the progress of deliveries for a node that takes no shards: it only reads what other nodes have stored.
    ///
    /// # Errors
    /// As [`Kafka::log`].
    pub async fn progress_of_others(&self) -> Result<KafkaProgress, Error> {
        KafkaProgress::open(self, false).await
    }

    /// Opens the journal. Call inside a tokio runtime; an index catches up in the background.
    ///
    /// # Errors
    /// As [`Kafka::log`]; `InUse`, `NewerVersion` or `Corrupt` when the index cannot be used.
    pub async fn journal(&self) -> Result<KafkaJournal, Error> {
        KafkaJournal::open(self).await
    }

    /// Opens people, with this node's copy in a directory of its own, and joins the group that elects the node which works for
    /// them, if this node `works` for people. Call inside a tokio runtime; returns before the copy is complete.
    ///
    /// # Errors
    /// As [`Kafka::log`]; `InUse`, `NewerVersion` or `Corrupt` when the copy cannot be used.
    pub async fn people(&self, directory: &Path, works: bool) -> Result<KafkaPeople, Error> {
        KafkaPeople::open(self, directory, works).await
    }
}
