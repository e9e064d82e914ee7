//! The audit trail on the topic `audit`: one partition, to which the processor writes in its transactions, and every node
//! the entries that belong to no command.
//!
//! A writer begins a chain when it starts, and again when it does not know whether its last lines were stored. The brokers
//! remove lines beyond the retention of the topic. Lines are found by reading backwards: queries are rare.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{Partition, Timestamp, audit::Entry};
use rdkafka::Offset;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::KafkaControl;
use crate::{
    Error,
    audit::{AuditLog, Batch, Before, Line, StoredLine, Trimming},
    encoding::audit::{Chain, log},
    kafka::{
        Kafka, Options,
        admin::{Admin, TopicPartition},
        consumer_pool::ConsumerPool,
        failure,
        idempotent_producer::IdempotentProducer,
        reporting_producer::ProducerRecord,
    },
    log::{Limit, Stored},
};

/// Offsets that are read first to find the newest line; transaction markers have offsets too.
const WINDOW: u64 = 200;
/// Most offsets of one step backwards.
const MAX_WINDOW: u64 = 10_000;
/// Most bytes of one read.
const READ_BYTES: usize = 16 << 20;
/// How far moments of entries and of their storage may differ.
const MAX_LATENESS: Duration = Duration::from_mins(1);

/// The port AuditLog on Kafka, without the other ports.
pub struct KafkaAudit {
    options: Arc<Options>,
    topic: String,
    admin: Arc<Admin>,
    pool: Arc<ConsumerPool>,
    producer: Arc<IdempotentProducer>,
    /// The chain of this node; `None` until it writes, and when it is not known whether the last lines were stored.
    chain: Mutex<Option<Chain>>,
}

impl KafkaAudit {
    /// Opens the trail alone, for commands that read it. The topic must exist.
    pub(in crate::kafka) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, .. } = kafka.clone();
        let topic = topics.internal("audit");
        if admin.find(topic.clone()).await?.is_none() {
            return Err(failure::unavailable(format!("there is no topic {topic}")));
        }
        let pool = Arc::new(ConsumerPool::new(Arc::clone(&options)));
        let producer = Arc::new(IdempotentProducer::new(Arc::clone(&options))?);
        Ok(Self::new(&options, topic, admin, pool, producer))
    }

    pub(in crate::kafka) fn new(
        options: &Arc<Options>,
        topic: String,
        admin: Arc<Admin>,
        pool: Arc<ConsumerPool>,
        producer: Arc<IdempotentProducer>,
    ) -> Self {
        Self { options: Arc::clone(options), topic, admin, pool, producer, chain: Mutex::new(None) }
    }

    fn partition(&self) -> TopicPartition {
        (self.topic.clone(), Partition(0))
    }

    async fn begin(&self) -> Result<Chain, Error> {
        let (admin, pool, topic) = (Arc::clone(&self.admin), Arc::clone(&self.pool), self.topic.clone());
        let id = self.options.random.uuid();
        tokio::task::spawn_blocking(move || new_chain(id, &admin, &pool, &topic)).await.map_err(failure::join)?
    }

    async fn write(&self, entries: &[Entry]) -> Result<(), Error> {
        let mut own = self.chain.lock().await;
        // Taken out, so that it is gone when this fails or its caller gives up.
        let mut chain = match own.take() {
            Some(chain) => chain,
            None => self.begin().await?,
        };
        let lines = entries.iter().map(|entry| chain.seal(entry)).collect::<Result<Vec<_>, _>>()?;
        let topic: Arc<str> = self.topic.as_str().into();
        let record = |line: &String| {
            let value = Some(line.clone().into_bytes().into());
            let key = self.options.random.uuid().as_bytes().to_vec().into();
            (Arc::clone(&topic), ProducerRecord { partition: Some(0), key, value, ..ProducerRecord::default() })
        };
        self.producer.append(lines.iter().map(record).collect()).await?;
        *own = Some(chain);
        for line in &lines {
            log(line);
        }
        Ok(())
    }

    /// The lines of these offsets, oldest first.
    async fn range(&self, mut from: u64, until: u64) -> Result<Vec<StoredLine>, Error> {
        let mut lines = Vec::new();
        let limit = Limit { records: usize::MAX, bytes: READ_BYTES };
        while from < until {
            let (records, next) = self.pool.read(self.topic.clone(), 0, (from, until), limit).await?;
            // A read may go beyond the end when other lines were added meanwhile.
            lines.extend(records.into_iter().filter(|stored| stored.position.0 < until).map(stored_line));
            from = next;
        }
        Ok(lines)
    }
}

