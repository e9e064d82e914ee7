//! The producer of events: idempotent, and made anew when it has failed for good.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::{error::KafkaError, message::OwnedHeaders, producer::BaseRecord, types::RDKafkaErrorCode};
use tokio::sync::oneshot;

use super::{
    Options, client, failure,
    writer::{Report, Reports, Writer},
};
use crate::{Error, log::Record};

/// How long to wait when the queue of the client is full, before the next try.
const FULL: Duration = Duration::from_millis(5);

pub(super) struct Produce {
    options: Arc<Options>,
    producer: Mutex<Arc<Writer>>,
}

impl std::fmt::Debug for Produce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Produce")
    }
}

fn make(options: &Options) -> Result<Arc<Writer>, Error> {
    let made = client::create(options, &client::producer(options), Reports);
    made.map_err(|error| failure::kafka("no producer", &error))
}

impl Produce {
    pub(super) fn new(options: Arc<Options>) -> Result<Self, Error> {
        Ok(Self { producer: Mutex::new(make(&options)?), options })
    }

    /// Queues a record; its report comes within the deadline. Waits while the queue is full, up to the deadline.
    pub(super) async fn send(
        &self,
        topic: &str,
        partition: Option<i32>,
        record: &Record,
        headers: OwnedHeaders,
    ) -> Result<Sent, Error> {
        self.send_of((topic, partition), record, headers, None).await
    }

    /// The same of a record that bears a moment of its own, in milliseconds, where the topic keeps it.
    pub(super) async fn send_of(
        &self,
        (topic, partition): (&str, Option<i32>),
        record: &Record,
        headers: OwnedHeaders,
        moment: Option<i64>,
    ) -> Result<Sent, Error> {
        let queued = async {
            let mut headers = Some(headers);
            loop {
                let producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let mut next = BaseRecord::to(topic).key(&record.key[..]);
                next.payload = record.value.as_ref().map(|value| &value[..]);
                (next.headers, next.partition, next.timestamp) = (headers.take(), partition, moment);
                match producer.send(next) {
                    Ok(report) => return Ok(Sent { report, producer }),
                    Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => headers = back,
                    Err((error, _)) => {
                        self.renew(&producer)?;
                        return Err(failure::kafka("a record is not taken", &error));
                    }
                }
                tokio::time::sleep(FULL).await;
            }
        };
        let late = |_| failure::away("the brokers do not keep up");
        tokio::time::timeout(self.options.deadline, queued).await.map_err(late)?
    }

    /// Waits for the report of a record: its partition, and the offset behind it.
    pub(super) async fn report(&self, sent: Sent) -> Result<(i32, u64), Error> {
        match sent.report.await {
            Ok(Ok((partition, offset))) => Ok((partition, offset + 1)),
            Ok(Err(error)) => {
                self.renew(&sent.producer)?;
                self.options.authenticated()?;
                Err(failure::away(format!("a record is not appended: {error}")))
            }
            Err(_) => Err(failure::away("a record is not reported on")),
        }
    }

    /// Replaces a producer that failed for good: it would refuse everything from now on.
    fn renew(&self, failed: &Arc<Writer>) -> Result<(), Error> {
        let Some((code, reason)) = failed.fatal_error() else { return Ok(()) };
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&producer, failed) {
            tracing::warn!(%code, reason, "the producer has failed and is made anew");
            *producer = make(&self.options)?;
        }
        Ok(())
    }
}

/// A record under way.
pub(super) struct Sent {
    report: oneshot::Receiver<Report>,
    producer: Arc<Writer>,
}

#[cfg(test)]
mod tests {
    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::{
        mocking::MockCluster,
        producer::DefaultProducerContext,
        types::{RDKafkaApiKey, RDKafkaRespErr},
    };

    use super::*;

    fn start() -> (MockCluster<'static, DefaultProducerContext>, Produce) {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        (brokers, Produce::new(Arc::new(options)).unwrap())
    }

    async fn append(produce: &Produce, text: &'static str) -> Result<(i32, u64), Error> {
        let record = Record { value: Some(text.into()), ..Record::default() };
        let sent = produce.send("zaken", Some(0), &record, OwnedHeaders::new()).await?;
        produce.report(sent).await
    }

    /// A gap in the sequence of an idempotent producer is beyond repair for that producer.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_producer_that_failed_for_good_is_made_anew() {
        let (brokers, produce) = start();
        append(&produce, "before").await.unwrap();
        brokers
            .request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER]);
        let first = produce.producer.lock().unwrap().clone();
        assert!(matches!(append(&produce, "fatal").await, Err(Error::Unavailable { .. })));
        assert!(first.fatal_error().is_some(), "the error was not fatal");
        append(&produce, "after").await.unwrap();
    }

    /// A record that is refused as a repetition may not be there.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_repetition_is_not_taken_for_appended() {
        let (brokers, produce) = start();
        assert_eq!(append(&produce, "once").await.unwrap(), (0, 1));
        brokers.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER]);
        assert!(matches!(append(&produce, "again").await, Err(Error::Unavailable { .. })));
        assert_eq!(append(&produce, "after").await.unwrap(), (0, 2));
    }
}
