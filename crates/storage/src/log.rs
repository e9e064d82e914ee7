//! Port EventLog: per kanaal a partitioned, append-only log of opaque records.
//!
//! A record is what the Kafka protocol calls one (key, headers, value); its meaning lives in
//! `translator`. It is not a queue: readers keep their own marks, nothing is removed by reading.

use async_trait::async_trait;
use bytes::Bytes;
use model::{KanaalName, Mark, Partition, Position, Timestamp};
use tokio::sync::watch;

use crate::Error;

/// One entry of a log, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Records with equal keys land in one partition, in order.
    pub key: Bytes,
    /// Names and values, in order; a name may occur more than once.
    pub headers: Vec<(Bytes, Bytes)>,
    /// The payload; `None` differs from an empty one.
    pub value: Option<Bytes>,
}

/// One entry of a log, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it stands.
    pub position: Position,
    /// When it was appended.
    pub appended: Timestamp,
    /// The record.
    pub record: Record,
}

/// What a read gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The records, positions ascending.
    pub records: Vec<Stored>,
    /// Where the next read goes on: behind the last record, or behind a gap that holds none.
    pub next: Mark,
    /// The oldest mark that can still be read. When it is beyond the mark that was asked for, the
    /// records between were trimmed and the batch starts at it.
    pub oldest: Mark,
}

/// How much a read may give; the first record is given whatever its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Most records, at least 1.
    pub records: usize,
    /// Most bytes of keys, headers and values together.
    pub bytes: usize,
}

/// A point that every partition of a log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Behind the newest record that is visible now.
    End,
    /// At the first record appended at or after a moment; the end when there is none.
    Since(Timestamp),
}

/// A partitioned, append-only log of opaque records per kanaal.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends records, each to the log of its kanaal. It does not say where they landed: a broker that had a request
    /// already confirms its repetition without a place.
    ///
    /// When it returns `Ok`, every record is durable (survives loss of power) and visible to readers; when it
    /// returns `Err`, none of them is or will become visible. Records of one call to one partition keep
    /// their order; calls that ran one after the other keep theirs. It waits when storage is busy, up to a
    /// bound, and then fails with `Unavailable`. A kanaal that was never written to needs no preparation.
    /// Cancelling the future leaves open whether the records were appended.
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), Error>;

    /// How many partitions a kanaal has; fixed when it is first written to, at least 1.
    async fn partitions(&self, kanaal: &KanaalName) -> Result<u32, Error>;

    /// Reads from a mark on. Gives an empty batch at the end of the log; never waits for records. A mark
    /// beyond the end gives an empty batch whose `next` is that mark.
    async fn read(&self, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Result<Batch, Error>;

    /// The marks of a point in partitions, of several kanalen or of one, in the order they are given. They are asked for
    /// together: a server is far away. A kanaal that was never written to, and a partition it does not have, begins and
    /// ends at [`Mark::BEGINNING`].
    async fn marks(&self, partitions: &[(KanaalName, Partition)], point: Point) -> Result<Vec<Mark>, Error>;

    /// The end of a partition as it moves; the value is right when subscribed to and never goes back.
    fn watch(&self, kanaal: &KanaalName, partition: Partition) -> watch::Receiver<Mark>;

    /// Forgets records appended before a moment, at most `max` of them, oldest first; returns how many.
    /// Short enough not to hold appends up; call again until it returns less than `max`.
    async fn trim(&self, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error>;

    /// Forgets everything of a kanaal that was deleted with its events.
    async fn purge(&self, kanaal: &KanaalName) -> Result<(), Error>;

    /// Every partition of these kanalen, in their order.
    async fn partitions_of(&self, kanalen: Vec<KanaalName>) -> Result<Vec<(KanaalName, Partition)>, Error> {
        let mut all = Vec::new();
        for kanaal in kanalen {
            let count = self.partitions(&kanaal).await?;
            all.extend((0..count).map(|partition| (kanaal.clone(), Partition(partition))));
        }
        Ok(all)
    }

    /// The mark behind the newest record of a partition that is visible now.
    async fn end(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error> {
        let marks = self.marks(&[(kanaal.clone(), partition)], Point::End).await?;
        Ok(marks.first().copied().unwrap_or(Mark::BEGINNING))
    }
}