fn stored_line(stored: Stored) -> StoredLine {
    let text = stored.record.value.map(|value| String::from_utf8_lossy(&value).into_owned());
    StoredLine { place: stored.position.0, text: text.unwrap_or_default() }
}

fn line_of(stored: Stored) -> Line {
    stored_line(stored).read()
}

/// A chain behind the newest line of the topic. Blocks.
pub(super) fn new_chain(id: Uuid, admin: &Admin, pool: &ConsumerPool, topic: &str) -> Result<Chain, Error> {
    let partition = [(topic.to_owned(), Partition(0))];
    let watermarks = admin.watermarks_blocking(&partition);
    let watermarks = watermarks.map_err(|error| failure::kafka("cannot fetch offsets", &error))?;
    let (low, high) = watermarks.first().copied().unwrap_or_default();
    let (mut window, mut newest) = (WINDOW, None);
    loop {
        let from = high.saturating_sub(window).max(low);
        if high > low {
            pool.read_to_end(topic, 0, from, |stored| {
                let line = line_of(stored);
                newest = line.record.link.is_some().then_some(line.text).or_else(|| newest.take());
                Ok(())
            })?;
        }
        // Many offsets without a line of a chain are those of aborted transactions or of earlier versions.
        if newest.is_some() || from == low || window >= MAX_WINDOW {
            return Ok(Chain::new(id, newest.as_deref()));
        }
        window = MAX_WINDOW;
    }
}

impl std::fmt::Debug for KafkaAudit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaAudit").field("topic", &self.topic).finish_non_exhaustive()
    }
}

#[async_trait]
impl AuditLog for KafkaAudit {
    fn node(&self) -> &str {
        &self.options.node
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<(), Error> {
        self.write(&entries).await
    }

    async fn newest(&self, before: Before, limit: usize) -> Result<Vec<Line>, Error> {
        Ok(self.newest_stored(before, limit).await?.into_iter().map(StoredLine::read).collect())
    }

    async fn newest_stored(&self, before: Before, limit: usize) -> Result<Vec<StoredLine>, Error> {
        let partition = self.partition();
        let (low, high) = self.admin.watermarks(&partition).await?;
        let mut end = before.place.map_or(high, |place| place.min(high));
        if let Some(time) = before.time {
            let at = Offset::Offset((time + MAX_LATENESS).as_millis());
            let found = self.admin.offsets(vec![partition], at).await?;
            end = found.first().copied().flatten().map_or(end, |offset| offset.min(end));
        }
        let (mut lines, mut window) = (Vec::new(), WINDOW.max(2 * limit as u64).min(MAX_WINDOW));
        while end > low && lines.len() < limit {
            let from = end.saturating_sub(window).max(low);
            let mut found = self.range(from, end).await?;
            found.reverse();
            lines.extend(found);
            (end, window) = (from, (2 * window).min(MAX_WINDOW));
        }
        lines.truncate(limit);
        Ok(lines)
    }

    async fn oldest(&self, from: u64, limit: usize) -> Result<Batch, Error> {
        let (low, high) = self.admin.watermarks(&self.partition()).await?;
        let mut from = from.max(low);
        let limit = Limit { records: limit, bytes: READ_BYTES };
        while from < high {
            let (records, next) = self.pool.read(self.topic.clone(), 0, (from, high), limit).await?;
            if !records.is_empty() {
                return Ok(Batch { lines: records.into_iter().map(line_of).collect(), next });
            }
            from = next;
        }
        Ok(Batch { lines: Vec::new(), next: from })
    }

    async fn trim(&self, _: Timestamp, _: usize) -> Result<usize, Error> {
        Ok(0)
    }

    fn trimming(&self) -> Trimming {
        Trimming::Brokers
    }
}

#[async_trait]
impl AuditLog for KafkaControl {
    fn node(&self) -> &str {
        &self.shared.options.node
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<(), Error> {
        self.check_topics()?;
        self.trail.append(entries).await
    }

    async fn newest(&self, before: Before, limit: usize) -> Result<Vec<Line>, Error> {
        self.check_topics()?;
        self.trail.newest(before, limit).await
    }

    async fn newest_stored(&self, before: Before, limit: usize) -> Result<Vec<StoredLine>, Error> {
        self.check_topics()?;
        self.trail.newest_stored(before, limit).await
    }

    async fn oldest(&self, from: u64, limit: usize) -> Result<Batch, Error> {
        self.check_topics()?;
        self.trail.oldest(from, limit).await
    }

    async fn trim(&self, before: Timestamp, most: usize) -> Result<usize, Error> {
        self.trail.trim(before, most).await
    }

    fn trimming(&self) -> Trimming {
        self.trail.trimming()
    }
}
