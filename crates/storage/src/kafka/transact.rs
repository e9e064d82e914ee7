//! One transaction after the other: records, mostly with the offsets of the group that owns what they are about.
//!
//! All of it blocks. Waiting for the reports of records before committing keeps a commit at about ten milliseconds; the
//! client's own flush inside a commit would wait ten times as long.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, KafkaResult},
    producer::{BaseRecord, Producer},
    types::RDKafkaErrorCode,
};
use tokio::runtime::Handle;

use super::{
    Options, client, failure,
    writer::{Reports, Writer},
};
use crate::Error;

/// How long to wait before doing something again that can be done again.
const AGAIN: Duration = Duration::from_millis(20);
/// How often it is done again.
const TRIES: u32 = 100;

/// A record to write.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) key: Vec<u8>,
    /// Without a value it is a tombstone.
    pub(super) value: Option<Vec<u8>>,
}

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
        let writer = client::create(options, &client::transactional(options, id), Reports);
        let transactor = Self { writer: writer.map_err(|error| failed(&error))?, runtime, wait: options.deadline };
        again(|| transactor.writer.producer().init_transactions(transactor.wait)).map_err(|error| failed(&error))?;
        Ok(transactor)
    }

    pub(super) fn begin(&self) -> KafkaResult<()> {
        self.writer.producer().begin_transaction()
    }

    /// Writes records and waits until they are there; gives their offsets.
    pub(super) fn send(&self, records: &[Out]) -> KafkaResult<Vec<u64>> {
        let mut reports = Vec::with_capacity(records.len());
        for out in records {
            let mut full = 0;
            loop {
                let mut record = BaseRecord::to(&out.topic).partition(out.partition).key(&out.key[..]);
                record.payload = out.value.as_deref();
                match self.writer.send(record) {
                    Ok(report) => break reports.push(report),
                    Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) if full < TRIES => {
                        full += 1;
                        std::thread::sleep(AGAIN);
                    }
                    Err((error, _)) => return Err(error),
                }
            }
        }
        self.runtime.block_on(async {
            let mut offsets = Vec::with_capacity(reports.len());
            for report in reports {
                match report.await {
                    Ok(Ok((_, offset))) => offsets.push(offset),
                    Ok(Err(error)) => return Err(error),
                    Err(_) => return Err(KafkaError::Canceled),
                }
            }
            Ok(offsets)
        })
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
