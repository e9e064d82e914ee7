//! Transactions, one after another: records, mostly together with a consumer group offset that proves ownership.
//!
//! A commit or an abort that times out goes on in the client, which then accepts only a call of the same operation. The
//! producer remembers it as unfinished, and finishes it before the next transaction begins.
//!
//! All functions block. Waiting for the delivery reports before committing keeps a commit at about 10 ms; the client's
//! own flush inside a commit would take ten times as long.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, KafkaResult},
    producer::Producer,
    types::RDKafkaErrorCode,
};
use tokio::{runtime::Handle, time::Instant};

use super::{
    Options,
    brokers_down::has_lost_brokers,
    client, failure,
    reporting_producer::{DeliveryReports, ProducerRecord, Report, ReportingProducer},
};
use crate::Error;

/// The delay before a retry.
const RETRY_DELAY: Duration = Duration::from_millis(20);
/// Most retries of an operation; a time-out counts for half of them.
const MAX_RETRIES: u32 = 100;

/// The position of a consumer group after this transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConsumedOffset<'a> {
    pub(super) topic: &'a str,
    pub(super) partition: i32,
    pub(super) offset: u64,
}

/// An operation that ends a transaction.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Commit,
    Abort,
}

/// A producer of transactions.
pub(super) struct TransactionalProducer {
    inner: Arc<ReportingProducer>,
    runtime: Handle,
    wait: Duration,
    /// The operation that was called and has no outcome yet.
    unfinished: Mutex<Option<Ending>>,
}

impl TransactionalProducer {
    /// Creates a producer, fences earlier ones with the same id, and aborts their open transaction.
    ///
    /// # Errors
    /// `Fenced` or `Unavailable`.
    pub(super) fn new(options: &Options, id: &str, runtime: Handle) -> Result<Self, Error> {
        let failed = |error: &KafkaError| failure::kafka("cannot create a transactional producer", error);
        let inner = client::create(options, &client::transactional_config(options, id), DeliveryReports::new(options));
        let inner = inner.map_err(|error| failed(&error))?;
        let producer = Self { inner, runtime, wait: options.deadline, unfinished: Mutex::default() };
        retry(|| producer.inner.producer().init_transactions(producer.wait)).map_err(|error| failed(&error))?;
        Ok(producer)
    }

    /// Begins a transaction, after it has finished the one before. A commit that had no outcome may have succeeded.
    pub(super) fn begin(&self) -> KafkaResult<()> {
        let unfinished = *self.unfinished();
        match unfinished {
            // A commit that the brokers refuse leaves a transaction to abort.
            Some(Ending::Commit) => self
                .end(Ending::Commit)
                .or_else(|error| if self.unfinished().is_some() { Err(error) } else { self.end(Ending::Abort) })?,
            Some(Ending::Abort) => self.end(Ending::Abort)?,
            None => {}
        }
        self.inner.producer().begin_transaction()
    }

    /// Writes records and waits for all of them; returns their offsets.
    pub(super) fn send(&self, records: Vec<(Arc<str>, ProducerRecord)>) -> KafkaResult<Vec<u64>> {
        let reports = self.inner.send(records, Instant::now() + self.wait);
        // Waits for all, also after a failure: a record that is still queued must not end up in the next transaction.
        let reports = self.runtime.block_on(async {
            let mut all: Vec<Report> = Vec::with_capacity(reports.len());
            for report in reports {
                all.push(report.await.unwrap_or_else(|_| Err(KafkaError::Canceled.into())));
            }
            all
        });
        let offset = |report: Report| report.map(|(_, offset)| offset).map_err(|refused| refused.error);
        reports.into_iter().map(offset).collect()
    }

    /// Commits the transaction and the offset of the group; refused when another member owns the partition now.
    pub(super) fn commit(&self, consumed: ConsumedOffset<'_>, group: &ConsumerGroupMetadata) -> KafkaResult<()> {
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(consumed.topic, consumed.partition, Offset::Offset(consumed.offset as i64))?;
        retry(|| self.inner.producer().send_offsets_to_transaction(&offsets, group, self.wait))?;
        self.commit_without_offsets()
    }

    /// Commits a transaction that is not tied to a consumer group.
    pub(super) fn commit_without_offsets(&self) -> KafkaResult<()> {
        self.end(Ending::Commit)
    }

    /// Aborts the transaction. One whose commit has no outcome yet may have succeeded: it is left to [`Self::begin`], since the client
    /// refuses an abort until then.
    pub(super) fn abort(&self) -> KafkaResult<()> {
        if matches!(*self.unfinished(), Some(Ending::Commit)) {
            return Ok(());
        }
        self.end(Ending::Abort)
    }

