//! Reads partitions from given offsets with a small pool of consumers that keep their positions.
//!
//! A read that continues where a pooled consumer stopped costs no seek; other reads use the consumer that was idle
//! longest. A consumer that stays idle drops what it prefetched. All reads block and run on blocking threads. The end
//! of the committed records is recognised by the client's end-of-partition event, since transaction markers have
//! offsets but no records.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer, error::KafkaError, types::RDKafkaErrorCode};
use tokio::sync::Semaphore;

use super::{
    Options,
    brokers_down::NotesBrokersDown,
    client::{self, AssignedConsumer, ReaderContext},
    failure, log_throttle, record,
};
use crate::{
    Error,
    codec::record_bytes,
    log::{Limit, Stored},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(100);
/// Most concurrent reads.
const MAX_READS: usize = 4;
/// Most consumers in the pool.
const MAX_IDLE: usize = 8;
/// How long an idle consumer keeps what it prefetched for a read that continues there.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// A consumer and its position.
struct PooledConsumer {
    consumer: AssignedConsumer,
    topic: String,
    partition: i32,
    next: u64,
    /// A record that was read but exceeded the limit of the previous read.
    read_ahead: Option<Stored>,
    /// No read has completed since the assignment.
    fresh: bool,
    /// The number of its last read.
    read_number: u64,
}

impl PooledConsumer {
    fn assign(&mut self, topic: &str, partition: i32, from: u64) -> Result<(), Error> {
        let mut list = TopicPartitionList::new();
        let offset = Offset::Offset(i64::try_from(from).unwrap_or(i64::MAX));
        let placed = list.add_partition_offset(topic, partition, offset).and_then(|()| self.consumer.assign(&list));
        placed.map_err(|error| failure::kafka("a partition cannot be read", &error))?;
        topic.clone_into(&mut self.topic);
        (self.partition, self.next, self.read_ahead, self.fresh) = (partition, from, None, true);
        Ok(())
    }

    /// Drops the assignment and everything prefetched.
    fn unassign(&mut self) {
        (self.topic, self.read_ahead) = (String::new(), None);
        if let Err(error) = self.consumer.unassign() {
            log_throttle::warn_throttled("an idle consumer cannot be unassigned", &error, "");
        }
        // The client discards stale messages in its queue when it is polled.
        drop(self.consumer.poll(Duration::ZERO));
    }

    /// The next record; `None` at the end of the committed records.
    fn next_record(&mut self, wait: Duration) -> Result<Option<Stored>, Error> {
        if let Some(read_ahead) = self.read_ahead.take() {
            return Ok(Some(read_ahead));
        }
        let mut left = wait;
        while left > Duration::ZERO {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let stored = record::from_message(&message);
                    self.next = stored.position.0 + 1;
                    return Ok(Some(stored));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(None),
                // The client recovers by itself.
                Some(Err(error)) if failure::is_transient(&error) => {}
                Some(Err(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::BadMessage) => {
                    return Err(Error::Corrupt { kind: "batch of records", reason: error.to_string() });
                }
                Some(Err(error)) => return Err(failure::kafka("a partition cannot be read", &error)),
                None => {}
            }
            left = left.saturating_sub(POLL);
        }
        Err(failure::unavailable("a partition was not read in time"))
    }

    /// Reads up to `until`, which must be committed, within a limit. Returns the records and the offset of the next
    /// read.
    fn read(&mut self, until: u64, limit: Limit, wait: Duration) -> Result<(Vec<Stored>, u64), Error> {
        let (mut records, mut bytes, mut next) = (Vec::new(), 0, self.start());
        let mut confirmed = false;
        while records.len() < limit.records.max(1) && next < until {
            let Some(stored) = self.next_record(wait)? else {
                if self.fresh && confirmed {
                    // The offsets up to `until` hold no records.
                    next = until;
                    break;
                }
                // The end-of-partition event may stem from an earlier read, or from a leader that is new and does not
                // know yet what is committed.
                let (topic, partition) = (self.topic.clone(), self.partition);
                if self.fresh {
                    self.confirm_end(until, wait)?;
                    confirmed = true;
                }
                self.assign(&topic, partition, next)?;
                continue;
            };
            bytes += record_bytes(&stored.record);
            if bytes > limit.bytes && !records.is_empty() {
                self.read_ahead = Some(stored);
                break;
            }
            next = stored.position.0 + 1;
            records.push(stored);
        }
        self.fresh = false;
        Ok((records, next))
    }

    /// Fails unless the present leader knows that everything before `until` is committed.
    fn confirm_end(&self, until: u64, wait: Duration) -> Result<(), Error> {
        let watermarks = self.consumer.fetch_watermarks(&self.topic, self.partition, wait);
        let (_, high) = watermarks.map_err(|error| failure::kafka("a partition cannot be read", &error))?;
        if u64::try_from(high).is_ok_and(|high| high >= until) {
            return Ok(());
        }
        Err(failure::unavailable("the leader of a partition does not know yet what is committed"))
    }

    /// Where the next read starts.
    fn start(&self) -> u64 {
        self.read_ahead.as_ref().map_or(self.next, |read_ahead| read_ahead.position.0)
    }
}

/// The pool.
pub(super) struct ConsumerPool {
    options: Arc<Options>,
    idle: Mutex<Vec<PooledConsumer>>,
    permits: Semaphore,
    reads: AtomicU64,
}

impl std::fmt::Debug for ConsumerPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsumerPool")
    }
}

