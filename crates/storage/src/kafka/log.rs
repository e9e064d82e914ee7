//! EventLog on topics `<prefix>.kanaal.<naam>`.
//!
//! One idempotent producer appends with `acks=all`; offsets are positions. The records of one call are not a
//! transaction: a failed call may have appended some of them, like any produce request whose response is lost; the
//! deduplication window catches the publisher's retry. A transaction would cost 10 ms per batch and would block all
//! readers of a kanaal if a node died inside one. Readers see only committed records, so transactions of other
//! producers are respected.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, Timestamp};
use rdkafka::Offset;
use tokio::sync::watch;

use super::{
    Kafka, Options,
    admin::{self, Admin, Kind, TopicPartition},
    consumer_pool::ConsumerPool,
    idempotent_producer::IdempotentProducer,
    metrics,
    monitor::{Monitor, Notice, Phase},
    record,
    reporting_producer::ProducerRecord,
    tail::{Tail, Tails},
    topics::Topics,
    version_latch::VersionLatch,
};
use crate::{
    Error, EventLog,
    log::{Batch, Limit, Point, Record},
};

/// How long a read waits at most for a record that was announced and has not reached memory yet.
const ARRIVAL_TIMEOUT: Duration = Duration::from_millis(100);

/// The port EventLog on Kafka.
#[derive(Debug)]
pub struct KafkaLog {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    latch: Arc<VersionLatch>,
    producer: IdempotentProducer,
    pool: Arc<ConsumerPool>,
    tails: Arc<Tails>,
    monitor: Arc<Monitor>,
}