    fn unfinished(&self) -> MutexGuard<'_, Option<Ending>> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, ending: Ending) -> KafkaResult<()> {
        let producer = self.inner.producer();
        let ended = retry(|| match ending {
            Ending::Commit => producer.commit_transaction(self.wait),
            Ending::Abort => producer.abort_transaction(self.wait),
        });
        let goes_on = matches!(&ended, Err(KafkaError::Transaction(error)) if error.is_retriable());
        *self.unfinished() = goes_on.then_some(ending);
        ended
    }

    /// Whether this producer has failed for good: fatally, or because it has lost its brokers. May block for a moment.
    pub(super) fn has_failed(&self) -> bool {
        self.inner.fatal_error().is_some() || has_lost_brokers(self.inner.producer().client())
    }

    /// Whether another producer has taken over the id.
    pub(super) fn is_fenced(&self) -> bool {
        let fatal = self.inner.fatal_error();
        fatal.is_some_and(|(code, _)| failure::is_fencing(code))
    }
}

/// Retries an operation for as long as its error is retriable, up to [`MAX_RETRIES`] times.
fn retry(mut work: impl FnMut() -> KafkaResult<()>) -> KafkaResult<()> {
    let mut tries = 0;
    loop {
        match work() {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && tries < MAX_RETRIES => {
                // An operation that timed out has waited already.
                let waited = error.code() == RDKafkaErrorCode::OperationTimedOut;
                tries += if waited { MAX_RETRIES / 2 } else { 1 };
                std::thread::sleep(RETRY_DELAY);
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Clock, Timestamp,
        clock::{ManualClock, SystemClock, SystemRandom},
    };
    use rdkafka::{
        mocking::MockCluster,
        producer::DefaultProducerContext,
        types::{RDKafkaApiKey, RDKafkaRespErr},
    };

    use super::*;
    use crate::kafka::brokers_down::NotesBrokersDown;

    type Brokers = MockCluster<'static, DefaultProducerContext>;

    fn start(clock: Arc<dyn Clock>) -> (Brokers, TransactionalProducer) {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut options = Options::new(brokers.bootstrap_servers(), clock, Arc::new(SystemRandom));
        // Short enough to wait for, and long enough for a record.
        options.deadline = Duration::from_secs(2);
        let producer = TransactionalProducer::new(&options, "id", Handle::current()).unwrap();
        (brokers, producer)
    }

    fn send(producer: &TransactionalProducer, text: &'static str) -> KafkaResult<Vec<u64>> {
        let record = ProducerRecord { partition: Some(0), value: Some(text.into()), ..ProducerRecord::default() };
        producer.send(vec![("zaken".into(), record)])
    }

    /// Ends a transaction while the coordinator is away, and then writes another one.
    fn next_after(end: impl Fn(&TransactionalProducer) -> KafkaResult<()>) {
        let (brokers, producer) = start(Arc::new(SystemClock::default()));
        producer.begin().unwrap();
        send(&producer, "first").unwrap();
        let away = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE; 1_000];
        brokers.request_errors(RDKafkaApiKey::EndTxn, &away);
        end(&producer).unwrap_err();
        assert!(producer.unfinished().is_some());
        brokers.clear_request_errors(RDKafkaApiKey::EndTxn);
        producer.begin().unwrap();
        assert!(producer.unfinished().is_none());
        send(&producer, "second").unwrap();
        producer.commit_without_offsets().unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_commit_that_timed_out_is_finished_before_the_next_transaction() {
        tokio::task::spawn_blocking(|| next_after(TransactionalProducer::commit_without_offsets)).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_abort_after_a_commit_that_timed_out_leaves_it_to_the_next_transaction() {
        let commit_and_abort = |producer: &TransactionalProducer| {
            let committed = producer.commit_without_offsets();
            producer.abort().unwrap();
            committed
        };
        tokio::task::spawn_blocking(move || next_after(commit_and_abort)).await.unwrap();
    }

    /// It may never find a broker again after one stood still.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_producer_without_brokers_has_failed_after_the_session() {
        let fail = || {
            let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1)));
            let (brokers, producer) = start(clock.clone());
            producer.begin().unwrap();
            send(&producer, "first").unwrap();
            brokers.broker_down(1).unwrap();
            while !producer.inner.producer().context().brokers_down().is_noted() {
                std::thread::sleep(RETRY_DELAY);
            }
            assert!(!producer.has_failed());
            clock.advance(Duration::from_secs(10));
            assert!(producer.has_failed());
        };
        tokio::time::timeout(Duration::from_mins(1), tokio::task::spawn_blocking(fail)).await.unwrap().unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_abort_that_timed_out_is_finished_before_the_next_transaction() {
        tokio::task::spawn_blocking(|| next_after(TransactionalProducer::abort)).await.unwrap();
    }
}
