//! Transactions, one after another: records, mostly together with a consumer group offset that proves ownership.
//!
//! All functions block. Waiting for the delivery reports before committing keeps a commit at about 10 ms; the client's
//! own flush inside a commit would take ten times as long.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, KafkaResult},
    producer::Producer,
    types::RDKafkaErrorCode,
};
use tokio::{runtime::Handle, time::Instant};

use super::{
    Options, client, failure,
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

/// A producer of transactions.
pub(super) struct TransactionalProducer {
    inner: Arc<ReportingProducer>,
    runtime: Handle,
    wait: Duration,
}

impl TransactionalProducer {
    /// Creates a producer, fences earlier ones with the same id, and aborts their open transaction.
    ///
    /// # Errors
    /// `Fenced` or `Unavailable`.
    pub(super) fn new(options: &Options, id: &str, runtime: Handle) -> Result<Self, Error> {
        let failed = |error: &KafkaError| failure::kafka("cannot create a transactional producer", error);
        let inner = client::create(options, &client::transactional_config(options, id), DeliveryReports::default());
        let producer = Self { inner: inner.map_err(|error| failed(&error))?, runtime, wait: options.deadline };
        retry(|| producer.inner.producer().init_transactions(producer.wait)).map_err(|error| failed(&error))?;
        Ok(producer)
    }

    pub(super) fn begin(&self) -> KafkaResult<()> {
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
        retry(|| self.inner.producer().commit_transaction(self.wait))
    }

    /// Aborts the transaction.
    pub(super) fn abort(&self) -> KafkaResult<()> {
        retry(|| self.inner.producer().abort_transaction(self.wait))
    }

    /// Whether this producer has failed fatally.
    pub(super) fn has_failed(&self) -> bool {
        self.inner.fatal_error().is_some()
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