impl ConsumerPool {
    /// An empty pool. A read waits for an expected record for as long as the deadline of the options.
    pub(super) fn new(options: Arc<Options>) -> Self {
        let permits = Semaphore::new(MAX_READS);
        Self { options, idle: Mutex::default(), permits, reads: AtomicU64::new(0) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PooledConsumer>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, topic: &str, partition: i32, from: u64) -> Result<PooledConsumer, Error> {
        let reusable = {
            let mut idle = self.lock();
            let matches = |consumer: &PooledConsumer| {
                consumer.topic == topic && consumer.partition == partition && consumer.start() == from
            };
            if let Some(at) = idle.iter().position(matches) {
                return Ok(idle.remove(at));
            }
            // Unassigned consumers come first.
            let free = idle.first().is_some_and(|consumer| consumer.topic.is_empty()) || idle.len() >= MAX_IDLE;
            free.then(|| idle.remove(0))
        };
        let mut consumer = if let Some(consumer) = reusable { consumer } else { self.make()? };
        consumer.assign(topic, partition, from)?;
        Ok(consumer)
    }

    fn make(&self) -> Result<PooledConsumer, Error> {
        let mut config = client::reader_config(&self.options);
        // It costs processor time on every read; `gateway verify` compares checksums.
        config.set("check.crcs", "false");
        let made = client::create(&self.options, &config, ReaderContext::new(&self.options));
        let consumer = made.map_err(|error| failure::kafka("cannot create a consumer", &error))?;
        Ok(PooledConsumer {
            consumer,
            topic: String::new(),
            partition: 0,
            next: 0,
            read_ahead: None,
            fresh: true,
            read_number: 0,
        })
    }

    /// Drops the idle consumers of a topic that began anew: what they prefetched is out of date. Blocks.
    pub(super) fn forget(&self, topic: &str) {
        let gone: Vec<PooledConsumer> = self.lock().extract_if(.., |consumer| consumer.topic == topic).collect();
        drop(gone);
    }

    /// Drops all idle consumers. Blocks.
    fn forget_all(&self) {
        let gone = std::mem::take(&mut *self.lock());
        drop(gone);
    }

    /// Reads from an offset up to `until`, which must be committed, within a limit. Returns the records and the offset
    /// of the next read.
    pub(super) async fn read(
        self: &Arc<Self>,
        topic: String,
        partition: i32,
        (from, until): (u64, u64),
        limit: Limit,
    ) -> Result<(Vec<Stored>, u64), Error> {
        let _permit = self.permits.acquire().await.map_err(|_| failure::unavailable("the consumer pool is closed"))?;
        let (pool, read_number) = (Arc::clone(self), self.reads.fetch_add(1, Ordering::Relaxed));
        let read = move || {
            let mut consumer = pool.take(&topic, partition, from)?;
            let found = consumer.read(until, limit, pool.options.deadline);
            // A consumer that failed is not used again. One without brokers was not alone in that.
            if found.is_err() && consumer.consumer.context().brokers_down().is_noted() {
                pool.forget_all();
            }
            let found = found?;
            consumer.read_number = read_number;
            pool.lock().push(consumer);
            Ok(found)
        };
        let found = tokio::task::spawn_blocking(read).await.map_err(failure::join)?;
        tokio::spawn(Self::unassign_if_idle(Arc::downgrade(self), read_number));
        found
    }

    /// Unassigns the consumer of a read unless it has been used again within [`IDLE_TIMEOUT`].
    async fn unassign_if_idle(pool: Weak<Self>, read_number: u64) {
        tokio::time::sleep(IDLE_TIMEOUT).await;
        let Some(pool) = pool.upgrade() else { return };
        let unassign = move || {
            let consumer = {
                let mut idle = pool.lock();
                idle.iter().position(|consumer| consumer.read_number == read_number).map(|at| idle.remove(at))
            };
            if let Some(mut consumer) = consumer {
                consumer.unassign();
                pool.lock().insert(0, consumer);
            }
        };
        // Fails only during shutdown.
        drop(tokio::task::spawn_blocking(unassign).await);
    }

    /// Passes every committed record from an offset on to `each`; returns the offset behind the last one. Blocks.
    pub(super) fn read_to_end(
        &self,
        topic: &str,
        partition: i32,
        from: u64,
        mut each: impl FnMut(Stored) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut consumer = self.make()?;
        consumer.assign(topic, partition, from)?;
        while let Some(stored) = consumer.next_record(self.options.deadline)? {
            each(stored)?;
        }
        Ok(consumer.next)
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::mocking::MockCluster;

    use super::*;
    use crate::kafka::{idempotent_producer::IdempotentProducer, reporting_producer::ProducerRecord};

    /// Each of them could lack brokers for ever, and would fail one read after the other.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_idle_consumer_is_kept_after_a_read_without_brokers() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 2, 1).unwrap();
        let mut options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        options.deadline = Duration::from_secs(2);
        let options = Arc::new(options);
        let producer = IdempotentProducer::new(Arc::clone(&options)).unwrap();
        let pool = Arc::new(ConsumerPool::new(options));
        let read = |partition| pool.read("zaken".to_owned(), partition, (0, 1), Limit { records: 1, bytes: 1_000 });
        for partition in [0, 1] {
            let record = ProducerRecord { partition: Some(partition), ..ProducerRecord::default() };
            let recovered = async { while producer.append(vec![("zaken".into(), record.clone())]).await.is_err() {} };
            tokio::time::timeout(Duration::from_mins(1), recovered).await.expect("appended");
            let recovered = async { while read(partition).await.is_err() {} };
            tokio::time::timeout(Duration::from_mins(1), recovered).await.expect("read");
        }
        let unassigned = async {
            while pool.lock().len() != 2 || pool.lock().iter().any(|consumer| !consumer.topic.is_empty()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), unassigned).await.expect("unassigned");
        brokers.broker_down(1).unwrap();
        assert!(matches!(read(0).await, Err(Error::Unavailable { .. })));
        assert_eq!(pool.lock().len(), 0);
        brokers.broker_up(1).unwrap();
        let recovered = async { while read(0).await.is_err() {} };
        tokio::time::timeout(Duration::from_mins(1), recovered).await.expect("read again");
    }
}
