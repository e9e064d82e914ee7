//! A producer with a thread that hands out the reports on its records, and that rests while none is due.
//!
//! Not rdkafka's own producer with a thread: that one never rests. It waits in turns of a tenth of a second, and asks
//! without a pause in the last millisecond of each; the dozen of a node took 7.5 % of a processor while nothing happened.

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
    message::OwnedHeaders,
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
    types::RDKafkaErrorCode,
};
use tokio::{sync::oneshot, time::Instant};

use super::{groups::Groups, notes};

/// How long the thread takes reports before it looks what else there is to do. A writer that is dropped waits for it.
const TURN: Duration = Duration::from_millis(50);
/// How often it looks for what the client has to tell besides reports.
const LOOK: Duration = Duration::from_millis(100);

/// The partition and the offset of a record that was appended.
///
/// The client reports some records as appended and gives no offset: the broker refused them as a repetition, so they are
/// there. That is not so when the broker hears of this producer for the first time: when it could not take the first
/// request for a partition yet, it takes the second, and then refuses the first that comes again. So such a record does
/// not count as appended; an event that was there after all is there twice when its publisher sends it again.
pub(super) type Report = KafkaResult<(i32, u64)>;

/// A record to be appended.
#[derive(Debug, Clone, Default)]
pub(super) struct Outgoing {
    /// `None` for the one that its key belongs to.
    pub(super) partition: Option<i32>,
    pub(super) key: Bytes,
    /// Without a value it is a tombstone.
    pub(super) value: Option<Bytes>,
    pub(super) headers: Option<OwnedHeaders>,
    /// The moment it bears, in milliseconds, where the topic keeps it; `None` for that of its appending.
    pub(super) moment: Option<i64>,
}

/// A record on its way, with who waits for the report on it.
#[derive(Debug)]
struct Parcel {
    record: Outgoing,
    /// How long it may wait for room in the queue of the client.
    until: Instant,
    waiting: Box<oneshot::Sender<Report>>,
}

/// Hands each report to whoever waits for it.
#[derive(Default)]
pub(super) struct Reports {
    shared: OnceLock<Weak<Shared>>,
}

impl ClientContext for Reports {
    fn error(&self, error: KafkaError, reason: &str) {
        notes::tell(notes::CLIENT, &error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<oneshot::Sender<Report>>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Self::DeliveryOpaque) {
        let refused = |_| KafkaError::MessageProduction(RDKafkaErrorCode::DuplicateSequenceNumber);
        let (message, report) = match result {
            Ok(record) => {
                let offset = u64::try_from(record.offset());
                (record, offset.map(|offset| (record.partition(), offset)).map_err(refused))
            }
            Err((error, record)) => (record, Err(error.clone())),
        };
        // Nobody waits for it any more.
        drop(waiting.send(report));
        if let Some(shared) = self.shared.get().and_then(Weak::upgrade) {
            shared.leave(message.topic());
        }
    }
}

/// What a writer and its thread share.
pub(super) struct Shared {
    producer: BaseProducer<Reports>,
    groups: Groups<Parcel>,
    resting: AtomicBool,
    stop: AtomicBool,
}

/// The producer. Dropped, it waits for its thread, at most a turn.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl FromClientConfigAndContext<Reports> for Writer {
    fn from_config_and_context(config: &ClientConfig, context: Reports) -> KafkaResult<Self> {
        let producer = BaseProducer::from_config_and_context(config, context)?;
        let (resting, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(Shared { producer, groups: Groups::default(), resting, stop });
        // It is set here only.
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
                self.producer.poll(TURN);
                for (topic, parcels) in self.groups.due(Instant::now()) {
                    self.push(&topic, parcels);
                }
                continue;
            }
            self.producer.poll(Duration::ZERO);
            self.resting.store(true, Ordering::SeqCst);
            // What was sent before the sign is seen here; what is sent after it wakes the thread.
            if !self.is_busy() && !self.stop.load(Ordering::SeqCst) {
                std::thread::park_timeout(LOOK);
            }
            self.resting.store(false, Ordering::SeqCst);
        }
    }

    fn is_busy(&self) -> bool {
        self.producer.in_flight_count() > 0 || self.groups.waits()
    }

    /// A record of a topic is not under way any more: sends what waited for it.
    fn leave(&self, topic: &str) {
        let waited = self.groups.leave(topic);
        if !waited.is_empty() {
            self.push(&topic.into(), waited);
        }
    }

    /// Queues records that count as under way. When the queue is full, the rest waits.
    fn push(&self, topic: &Arc<str>, parcels: Vec<Parcel>) {
        let mut parcels = parcels.into_iter();
        while let Some(Parcel { record: mut out, until, waiting }) = parcels.next() {
            let record = BaseRecord {
                topic,
                partition: out.partition,
                payload: out.value.as_deref(),
                key: Some(&out.key[..]),
                timestamp: out.moment,
                headers: out.headers.take(),
                delivery_opaque: waiting,
            };
            let Err((error, BaseRecord { headers, delivery_opaque: waiting, .. })) = self.producer.send(record) else {
                continue;
            };
            let now = Instant::now();
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) && now < until {
                out.headers = headers;
                let first = Parcel { record: out, until, waiting };
                return self.groups.put_back(topic, std::iter::once(first).chain(parcels).collect(), now);
            }
            // Nobody waits for it any more.
            drop(waiting.send(Err(error)));
            self.leave(topic);
        }
    }
}