impl KafkaLog {
    /// Connects and checks the settings of the existing topics.
    pub(super) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, .. } = kafka;
        for topic in admin.topics().await? {
            if topics.kanaal_of(&topic).is_some() {
                admin.ensure(&topic, Kind::Kanaal, options.partitions).await?;
            }
        }
        let log = Self::new(kafka)?;
        let (tails, pool) = (Arc::downgrade(&log.tails), Arc::downgrade(&log.pool));
        log.monitor.listen(Phase::Caches, move |notice| match notice {
            Notice::Ends(ends) => tails.upgrade().into_iter().for_each(|tails| tails.share_ends(ends)),
            Notice::BeganAnew(topic, _) => {
                pool.upgrade().into_iter().for_each(|pool| pool.forget(topic));
                tails.upgrade().into_iter().for_each(|tails| tails.begin_anew(topic));
            }
            Notice::Remade(_) => {}
        });
        log.monitor.logs_opened();
        log.monitor.start();
        Ok(log)
    }

    /// As [`KafkaLog::open`], without checking the topics.
    pub(super) fn new(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, latch, monitor } = kafka.clone();
        Ok(Self {
            producer: IdempotentProducer::new(Arc::clone(&options))?,
            pool: Arc::new(ConsumerPool::new(Arc::clone(&options))),
            tails: Arc::new(Tails::start(&options, Arc::clone(&admin))?),
            options,
            topics,
            admin,
            latch,
            monitor,
        })
    }

    /// The topic of a kanaal, if this partition of it exists.
    async fn find(&self, kanaal: &KanaalName, partition: Partition) -> Result<Option<TopicPartition>, Error> {
        let topic = self.topics.kanaal(kanaal);
        let partitions = self.admin.find(topic.clone()).await?;
        Ok(partitions.is_some_and(|partitions| partition.0 < partitions).then_some((topic, partition)))
    }

    /// All partitions of a kanaal that exist.
    async fn topic_partitions(&self, kanaal: &KanaalName) -> Result<Vec<TopicPartition>, Error> {
        let topic = self.topics.kanaal(kanaal);
        let partitions = self.admin.find(topic.clone()).await?.unwrap_or(0);
        Ok(admin::topic_partitions(&topic, partitions))
    }

    /// The oldest offset and the end of a partition. Shares the end with watchers: a transaction marker moves it
    /// without a record that would reach them.
    async fn watermarks(&self, topic_partition: &TopicPartition) -> Result<(u64, u64), Error> {
        let (low, high) = self.admin.watermarks(topic_partition).await?;
        let Some(tail) = self.tails.find(topic_partition) else { return Ok((low, high)) };
        Ok((low, tail.advance_end(high)))
    }

    /// The ends of partitions, in the order given.
    async fn ends(&self, topic_partitions: Vec<TopicPartition>) -> Result<Vec<u64>, Error> {
        let ends = self.admin.offsets(topic_partitions.clone(), Offset::End).await?;
        let known = |(end, topic_partition): (Option<u64>, &TopicPartition)| {
            let (end, tail) = (end.unwrap_or(0), self.tails.find(topic_partition));
            tail.map_or(end, |tail| tail.advance_end(end))
        };
        Ok(ends.into_iter().zip(&topic_partitions).map(known).collect())
    }

    /// The offsets of the first records at or after a timestamp; the ends of partitions that have none.
    ///
    /// The ends are asked before the timestamp is searched: a record that is appended in between lies behind them, so it is
    /// neither passed over nor trimmed.
    async fn since(&self, topic_partitions: Vec<TopicPartition>, time: Timestamp) -> Result<Vec<u64>, Error> {
        let ends = self.ends(topic_partitions.clone()).await?;
        let millis = (time + Duration::from_micros(999)).as_millis();
        let found = self.admin.offsets(topic_partitions, Offset::Offset(millis.max(0))).await?;
        Ok(found.into_iter().zip(ends).map(|(found, end)| found.unwrap_or(end)).collect())
    }

    async fn read_near_end(&self, tail: &Tail, from: u64, limit: Limit) -> Option<Batch> {
        if !tail.is_live() {
            return None;
        }
        if from >= tail.end() {
            return Some(Batch { records: Vec::new(), next: Mark(from), oldest: Mark(tail.low()) });
        }
        if tail.read(from, limit).is_none() {
            tail.wait_for(from, ARRIVAL_TIMEOUT).await;
        }
        let (records, next) = tail.read(from, limit)?;
        Some(Batch { records, next: Mark(next), oldest: Mark(tail.low()) })
    }

    fn prepare(
        &self,
        kanaal: &KanaalName,
        record: Record,
        timestamp_ms: Option<i64>,
    ) -> Result<(Arc<str>, ProducerRecord), Error> {
        let headers = Some(record::headers(&record, self.options.record_bytes)?);
        let Record { key, value, .. } = record;
        Ok((self.topics.kanaal(kanaal).into(), ProducerRecord { partition: None, key, value, headers, timestamp_ms }))
    }

    /// Appends records of one kanaal with their own timestamps. The topic must exist and have `CreateTime`.
    pub(super) async fn append_with_timestamps(
        &self,
        kanaal: &KanaalName,
        records: Vec<(Timestamp, Record)>,
    ) -> Result<(), Error> {
        let prepare =
            |(timestamp_ms, record): (Timestamp, Record)| self.prepare(kanaal, record, Some(timestamp_ms.as_millis()));
        self.append_all(records.into_iter().map(prepare).collect::<Result<_, Error>>()?).await
    }

    /// Appends records and waits for the acknowledgement of all.
    async fn append_all(&self, records: Vec<(Arc<str>, ProducerRecord)>) -> Result<(), Error> {
        let topics: Vec<Arc<str>> = records.iter().map(|(topic, _)| Arc::clone(topic)).collect();
        let appended = self.producer.append(records).await;
        let topic_partitions = match appended {
            Ok(topic_partitions) => topic_partitions,
            Err(Error::TooLarge { bytes, .. }) => return Err(self.too_large(&topics, bytes).await),
            Err(error) => {
                for topic in &topics {
                    self.admin.forget(topic);
                }
                return Err(error);
            }
        };
        for (topic, (partition, end)) in topics.iter().zip(topic_partitions) {
            self.tails.find_or_create(topic, Partition(partition as u32)).advance_end(end);
        }
        Ok(())
    }

    /// The error for a record of this size, with the smallest limit of these topics.
    async fn too_large(&self, topics: &[Arc<str>], bytes: usize) -> Error {
        let mut limit = bytes.saturating_sub(1);
        for topic in topics.iter().collect::<HashSet<_>>() {
            let settings = self.admin.settings(topic).await;
            let allowed = settings
                .ok()
                .and_then(Result::ok)
                .and_then(|settings| settings.get("max.message.bytes")?.value.as_ref()?.parse::<usize>().ok());
            limit = limit.min(allowed.unwrap_or(limit));
        }
        tracing::warn!(bytes, limit, "a topic refuses a record as too large: its max.message.bytes was lowered");
        Error::TooLarge { bytes, limit }
    }

    async fn delete_before(&self, topic_partition: &TopicPartition, offset: u64) -> Result<(), Error> {
        self.admin.delete_before(topic_partition, offset).await?;
        if let Some(tail) = self.tails.find(topic_partition) {
            tail.trimmed(offset);
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for KafkaLog {
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), Error> {
        self.latch.check()?;
        let mut prepared = Vec::with_capacity(records.len());
        for (kanaal, record) in records {
            prepared.push(self.prepare(&kanaal, record, None)?);
        }
        for (topic, _) in &prepared {
            self.admin.ensure(topic, Kind::Kanaal, self.options.partitions).await?;
        }
        let started = self.options.clock.now();
        let appended = self.append_all(prepared).await;
        ::metrics::histogram!(metrics::APPEND_SECONDS).record(self.options.clock.now().since(started).as_secs_f64());
        if appended.is_err() {
            ::metrics::counter!(metrics::APPENDS_FAILED).increment(1);
        }
        appended
    }

    /// Creates the topic, so that neither the first event nor its watchers wait for it.
    async fn partitions(&self, kanaal: &KanaalName) -> Result<u32, Error> {
        let topic = self.topics.kanaal(kanaal);
        match self.admin.ensure(&topic, Kind::Kanaal, self.options.partitions).await {
            Ok(partitions) => Ok(partitions),
            // Without the permission to create it, the topic appears when another node or an operator creates it.
            Err(Error::Unavailable { reason, .. }) => {
                tracing::warn!(reason, topic, "the topic of a kanaal does not exist yet");
                Ok(self.admin.find(topic).await.unwrap_or_default().unwrap_or(self.options.partitions))
            }
            Err(error) => Err(error),
        }
    }

    async fn read(&self, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Result<Batch, Error> {
        let Some(topic_partition) = self.find(kanaal, partition).await? else {
            return Ok(Batch { records: Vec::new(), next: from, oldest: Mark::BEGINNING });
        };
        if let Some(tail) = self.tails.find(&topic_partition)
            && let Some(batch) = self.read_near_end(&tail, from.0, limit).await
        {
            return Ok(batch);
        }
        let (low, high) = self.watermarks(&topic_partition).await?;
        let start = from.0.max(low);
        if start >= high {
            return Ok(Batch { records: Vec::new(), next: Mark(start), oldest: Mark(low) });
        }
        let (records, next) = self.pool.read(topic_partition.0, partition.0 as i32, (start, high), limit).await?;
        Ok(Batch { records, next: Mark(next), oldest: Mark(low) })
    }

    async fn marks(&self, partitions: &[(KanaalName, Partition)], point: Point) -> Result<Vec<Mark>, Error> {
        let mut existing = Vec::with_capacity(partitions.len());
        for (kanaal, partition) in partitions {
            existing.push(self.find(kanaal, *partition).await?);
        }
        let topic_partitions = existing.iter().flatten().cloned().collect();
        let offsets = match point {
            Point::End => self.ends(topic_partitions).await?,
            Point::Since(time) => self.since(topic_partitions, time).await?,
        };
        let mut offsets = offsets.into_iter();
        Ok(existing
            .iter()
            .map(|topic_partition| topic_partition.as_ref().and_then(|_| offsets.next()).map_or(Mark::BEGINNING, Mark))
            .collect())
    }

    /// The initial value is what this node knows; the end that other nodes have reached follows within moments.
    fn watch(&self, kanaal: &KanaalName, partition: Partition) -> watch::Receiver<Mark> {
        self.tails.watch(&self.topics.kanaal(kanaal), partition).subscribe()
    }

    fn extensions(&self) -> watch::Receiver<u64> {
        self.admin.extensions()
    }

    fn remarks(&self) -> Vec<String> {
        self.monitor.remarks()
    }

    /// Counts offsets, so transaction markers of other producers are counted too.
    async fn trim(&self, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error> {
        let topic_partitions = self.topic_partitions(kanaal).await?;
        let lows = self.admin.offsets(topic_partitions.clone(), Offset::Beginning).await?;
        let since = self.since(topic_partitions.clone(), before).await?;
        let mut removed = 0;
        for (topic_partition, (low, since)) in topic_partitions.iter().zip(lows.into_iter().zip(since)) {
            let low = low.unwrap_or(0);
            let until = since.min(low + (max - removed) as u64);
            if until > low {
                self.delete_before(topic_partition, until).await?;
                removed += (until - low) as usize;
            }
        }
        Ok(removed)
    }

    /// The topic remains, empty, so that marks stay valid when the kanaal is created again.
    async fn purge(&self, kanaal: &KanaalName) -> Result<(), Error> {
        for topic_partition in self.topic_partitions(kanaal).await? {
            let (low, high) = self.watermarks(&topic_partition).await?;
            if high > low {
                self.delete_before(&topic_partition, high).await?;
            }
        }
        Ok(())
    }
}
