//! A producer with a thread that polls for delivery reports and parks while none is outstanding.
//!
//! rdkafka's own `ThreadedProducer` never parks: it polls every 100 ms and busy-waits in the last millisecond of each
//! poll. The dozen producers of a node took 7.5 % of a processor while idle.

use std::{
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use rdkafka::{
    ClientConfig, ClientContext, Message,
    config::FromClientConfigAndContext,
    error::{KafkaError, KafkaResult},
    message::{BorrowedHeaders, BorrowedMessage, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
    types::RDKafkaErrorCode,
};
use tokio::{sync::oneshot, time::Instant};

use super::{
    Options,
    brokers_down::{BrokersDown, NotesBrokersDown},
    in_flight_batcher::InFlightBatcher,
};

/// How long one poll for reports takes at most before the thread looks for other work. Dropping a producer waits for
/// it.
const POLL: Duration = Duration::from_millis(50);
/// How often a parked thread serves client events other than reports (errors, token refresh).
const IDLE_POLL: Duration = Duration::from_millis(100);

/// The partition and the offset of an appended record.
///
/// The client reports some records as delivered without an offset: the broker refused them as duplicates. That normally
/// means that the record was appended earlier. It is not true when the broker sees this producer for the first time: it
/// may refuse the first request for a new partition, accept the second, and then refuse the retried first one as a
/// duplicate. So a record without an offset counts as not appended. If it was appended after all, the publisher's retry
/// makes a duplicate, which at-least-once delivery allows.
pub(super) type Report = Result<(i32, u64), Refused>;

/// A record that was not appended.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) error: KafkaError,
    /// The record, when the brokers refused the request that it was in as too large: it may fit when it is sent alone.
    pub(super) record: Option<Box<ProducerRecord>>,
}

impl From<KafkaError> for Refused {
    fn from(error: KafkaError) -> Self {
        Self { error, record: None }
    }
}

/// A copy of a record that the brokers refused.
fn copy_of(message: &BorrowedMessage<'_>) -> ProducerRecord {
    ProducerRecord {
        partition: Some(message.partition()),
        key: Bytes::copy_from_slice(message.key().unwrap_or_default()),
        value: message.payload().map(Bytes::copy_from_slice),
        headers: message.headers().map(BorrowedHeaders::detach),
        timestamp_ms: message.timestamp().to_millis(),
    }
}

/// A record to append.
#[derive(Debug, Clone, Default)]
pub(super) struct ProducerRecord {
    /// `None`: the partitioner derives it from the key.
    pub(super) partition: Option<i32>,
    pub(super) key: Bytes,
    /// `None` writes a tombstone.
    pub(super) value: Option<Bytes>,
    pub(super) headers: Option<OwnedHeaders>,
    /// The timestamp in milliseconds since 1970, for topics with `CreateTime`; `None` for the time of appending.
    pub(super) timestamp_ms: Option<i64>,
}

/// A record that was not handed to the client yet, with the channel for its report.
#[derive(Debug)]
struct PendingRecord {
    record: ProducerRecord,
    /// Until when it may wait for room in the client's queue.
    until: Instant,
    waiting: Box<oneshot::Sender<Report>>,
}

/// The client context: passes each delivery report to the channel of its record, logs client errors, and notes when all brokers
/// are down.
pub(super) struct DeliveryReports {
    shared: OnceLock<Weak<Shared>>,
    brokers_down: BrokersDown,
}

impl DeliveryReports {
    pub(super) fn new(options: &Options) -> Self {
        Self { shared: OnceLock::new(), brokers_down: BrokersDown::new(options) }
    }
}

impl ClientContext for DeliveryReports {
    fn error(&self, error: KafkaError, reason: &str) {
        self.brokers_down.client_reported(&error, reason);
    }
}

impl NotesBrokersDown for DeliveryReports {
    fn brokers_down(&self) -> &BrokersDown {
        &self.brokers_down
    }
}

impl ProducerContext for DeliveryReports {
    type DeliveryOpaque = Box<oneshot::Sender<Report>>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Self::DeliveryOpaque) {
        let refused = |_| KafkaError::MessageProduction(RDKafkaErrorCode::DuplicateSequenceNumber).into();
        let (message, report) = match result {
            Ok(record) => {
                let offset = u64::try_from(record.offset());
                (record, offset.map(|offset| (record.partition(), offset)).map_err(refused))
            }
            Err((error, record)) => {
                let too_large = error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge);
                (record, Err(Refused { error: error.clone(), record: too_large.then(|| Box::new(copy_of(record))) }))
            }
        };
        // The caller may have given up.
        drop(waiting.send(report));
        if let Some(shared) = self.shared.get().and_then(Weak::upgrade) {
            shared.completed(message.topic());
        }
    }
}