impl Writer {
    /// Sends records to topics, in this order where they share a partition; gives the reports on them, in their order.
    /// Those of a topic go out together, and wait while earlier ones are under way; each waits until a moment for room in
    /// the queue of the client.
    pub(super) fn send(&self, records: Vec<(Arc<str>, Outgoing)>, until: Instant) -> Vec<oneshot::Receiver<Report>> {
        let mut topics: Vec<(Arc<str>, Vec<Parcel>)> = Vec::with_capacity(1);
        let mut reports = Vec::with_capacity(records.len());
        for (topic, record) in records {
            let (waiting, report) = oneshot::channel();
            reports.push(report);
            let parcel = Parcel { record, until, waiting: Box::new(waiting) };
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, parcels)) => parcels.push(parcel),
                None => topics.push((topic, vec![parcel])),
            }
        }
        for (topic, parcels) in topics {
            let parcels = self.shared.groups.enter(&topic, parcels, Instant::now());
            self.shared.push(&topic, parcels);
        }
        if self.shared.resting.load(Ordering::SeqCst) && self.shared.resting.swap(false, Ordering::SeqCst) {
            self.wake();
        }
        reports
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// The producer itself, for all but sending.
    pub(super) fn producer(&self) -> &BaseProducer<Reports> {
        &self.shared.producer
    }

    /// The code and the reason of a failure after which it does nothing any more.
    pub(super) fn fatal_error(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.shared.producer.client().fatal_error()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that hands out reports panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;

    use super::*;

    async fn report_on(writer: &Writer, out: Outgoing) -> Report {
        let mut reports = writer.send(vec![("zaken".into(), out)], Instant::now() + Duration::from_secs(1));
        reports.remove(0).await.unwrap()
    }

    fn out(value: &'static [u8]) -> Outgoing {
        Outgoing { partition: Some(0), key: "a".into(), value: Some(value.into()), ..Outgoing::default() }
    }

    /// Every record is reported on, also those sent just when the thread goes to rest, which it does between rounds.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn records_are_reported_on_after_any_rest() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers.bootstrap_servers()).set("linger.ms", "0");
        let writer: Writer = config.create_with_context(Reports::default()).unwrap();
        for (round, rest) in (0..40).map(|round| (round, Duration::from_millis(round * 7))) {
            assert_eq!(report_on(&writer, out(b"een")).await, Ok((0, round)));
            tokio::time::sleep(rest).await;
        }
    }

    /// What is not taken is reported on, and what cannot be delivered.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_fails_is_told() {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", "127.0.0.1:9")
            .set("message.timeout.ms", "300")
            .set("message.max.bytes", "1000");
        let writer: Writer = config.create_with_context(Reports::default()).unwrap();
        let refused = report_on(&writer, out(&[0; 2_000])).await.unwrap_err();
        assert_eq!(refused.rdkafka_error_code(), Some(RDKafkaErrorCode::MessageSizeTooLarge));
        let late = report_on(&writer, out(b"een")).await.unwrap_err();
        assert_eq!(late.rdkafka_error_code(), Some(RDKafkaErrorCode::MessageTimedOut));
    }
}
