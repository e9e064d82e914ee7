//! The producer of events: idempotent, and made anew when it has failed for good.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::{
    Options, client, failure,
    writer::{Outgoing, Reports, Writer},
};
use crate::Error;

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
    let made = client::create(options, &client::producer(options), Reports::default());
    made.map_err(|error| failure::kafka("no producer", &error))
}

impl Produce {
    pub(super) fn new(options: Arc<Options>) -> Result<Self, Error> {
        Ok(Self { producer: Mutex::new(make(&options)?), options })
    }

    /// Appends records to topics, in this order where they share a partition; gives the partition of each and the offset
    /// behind it. Each waits for room in the queue of the client, up to the deadline, and then for its report, which comes
    /// within the deadline.
    pub(super) async fn append(&self, records: Vec<(Arc<str>, Outgoing)>) -> Result<Vec<(i32, u64)>, Error> {
        let writer = self.writer();
        let reports = writer.send(records, Instant::now() + self.options.deadline);
        let mut places = Vec::with_capacity(reports.len());
        for report in reports {
            places.push(match report.await {
                Ok(Ok((partition, offset))) => (partition, offset + 1),
                Ok(Err(error)) => {
                    self.renew(&writer)?;
                    self.options.authenticated()?;
                    return Err(failure::away(format!("a record is not appended: {error}")));
                }
                Err(_) => return Err(failure::away("a record is not reported on")),
            });
        }
        Ok(places)
    }

    fn writer(&self) -> Arc<Writer> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let record = Outgoing { partition: Some(0), value: Some(text.into()), ..Outgoing::default() };
        Ok(produce.append(vec![("zaken".into(), record)]).await?[0])
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