/// State shared by a producer and its thread.
pub(super) struct Shared {
    producer: BaseProducer<DeliveryReports>,
    batcher: InFlightBatcher<PendingRecord>,
    parked: AtomicBool,
    stop: AtomicBool,
}

/// The producer. Dropping it waits for its thread, for at most [`POLL`].
pub(super) struct ReportingProducer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl FromClientConfigAndContext<DeliveryReports> for ReportingProducer {
    fn from_config_and_context(config: &ClientConfig, context: DeliveryReports) -> KafkaResult<Self> {
        let producer = BaseProducer::from_config_and_context(config, context)?;
        let (parked, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(Shared { producer, batcher: InFlightBatcher::default(), parked, stop });
        // It is set only here.
        let _ = shared.producer.context().shared.set(Arc::downgrade(&shared));
        let serving = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("kafka-reports".into()).spawn(move || serving.serve());
        let thread = thread.map_err(|error| KafkaError::ClientCreation(format!("no thread: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }
}

impl Shared {
    fn serve(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            if self.is_busy() {
                self.producer.poll(POLL);
                for (topic, records) in self.batcher.due(Instant::now()) {
                    self.push(&topic, records);
                }
                continue;
            }
            self.producer.poll(Duration::ZERO);
            self.parked.store(true, Ordering::SeqCst);
            // A record sent before `parked` was set is seen by this check; one sent later unparks the thread.
            if !self.is_busy() && !self.stop.load(Ordering::SeqCst) {
                std::thread::park_timeout(IDLE_POLL);
            }
            self.parked.store(false, Ordering::SeqCst);
        }
    }

    fn is_busy(&self) -> bool {
        self.producer.in_flight_count() > 0 || self.batcher.has_waiting()
    }

    /// A record of a topic is no longer in flight: sends the records that waited for it.
    fn completed(&self, topic: &str) {
        let waiting = self.batcher.completed(topic);
        if !waiting.is_empty() {
            self.push(&topic.into(), waiting);
        }
    }

    /// Hands records that count as in flight to the client. If the client's queue is full, the rest waits.
    fn push(&self, topic: &Arc<str>, records: Vec<PendingRecord>) {
        let mut records = records.into_iter();
        while let Some(PendingRecord { record: mut out, until, waiting }) = records.next() {
            let record = BaseRecord {
                topic,
                partition: out.partition,
                payload: out.value.as_deref(),
                key: Some(&out.key[..]),
                timestamp: out.timestamp_ms,
                headers: out.headers.take(),
                delivery_opaque: waiting,
            };
            let Err((error, BaseRecord { headers, delivery_opaque: waiting, .. })) = self.producer.send(record) else {
                continue;
            };
            let now = Instant::now();
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) && now < until {
                out.headers = headers;
                let first = PendingRecord { record: out, until, waiting };
                return self.batcher.requeue(topic, std::iter::once(first).chain(records).collect(), now);
            }
            // The caller may have given up.
            drop(waiting.send(Err(error.into())));
            self.completed(topic);
        }
    }
}

impl ReportingProducer {
    /// Sends records to topics; records for the same partition keep their order. Returns one receiver of a delivery
    /// report per record, in the same order. Records of a topic wait while earlier ones are in flight and then go out
    /// together; each waits for room in the client's queue until `until`.
    pub(super) fn send(
        &self,
        records: Vec<(Arc<str>, ProducerRecord)>,
        until: Instant,
    ) -> Vec<oneshot::Receiver<Report>> {
        let mut topics: Vec<(Arc<str>, Vec<PendingRecord>)> = Vec::with_capacity(1);
        let mut reports = Vec::with_capacity(records.len());
        for (topic, record) in records {
            let (waiting, report) = oneshot::channel();
            reports.push(report);
            let record = PendingRecord { record, until, waiting: Box::new(waiting) };
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, records)) => records.push(record),
                None => topics.push((topic, vec![record])),
            }
        }
        for (topic, records) in topics {
            let records = self.shared.batcher.offer(&topic, records, Instant::now());
            self.shared.push(&topic, records);
        }
        if self.shared.parked.load(Ordering::SeqCst) && self.shared.parked.swap(false, Ordering::SeqCst) {
            self.wake();
        }
        reports
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// The underlying producer, for transactions and metadata. Do not send with it.
    pub(super) fn producer(&self) -> &BaseProducer<DeliveryReports> {
        &self.shared.producer
    }

    /// Why this producer is of no more use and has to be replaced, if so: a fatal error, or `error`, with which a record was refused,
    /// is a time-out.
    pub(super) fn failure(&self, error: Option<&KafkaError>) -> Option<String> {
        let timed_out = error.and_then(KafkaError::rdkafka_error_code) == Some(RDKafkaErrorCode::MessageTimedOut);
        match self.fatal_error() {
            Some((code, reason)) => Some(format!("{code}: {reason}")),
            None => timed_out.then(|| "a record timed out".to_owned()),
        }
    }

    /// The code and the reason of a fatal error, after which this producer accepts nothing more.
    pub(super) fn fatal_error(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.shared.producer.client().fatal_error()
    }
}

impl Drop for ReportingProducer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that polls for delivery reports panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::mocking::MockCluster;

