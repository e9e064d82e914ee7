//! Port EventLog: a partitioned, append-only log of opaque records per kanaal.
//!
//! A record has the parts of a record of the Kafka protocol (key, headers, value); `translator` gives it meaning. This
//! is not a queue: readers keep their own positions, and reading removes nothing.

use async_trait::async_trait;
use bytes::Bytes;
use model::{KanaalName, Mark, Partition, Position, Timestamp};
use tokio::sync::watch;

use crate::{Error, codec};

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Records of a kanaal with equal keys go to one partition and keep their order.
    pub key: Bytes,
    /// Names and values in order; a name may occur more than once.
    pub headers: Vec<(Bytes, Bytes)>,
    /// The payload; `None` differs from an empty one.
    pub value: Option<Bytes>,
}

/// The name of the header of a record that storage cannot read; the value is the reason.
const DAMAGE: &[u8] = b"gw_damage";

impl Record {
    /// What is read instead of a record that storage cannot read any more: no event, only the reason.
    pub fn damaged(reason: &str) -> Self {
        let headers = vec![(Bytes::from_static(DAMAGE), Bytes::copy_from_slice(reason.as_bytes()))];
        Self { headers, ..Self::default() }
    }

    /// The size that counts against limits, in bytes: key, names and values of headers, value.
    pub fn bytes(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.len() + headers + self.value.as_ref().map_or(0, Bytes::len)
    }

    /// The record as one byte string with a version, for those who keep it elsewhere until it is appended.
    pub fn to_bytes(&self) -> Bytes {
        codec::encode_record(self)
    }

    /// The record in such a byte string.
    ///
    /// # Errors
    /// `NewerVersion`, `Corrupt`.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, Error> {
        codec::decode_record(bytes)
    }

    /// Why storage cannot read this record; `None` for a record as it was appended.
    pub fn damage(&self) -> Option<&str> {
        let (_, reason) = self.headers.first().filter(|(name, _)| name.as_ref() == DAMAGE)?;
        std::str::from_utf8(reason).ok()
    }
}

/// A record with its position, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The offset in its partition.
    pub position: Position,
    /// The append time.
    pub appended: Timestamp,
    /// The record.
    pub record: Record,
}

/// The result of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The records, by ascending position.
    pub records: Vec<Stored>,
    /// Where the next read starts: behind the last record, or behind a gap without records.
    pub next: Mark,
    /// The oldest mark that can still be read. If it is beyond the requested mark, the records in between were trimmed
    /// and the batch starts at it.
    pub oldest: Mark,
}

/// The bounds of a read. The first record is returned whatever its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Most records, at least 1.
    pub records: usize,
    /// Most bytes of keys, headers and values together.
    pub bytes: usize,
}

/// A point that exists in every partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Behind the newest visible record.
    End,
    /// At the first record appended at or after a timestamp; the end if there is none.
    Since(Timestamp),
}

/// The port: a partitioned, append-only log of opaque records per kanaal.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends records, each to the log of its kanaal. It returns no positions: a broker that already has a request
    /// confirms the retry without them.
    ///
    /// When it returns `Ok`, every record is durable (survives loss of power) and visible to readers. When it returns
    /// `Err`, the embedded adapter has stored none of them; on Kafka some may have been appended. Records of one call
    /// to one partition keep their order, and so do calls that run one after another. It waits while storage is busy,
    /// up to a deadline, and then fails with `Unavailable`. A new kanaal needs no preparation. If the future is
    /// dropped, the records may or may not be appended.
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), Error>;

    /// The number of partitions of a kanaal, at least 1. It only grows, when an operator adds some.
    async fn partitions(&self, kanaal: &KanaalName) -> Result<u32, Error>;

    /// Changes when a kanaal has more partitions than were returned for it before. Whoever works with all partitions
    /// subscribes before it asks for their number, and asks again after each change. The adapter that never adds any
    /// returns a closed channel.
    fn extensions(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }

    /// Reads from a mark on. A record that the adapter cannot read any more is returned as [`Record::damaged`]. Returns an
    /// empty batch at the end of the log and never waits for records. For a mark
    /// beyond the end the batch is empty and its `next` is that mark.
    async fn read(&self, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Result<Batch, Error>;

    /// The marks of a point in partitions of one or several kanalen, in the order given. All are requested together,
    /// since a broker may be far away. In a kanaal without records, and in a partition that does not exist, every point
    /// is [`Mark::BEGINNING`].
    async fn marks(&self, partitions: &[(KanaalName, Partition)], point: Point) -> Result<Vec<Mark>, Error>;

    /// A remark for operators if records were found damaged since the start.
    fn damage(&self) -> Option<String> {
        None
    }

    /// The end of a partition as it advances. The value is current when the receiver is created. It decreases only when
    /// the log was lost and began anew.
    fn watch(&self, kanaal: &KanaalName, partition: Partition) -> watch::Receiver<Mark>;

    /// Removes records appended before a timestamp, oldest first, at most `max`; returns their number. A call is short
    /// enough not to delay appends; repeat it until it returns less than `max`.
    async fn trim(&self, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error>;

    /// Removes all records of a kanaal that was deleted together with its events. Repeat it after an error.
    async fn purge(&self, kanaal: &KanaalName) -> Result<(), Error>;

    /// What happened to logs since the start that lost events, for an operator; one line each.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// Every partition of these kanalen, in the order given.
    async fn partitions_of(&self, kanalen: Vec<KanaalName>) -> Result<Vec<(KanaalName, Partition)>, Error> {
        let mut all = Vec::new();
        for kanaal in kanalen {
            let count = self.partitions(&kanaal).await?;
            all.extend((0..count).map(|partition| (kanaal.clone(), Partition(partition))));
        }
        Ok(all)
    }

    /// The mark behind the newest visible record of a partition.
    async fn end(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error> {
        let marks = self.marks(&[(kanaal.clone(), partition)], Point::End).await?;
        Ok(marks.first().copied().unwrap_or(Mark::BEGINNING))
    }
}
