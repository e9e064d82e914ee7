//! An idempotent producer that is replaced when it accepts or sends nothing more.
//!
//! Brokers refuse a request as a whole when it is larger than its topic allows. Its records are then sent one by one by a
//! second producer, so that only the record that is too large is refused.
//!
//! A fatal error (such as a gap in the sequence numbers) makes librdkafka refuse every further record of that producer. After a
//! broker has stood still, a producer may also send nothing more without any error: each further record times out. So a record
//! that timed out replaces the producer as well. The old one ends when the records that it still has are acknowledged or time out.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::error::KafkaError;
use tokio::time::Instant;

use super::{
    Options, client, failure,
    reporting_producer::{DeliveryReports, ProducerRecord, Refused, ReportingProducer},
    single_sender::SingleSender,
};
use crate::Error;

/// Appends records with `acks=all`, once and in order. Not transactional; see [`super::transaction`].
pub(super) struct IdempotentProducer {
    options: Arc<Options>,
    producer: Mutex<Arc<ReportingProducer>>,
    single: SingleSender,
}

impl std::fmt::Debug for IdempotentProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotentProducer")
    }
}

fn make(options: &Options) -> Result<Arc<ReportingProducer>, Error> {
    let made = client::create(options, &client::producer_config(options), DeliveryReports::new(options));
    made.map_err(|error| failure::kafka("cannot create a producer", &error))
}

impl IdempotentProducer {
    pub(super) fn new(options: Arc<Options>) -> Result<Self, Error> {
        Ok(Self { producer: Mutex::new(make(&options)?), single: SingleSender::default(), options })
    }

    /// Appends records to topics; records for the same partition keep their order. Returns, per record, the partition
    /// and the offset behind it. Each record waits for room in the client's queue for up to the deadline, and then for
    /// its delivery report, which arrives within the deadline.
    ///
    /// # Errors
    /// `Unavailable` when a record is not acknowledged, `TooLarge` when one is larger than its topic allows (with limit
    /// 0, as it is not known here); other records of the call may have been appended.
    pub(super) async fn append(&self, records: Vec<(Arc<str>, ProducerRecord)>) -> Result<Vec<(i32, u64)>, Error> {
        // A record as large as one that was refused would be refused together with those of other calls.
        if records.iter().any(|(topic, record)| self.single.is_suspect(topic, record)) {
            return self.append_singly(records).await;
        }
        let topics: Vec<Arc<str>> = records.iter().map(|(topic, _)| Arc::clone(topic)).collect();
        let producer = self.current();
        let reports = producer.send(records, Instant::now() + self.options.deadline);
        let mut ends = Vec::with_capacity(reports.len());
        let mut refused = Vec::new();
        for (at, (report, topic)) in reports.into_iter().zip(topics).enumerate() {
            ends.push(match report.await {
                Ok(Ok((partition, offset))) => (partition, offset + 1),
                Ok(Err(Refused { record: Some(record), .. })) => {
                    refused.push((at, (topic, *record)));
                    (0, 0)
                }
                Ok(Err(Refused { error, .. })) => {
                    self.replace_if_failed(&producer, Some(&error))?;
                    self.options.authenticated()?;
                    return Err(failure::unavailable(format!("a record was not appended: {error}")));
                }
                Err(_) => return Err(failure::unavailable("no delivery report for a record")),
            });
        }
        if !refused.is_empty() {
            self.replace_if_failed(&producer, None)?;
            let (places, records): (Vec<usize>, Vec<_>) = refused.into_iter().unzip();
            for (place, end) in places.into_iter().zip(self.append_singly(records).await?) {
                ends[place] = end;
            }
        }
        Ok(ends)
    }

    /// Appends records one after another, each in a request of its own.
    async fn append_singly(&self, records: Vec<(Arc<str>, ProducerRecord)>) -> Result<Vec<(i32, u64)>, Error> {
        let mut ends = Vec::with_capacity(records.len());
        let mut too_large = None;
        for (topic, record) in records {
            match self.single.append(&self.options, topic, record).await {
                Ok(end) => ends.push(end),
                Err(error @ Error::TooLarge { .. }) => too_large = Some(error),
                Err(error) => return Err(error),
            }
        }
        too_large.map_or(Ok(ends), Err)
    }

    /// Replaces the producer: a topic that it writes to was deleted and made again.
    pub(super) fn renew(&self) {
        match make(&self.options) {
            Ok(made) => *self.producer.lock().unwrap_or_else(PoisonError::into_inner) = made,
            Err(error) => tracing::error!(%error, "a producer cannot be replaced"),
        }
    }

    fn current(&self) -> Arc<ReportingProducer> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the producer if it is of no more use; `error` is that of a record, if one was refused.
    fn replace_if_failed(&self, failed: &Arc<ReportingProducer>, error: Option<&KafkaError>) -> Result<(), Error> {
        let Some(reason) = failed.failure(error) else { return Ok(()) };
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&producer, failed) {
            tracing::warn!(reason, "a producer is replaced");
            *producer = make(&self.options)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::{
        mocking::MockCluster,
        producer::DefaultProducerContext,
        types::{RDKafkaApiKey, RDKafkaRespErr},
    };

    use super::*;

    fn start(change: impl FnOnce(&mut Options)) -> (MockCluster<'static, DefaultProducerContext>, IdempotentProducer) {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        change(&mut options);
        (brokers, IdempotentProducer::new(Arc::new(options)).unwrap())
    }

    async fn append(producer: &IdempotentProducer, text: &'static str) -> Result<(i32, u64), Error> {
        let record = ProducerRecord { partition: Some(0), value: Some(text.into()), ..ProducerRecord::default() };
        Ok(producer.append(vec![("zaken".into(), record)]).await?[0])
    }

    /// A gap in the sequence of an idempotent producer is beyond repair for that producer.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_producer_that_failed_for_good_is_made_anew() {
        let (brokers, producer) = start(|_| ());
        append(&producer, "before").await.unwrap();
        brokers
            .request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER]);
        let first = producer.producer.lock().unwrap().clone();
        assert!(matches!(append(&producer, "fatal").await, Err(Error::Unavailable { .. })));
        assert!(first.fatal_error().is_some(), "the error was not fatal");
        append(&producer, "after").await.unwrap();
    }

    /// A producer may send nothing more after a broker stood still, without a fatal error.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_producer_whose_record_timed_out_is_made_anew() {
        let (brokers, producer) = start(|options| options.deadline = Duration::from_secs(2));
        let first = producer.current();
        brokers.broker_down(1).unwrap();
        assert!(matches!(append(&producer, "meanwhile").await, Err(Error::Unavailable { .. })));
        assert!(!Arc::ptr_eq(&first, &producer.current()), "the producer was kept");
        brokers.broker_up(1).unwrap();
        let recovered = async { while append(&producer, "after").await.is_err() {} };
        tokio::time::timeout(Duration::from_mins(1), recovered).await.expect("recovered");
    }

    /// A record that is refused as a repetition may not be there.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_repetition_is_not_taken_for_appended() {
        let (brokers, producer) = start(|_| ());
        assert_eq!(append(&producer, "once").await.unwrap(), (0, 1));
        brokers.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER]);
        assert!(matches!(append(&producer, "again").await, Err(Error::Unavailable { .. })));
        assert_eq!(append(&producer, "after").await.unwrap(), (0, 2));
    }
}