    use super::*;

    fn reports() -> DeliveryReports {
        DeliveryReports::new(&Options::new("", Arc::new(SystemClock::default()), Arc::new(SystemRandom)))
    }

    async fn report_on(writer: &ReportingProducer, out: ProducerRecord) -> Report {
        let mut reports = writer.send(vec![("zaken".into(), out)], Instant::now() + Duration::from_secs(1));
        reports.remove(0).await.unwrap()
    }

    fn out(value: &'static [u8]) -> ProducerRecord {
        ProducerRecord { partition: Some(0), key: "a".into(), value: Some(value.into()), ..ProducerRecord::default() }
    }

    /// Includes records sent just when the thread parks, which it does between rounds.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn records_are_reported_on_after_any_pause() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers.bootstrap_servers()).set("linger.ms", "0");
        let writer: ReportingProducer = config.create_with_context(reports()).unwrap();
        for (round, rest) in (0..40).map(|round| (round, Duration::from_millis(round * 7))) {
            assert_eq!(report_on(&writer, out(b"een")).await.expect("appended"), (0, round));
            tokio::time::sleep(rest).await;
        }
    }

    /// Covers records that the client refuses and records that cannot be delivered.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn failures_are_reported() {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", "127.0.0.1:9")
            .set("message.timeout.ms", "300")
            .set("message.max.bytes", "1000");
        let writer: ReportingProducer = config.create_with_context(reports()).unwrap();
        let refused = report_on(&writer, out(&[0; 2_000])).await.unwrap_err().error;
        assert_eq!(refused.rdkafka_error_code(), Some(RDKafkaErrorCode::MessageSizeTooLarge));
        let late = report_on(&writer, out(b"een")).await.unwrap_err().error;
        assert_eq!(late.rdkafka_error_code(), Some(RDKafkaErrorCode::MessageTimedOut));
    }
}
