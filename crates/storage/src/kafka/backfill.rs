//! Fills topics with the records of another installation, before any node works on them. Only a migration needs this.
//!
//! Records keep the timestamps at which they were appended elsewhere. A marker in a topic of its own names the source
//! and states whether all its records are present. The marker is written in transactions, so that the later of two
//! migrations to the same topics fences the earlier one. Events are not: a transaction marker has the time of its
//! writing, and a search by timestamp would find the markers first. So a failed call may have appended some of its
//! records; the caller reads the log to find out which.

use std::{sync::Arc, time::Duration};

use model::{KanaalName, Timestamp};
use rdkafka::{Offset, error::KafkaError};
use tokio::runtime::Handle;

use super::{
    Kafka, KafkaLog, Options,
    admin::{self, Admin, Kind},
    consumer_pool::ConsumerPool,
    control, failure, journal, people, progress,
    reporting_producer::ProducerRecord,
    topics::Topics,
    transaction::TransactionalProducer,
};
pub use crate::encoding::backfill::BackfillMarker;
use crate::{Error, encoding, log::Record};

/// The name of the marker's topic and of its transactional id, after the prefix.
const NAME: &str = "migration";
/// The record key of the marker.
const KEY: &[u8] = b"note";
/// The time-out of a transaction that writes the marker.
const TRANSACTION_TIMEOUT: Duration = Duration::from_mins(1);

/// Appends records with timestamps of their own; made by [`Kafka::backfill`].
pub struct BackfillWriter {
    topics: Topics,
    admin: Arc<Admin>,
    log: KafkaLog,
    partitions: u32,
    producer: Arc<TransactionalProducer>,
}

impl std::fmt::Debug for BackfillWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackfillWriter").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl Kafka {
    /// The marker of a migration to these topics; `None` if there was none. While it is not complete, only the
    /// migration may work on the topics.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away; `NewerVersion` or `Corrupt` when the marker cannot be read.
    pub async fn backfill_marker(&self) -> Result<Option<BackfillMarker>, Error> {
        let topic = self.topics.internal(NAME);
        if self.admin.find(topic.clone()).await?.is_none() {
            return Ok(None);
        }
        let pool = ConsumerPool::new(Arc::clone(&self.options));
        let read = move || {
            let mut marker = None;
            pool.read_to_end(&topic, 0, 0, |stored| {
                let body = stored.record.value.unwrap_or_default();
                marker = Some(encoding::backfill::from_body(&String::from_utf8_lossy(&body))?);
                Ok(())
            })?;
            Ok(marker)
        };
        tokio::task::spawn_blocking(read).await.map_err(failure::join)?
    }

    /// A topic of the gateway that holds or held records; `None` if all are empty or missing.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away.
    pub async fn in_use(&self) -> Result<Option<String>, Error> {
        let own = control::TOPICS.into_iter().chain(journal::TOPICS).chain([progress::TOPIC]);
        let own = own.map(|(name, _)| name).chain([people::TOPIC]);
        let own: Vec<String> = own.map(|name| self.topics.internal(name)).collect();
        let mut topic_partitions = Vec::new();
        for topic in self.admin.topics().await? {
            if own.contains(&topic) || self.topics.kanaal_of(&topic).is_some() {
                let partitions = self.admin.find(topic.clone()).await?.unwrap_or(0);
                topic_partitions.extend(admin::topic_partitions(&topic, partitions));
            }
        }
        let ends = self.admin.offsets(topic_partitions.clone(), Offset::End).await?;
        let used = topic_partitions.into_iter().zip(ends).find(|(_, end)| end.is_some_and(|end| end > 0));
        Ok(used.map(|((topic, _), _)| topic))
    }

    /// Starts or continues a migration to these topics, and fences any earlier one. Call inside a tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away; `Corrupt` when the settings of the marker's topic break a guarantee.
    pub async fn backfill(&self) -> Result<BackfillWriter, Error> {
        self.admin.ensure(&self.topics.internal(NAME), Kind::State, 1).await?;
        let options = Options { session_timeout: TRANSACTION_TIMEOUT, ..Options::clone(&self.options) };
        let (id, runtime) = (self.topics.internal(NAME), Handle::current());
        let make = move || TransactionalProducer::new(&options, &id, runtime);
        let producer = tokio::task::spawn_blocking(make).await.map_err(failure::join)??;
        Ok(BackfillWriter {
            topics: self.topics.clone(),
            admin: Arc::clone(&self.admin),
            log: KafkaLog::new(self)?,
            partitions: self.options.partitions,
            producer: Arc::new(producer),
        })
    }
}

impl BackfillWriter {
    /// Writes the marker; it is durable on return.
    ///
    /// # Errors
    /// `Fenced` when another process has started a migration, `Unavailable` when the brokers are away.
    pub async fn write_marker(&self, marker: &BackfillMarker) -> Result<(), Error> {
        let value = Some(encoding::backfill::to_body(marker)?.into());
        let record = ProducerRecord { partition: Some(0), key: KEY.into(), value, ..ProducerRecord::default() };
        let record = (self.topics.internal(NAME).into(), record);
        let producer = Arc::clone(&self.producer);
        let write = move || {
            let failed = |error: KafkaError| failure::kafka("the marker was not written", &error);
            producer.begin().map_err(failed)?;
            let written = producer.send(vec![record]).and_then(|_| producer.commit_without_offsets());
            written.map_err(|error| {
                // If the transaction cannot be aborted now, the next migration aborts it.
                drop(producer.abort());
                if producer.is_fenced() { Error::Fenced } else { failed(error) }
            })
        };
        tokio::task::spawn_blocking(write).await.map_err(failure::join)?
    }

    /// Prepares the topic of a kanaal: creates it, or changes its timestamp type to `CreateTime`.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away or refuse, `Corrupt` when the topic's settings break a guarantee.
    pub async fn open(&self, kanaal: &KanaalName) -> Result<(), Error> {
        let topic = self.topics.kanaal(kanaal);
        match self.admin.find(topic.clone()).await? {
            None => self.admin.ensure(&topic, Kind::Backfill, self.partitions).await.map(drop),
            Some(_) => self.admin.set_timestamp_type(&topic, Kind::Backfill).await,
        }
    }

    /// Reads the topics that are being filled.
    pub fn log(&self) -> &KafkaLog {
        &self.log
    }

    /// Appends records to a kanaal that was opened. Their timestamps must not decrease and are kept in milliseconds.
    /// Records with equal keys go to one partition, in order. A failed call may have appended some of them.
    ///
    /// # Errors
    /// `TooLarge` and `Corrupt` for a record that Kafka does not accept, `Unavailable` when the brokers are away.
    pub async fn append(&self, kanaal: &KanaalName, records: Vec<(Timestamp, Record)>) -> Result<(), Error> {
        self.log.append_with_timestamps(kanaal, records).await
    }

    /// Ends the migration of a kanaal: further records get the time of their appending.
    ///
    /// # Errors
    /// As [`BackfillWriter::open`].
    pub async fn close(&self, kanaal: &KanaalName) -> Result<(), Error> {
        self.admin.set_timestamp_type(&self.topics.kanaal(kanaal), Kind::Kanaal).await
    }
}
