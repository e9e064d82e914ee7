//! One transaction after the other: records, mostly with the offsets of the group that owns what they are about.
//!
//! All of it blocks. Waiting for the reports of records before committing keeps a commit at about ten milliseconds; the
//! client's own flush inside a commit would wait ten times as long.

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
    writer::{Outgoing, Report, Reports, Writer},
};
use crate::Error;

/// How long to wait before doing something again that can be done again.
const AGAIN: Duration = Duration::from_millis(20);
/// How often it is done again.
const TRIES: u32 = 100;

/// What a group has worked off: a place and the offset to go on from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done<'a> {
    pub(super) topic: &'a str,
    pub(super) partition: i32,
    pub(super) offset: u64,
}

/// A producer of transactions.
pub(super) struct Transactor {
    writer: Arc<Writer>,
    runtime: Handle,
    wait: Duration,
}

impl Transactor {
    /// Makes a producer that fences earlier ones with the same id, and ends what they left open.
    pub(super) fn new(options: &Options, id: &str, runtime: Handle) -> Result<Self, Error> {
        let failed = |error: &KafkaError| failure::kafka("no producer of transactions", error);
        let writer = client::create(options, &client::transactional(options, id), Reports::default());
        let transactor = Self { writer: writer.map_err(|error| failed(&error))?, runtime, wait: options.deadline };
        again(|| transactor.writer.producer().init_transactions(transactor.wait)).map_err(|error| failed(&error))?;
        Ok(transactor)
    }

    pub(super) fn begin(&self) -> KafkaResult<()> {
        self.writer.producer().begin_transaction()
    }

    /// Writes records and waits until they are there; gives their offsets.
    pub(super) fn send(&self, records: Vec<(Arc<str>, Outgoing)>) -> KafkaResult<Vec<u64>> {
        let reports = self.writer.send(records, Instant::now() + self.wait);
        // All of them, also after one that failed: what still waits to be sent must not end up in the next transaction.
        let reports = self.runtime.block_on(async {
            let mut all: Vec<Report> = Vec::with_capacity(reports.len());
            for report in reports {
                all.push(report.await.unwrap_or(Err(KafkaError::Canceled)));
            }
            all
        });
        reports.into_iter().map(|report| report.map(|(_, offset)| offset)).collect()
    }

    /// Commits the transaction together with what the group has worked off; refused when another one owns that now.
    pub(super) fn commit(&self, done: Done<'_>, group: &ConsumerGroupMetadata) -> KafkaResult<()> {
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(done.topic, done.partition, Offset::Offset(done.offset as i64))?;
        again(|| self.writer.producer().send_offsets_to_transaction(&offsets, group, self.wait))?;
        self.commit_alone()
    }

    /// Commits the transaction where no group owns what it is about.
    pub(super) fn commit_alone(&self) -> KafkaResult<()> {
        again(|| self.writer.producer().commit_transaction(self.wait))
    }

    /// Takes back what the transaction wrote.
    pub(super) fn abort(&self) -> KafkaResult<()> {
        again(|| self.writer.producer().abort_transaction(self.wait))
    }

    /// Whether this producer can do no more.
    pub(super) fn has_failed(&self) -> bool {
        self.writer.fatal_error().is_some()
    }

    /// Whether another producer has taken its id.
    pub(super) fn is_fenced(&self) -> bool {
        let fatal = self.writer.fatal_error();
        fatal.is_some_and(|(code, _)| failure::is_fencing(code))
    }
}

/// Does something again that failed and may be done again, for a while.
fn again(mut work: impl FnMut() -> KafkaResult<()>) -> KafkaResult<()> {
    let mut tries = 0;
    loop {
        match work() {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && tries < TRIES => {
                // Whatever timed out has waited already.
                let waited = error.code() == RDKafkaErrorCode::OperationTimedOut;
                tries += if waited { TRIES / 2 } else { 1 };
                std::thread::sleep(AGAIN);
            }
            other => return other,
        }
    }
}
