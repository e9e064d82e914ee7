//! A producer with a thread that hands out the reports on its records, and that rests while none is due.
//!
//! Not rdkafka's own producer with a thread: that one never rests. It waits in turns of a tenth of a second, and asks
//! without a pause in the last millisecond of each; the dozen of a node took 7.5 % of a processor while nothing happened.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rdkafka::{
    ClientConfig, ClientContext, Message,
    config::FromClientConfigAndContext,
    error::{KafkaError, KafkaResult},
    message::OwnedHeaders,
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
    types::RDKafkaErrorCode,
};
use tokio::sync::oneshot;

use super::client;

/// How long the thread takes reports before it looks whether more are due. A writer that is dropped waits for it.
const TURN: Duration = Duration::from_millis(250);
/// How often it looks for what the client has to tell besides reports.
const LOOK: Duration = Duration::from_millis(100);

/// The partition and the offset of a record that was appended.
///
/// The client reports some records as appended and gives no offset: the broker refused them as a repetition, so they are
/// there. That is not so when the broker hears of this producer for the first time: when it could not take the first
/// request for a partition yet, it takes the second, and then refuses the first that comes again. So such a record does
/// not count as appended; an event that was there after all is there twice when its publisher sends it again.
pub(super) type Report = KafkaResult<(i32, u64)>;

/// Hands each report to whoever waits for it.
pub(super) struct Reports;

impl ClientContext for Reports {
    fn error(&self, error: KafkaError, reason: &str) {
        client::note(&error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<oneshot::Sender<Report>>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Self::DeliveryOpaque) {
        let refused = |_| KafkaError::MessageProduction(RDKafkaErrorCode::DuplicateSequenceNumber);
        let report = match result {
            Ok(record) => u64::try_from(record.offset()).map(|offset| (record.partition(), offset)).map_err(refused),
            Err((error, _)) => Err(error.clone()),
        };
        // Nobody waits for it any more.
        drop(waiting.send(report));
    }
}

/// What a writer and its thread tell each other.
#[derive(Default)]
struct Signs {
    resting: AtomicBool,
    stop: AtomicBool,
}

/// The producer. Dropped, it waits for its thread, at most a turn.
pub(super) struct Writer {
    producer: Arc<BaseProducer<Reports>>,
    signs: Arc<Signs>,
    thread: Option<JoinHandle<()>>,
}

impl FromClientConfigAndContext<Reports> for Writer {
    fn from_config_and_context(config: &ClientConfig, context: Reports) -> KafkaResult<Self> {
        let producer = Arc::new(BaseProducer::from_config_and_context(config, context)?);
        let signs = Arc::<Signs>::default();
        let (serving, seen) = (Arc::clone(&producer), Arc::clone(&signs));
        let thread = std::thread::Builder::new().name("kafka-reports".into()).spawn(move || serve(&serving, &seen));
        let thread = thread.map_err(|error| KafkaError::ClientCreation(format!("no thread: {error}")))?;
        Ok(Self { producer, signs, thread: Some(thread) })
    }
}

fn serve(producer: &BaseProducer<Reports>, signs: &Signs) {
    while !signs.stop.load(Ordering::SeqCst) {
        if producer.in_flight_count() > 0 {
            producer.poll(TURN);
            continue;
        }
        producer.poll(Duration::ZERO);
        signs.resting.store(true, Ordering::SeqCst);
        // What was sent before the sign is seen here; what is sent after it wakes the thread.
        if producer.in_flight_count() == 0 && !signs.stop.load(Ordering::SeqCst) {
            std::thread::park_timeout(LOOK);
        }
        signs.resting.store(false, Ordering::SeqCst);
    }
}

impl Writer {
    /// Queues a record; gives what will be reported on it. A record that is not taken gives its headers back.
    pub(super) fn send(
        &self,
        record: BaseRecord<'_, [u8], [u8]>,
    ) -> Result<oneshot::Receiver<Report>, (KafkaError, Option<OwnedHeaders>)> {
        let (waiting, report) = oneshot::channel();
        let BaseRecord { topic, partition, payload, key, timestamp, headers, delivery_opaque: () } = record;
        let delivery_opaque = Box::new(waiting);
        let record = BaseRecord { topic, partition, payload, key, timestamp, headers, delivery_opaque };
        self.producer.send(record).map_err(|(error, back)| (error, back.headers))?;
        if self.signs.resting.load(Ordering::SeqCst) && self.signs.resting.swap(false, Ordering::SeqCst) {
            self.wake();
        }
        Ok(report)
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// The producer itself, for all but sending.
    pub(super) fn producer(&self) -> &BaseProducer<Reports> {
        &self.producer
    }

    /// The code and the reason of a failure after which it does nothing any more.
    pub(super) fn fatal_error(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.producer.client().fatal_error()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.signs.stop.store(true, Ordering::SeqCst);
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

    /// Every record is reported on, also those sent just when the thread goes to rest, which it does between rounds.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn records_are_reported_on_after_any_rest() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers.bootstrap_servers()).set("linger.ms", "0");
        let writer: Writer = config.create_with_context(Reports).unwrap();
        for (round, rest) in (0..40).map(|round| (round, Duration::from_millis(round * 7))) {
            let sent = writer.send(BaseRecord::to("zaken").partition(0).key(&b"a"[..]).payload(&b"een"[..]));
            let report = sent.map_err(|(error, _)| error).unwrap().await.unwrap();
            assert_eq!(report, Ok((0, round)));
            tokio::time::sleep(rest).await;
        }
    }

    /// What is not taken comes back, and what cannot be delivered is reported on.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_fails_is_told() {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", "127.0.0.1:9")
            .set("message.timeout.ms", "300")
            .set("message.max.bytes", "1000");
        let writer: Writer = config.create_with_context(Reports).unwrap();
        let headers = OwnedHeaders::new().insert(rdkafka::message::Header { key: "a", value: Some("b") });
        let large = vec![0; 2_000];
        let refused = writer.send(BaseRecord::to("zaken").key(&b"a"[..]).payload(&large[..]).headers(headers));
        let (error, headers) = refused.expect_err("it is too large");
        assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::MessageSizeTooLarge));
        assert!(headers.is_some(), "its headers come back");
        let sent = writer.send(BaseRecord::to("zaken").key(&b"a"[..]).payload(&b"een"[..]));
        let report = sent.map_err(|(error, _)| error).unwrap().await.unwrap();
        assert_eq!(report.unwrap_err().rdkafka_error_code(), Some(RDKafkaErrorCode::MessageTimedOut));
    }
}
