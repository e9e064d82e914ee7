//! Appends records in requests of their own, for topics that allow less than the gateway's largest record. It finds out
//! which record is too large; other records never share its request.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rdkafka::{message::Headers, types::RDKafkaErrorCode};
use tokio::time::Instant;

use super::{
    Options, client, failure,
    reporting_producer::{DeliveryReports, ProducerRecord, Refused, ReportingProducer},
};
use crate::Error;

/// A producer that puts each record in a request of its own; created when it is needed first.
#[derive(Default)]
pub(super) struct SingleSender {
    producer: Mutex<Option<Arc<ReportingProducer>>>,
    /// The size in bytes of the smallest record that was refused, by topic, until one of that size is accepted.
    refused: Mutex<HashMap<Arc<str>, usize>>,
    any_refused: AtomicBool,
}

fn bytes(record: &ProducerRecord) -> usize {
    let headers = record.headers.iter().flat_map(Headers::iter);
    let headers: usize = headers.map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len)).sum();
    record.key.len() + record.value.as_ref().map_or(0, bytes::Bytes::len) + headers
}

impl SingleSender {
    fn refused(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a record is at least as large as one that its topic refused.
    pub(super) fn is_suspect(&self, topic: &Arc<str>, record: &ProducerRecord) -> bool {
        self.any_refused.load(Ordering::Acquire)
            && self.refused().get(topic).is_some_and(|smallest| bytes(record) >= *smallest)
    }

    /// Appends one record; returns its partition and the offset behind it.
    ///
    /// # Errors
    /// `TooLarge` (with limit 0) when the topic refuses it for its size, else `Unavailable`.
    pub(super) async fn append(
        &self,
        options: &Options,
        topic: Arc<str>,
        record: ProducerRecord,
    ) -> Result<(i32, u64), Error> {
        let size = bytes(&record);
        let producer = self.producer(options)?;
        let mut reports = producer.send(vec![(Arc::clone(&topic), record)], Instant::now() + options.deadline);
        let lost = || failure::unavailable("no delivery report for a record");
        let report = reports.pop().ok_or_else(lost)?.await.map_err(|_| lost())?;
        match report {
            Ok((partition, offset)) => {
                self.accepted(&topic, size);
                Ok((partition, offset + 1))
            }
            Err(Refused { error, .. }) => {
                if producer.failure(Some(&error)).is_some() {
                    self.producer.lock().unwrap_or_else(PoisonError::into_inner).take();
                }
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
                    let mut refused = self.refused();
                    let smallest = refused.entry(topic).or_insert(size);
                    *smallest = size.min(*smallest);
                    self.any_refused.store(true, Ordering::Release);
                    return Err(Error::TooLarge { bytes: size, limit: 0 });
                }
                Err(failure::unavailable(format!("a record was not appended: {error}")))
            }
        }
    }

    /// A record of this size was accepted: the topic allows it now.
    fn accepted(&self, topic: &Arc<str>, size: usize) {
        if !self.any_refused.load(Ordering::Acquire) {
            return;
        }
        let mut refused = self.refused();
        if refused.get(topic).is_some_and(|smallest| size >= *smallest) {
            refused.remove(topic);
            self.any_refused.store(!refused.is_empty(), Ordering::Release);
        }
    }

    fn producer(&self, options: &Options) -> Result<Arc<ReportingProducer>, Error> {
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*producer {
            return Ok(Arc::clone(made));
        }
        let mut config = client::producer_config(options);
        config.set("batch.num.messages", "1");
        let made: Result<Arc<ReportingProducer>, _> = client::create(options, &config, DeliveryReports::new(options));
        let made = made.map_err(|error| failure::kafka("cannot create a producer", &error))?;
        *producer = Some(Arc::clone(&made));
        Ok(made)
    }
}
