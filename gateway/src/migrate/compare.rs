//! Reads the log of a kanaal on both sides and compares every record with its copy: key, headers, payload and timestamp.
//!
//! Records with equal keys are in one partition, in order; so the copy of the next record of the source is the next record of
//! exactly one partition.

use std::collections::{BTreeSet, VecDeque};

use model::{KanaalName, Mark, Partition};
use ring::digest;
use storage::{
    Error, EventLog,
    log::{Limit, Stored},
};

use super::positions::KanaalPositions;
use secrets::hex;

/// Bounds of one read.
pub const READ: Limit = Limit { records: 1_000, bytes: 1 << 20 };

/// Count and digest of the events of a kanaal on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDigest {
    /// The number of events.
    pub events: u64,
    /// SHA-256 over all of them, in the order of the source.
    pub digest: String,
}

/// The result of comparing a kanaal in source and target.
#[derive(Debug)]
pub struct KanaalComparison {
    /// The kanaal that was compared.
    pub kanaal: KanaalName,
    /// Its events in the embedded file.
    pub source: LogDigest,
    /// Its events in the topic.
    pub target: LogDigest,
    /// The referenced marks and positions in the target; complete when both sides are equal.
    pub positions: KanaalPositions,
}

impl KanaalComparison {
    /// Whether the target holds exactly the events of the source.
    pub fn is_equal(&self) -> bool {
        self.source == self.target
    }
}

/// The records between two marks of one side of the comparison.
pub struct Stream<'a> {
    log: &'a dyn EventLog,
    kanaal: &'a KanaalName,
    partition: Partition,
    next: Mark,
    end: Mark,
    read: VecDeque<Stored>,
}

impl<'a> Stream<'a> {
    /// A partition from a mark on, up to where it ends now.
    pub async fn new(
        log: &'a dyn EventLog,
        kanaal: &'a KanaalName,
        partition: Partition,
        from: Mark,
    ) -> Result<Self, Error> {
        let end = log.end(kanaal, partition).await?;
        Ok(Self { log, kanaal, partition, next: from, end, read: VecDeque::new() })
    }

    /// The next record; `None` at the end.
    pub async fn head(&mut self) -> Result<Option<&Stored>, Error> {
        while self.read.is_empty() && self.next < self.end {
            let batch = self.log.read(self.kanaal, self.partition, self.next, READ).await?;
            if batch.records.is_empty() && batch.next <= self.next {
                break;
            }
            self.next = batch.next;
            self.read.extend(batch.records);
        }
        Ok(self.read.front())
    }

    /// The mark of the next record, or the end.
    fn mark(&self) -> Mark {
        self.read.front().map_or(self.next.min(self.end), |stored| stored.position.mark())
    }
}

/// Reads a kanaal on both sides and matches each record of the source with its copy.
pub struct RecordMatcher<'a> {
    source: Stream<'a>,
    partitions: Vec<Stream<'a>>,
}

impl<'a> RecordMatcher<'a> {
    /// From mark `first` of the source, up to the present ends of both sides.
    pub async fn new(
        kanaal: &'a KanaalName,
        (source, first): (&'a dyn EventLog, Mark),
        target: &'a dyn EventLog,
    ) -> Result<Self, Error> {
        let source = Stream::new(source, kanaal, Partition(0), first).await?;
        let mut partitions = Vec::new();
        for partition in (0..target.partitions(kanaal).await?).map(Partition) {
            partitions.push(Stream::new(target, kanaal, partition, Mark::BEGINNING).await?);
        }
        Ok(Self { source, partitions })
    }

    /// Reads ahead until every stream has its next record or is at its end. Returns whether the source has one.
    pub async fn read_next(&mut self) -> Result<bool, Error> {
        for partition in &mut self.partitions {
            partition.head().await?;
        }
        Ok(self.source.head().await?.is_some())
    }

    /// The mark of the next record of the source.
    pub fn position(&self) -> u64 {
        self.source.mark().0
    }

    /// The mark of the next record of each partition.
    pub fn marks(&self) -> Vec<Mark> {
        self.partitions.iter().map(Stream::mark).collect()
    }

    /// Takes the record of the source that was read ahead, and its copy if the target has it.
    pub fn take(&mut self) -> Option<(Stored, Option<(Partition, Stored)>)> {
        let record = self.source.read.pop_front()?;
        let here =
            self.partitions.iter_mut().find(|stream| stream.read.front().is_some_and(|found| is_copy(&record, found)));
        let copy = here.and_then(|stream| Some((stream.partition, stream.read.pop_front()?)));
        Some((record, copy))
    }

    /// Takes a record of the target that was read ahead and matches no record of the source.
    pub fn take_unmatched(&mut self) -> Option<Stored> {
        self.partitions.iter_mut().find_map(|stream| stream.read.pop_front())
    }
}

/// Compares a kanaal, from the first record of the source on; `referenced` are the positions to map.
pub async fn compare(
    kanaal: &KanaalName,
    source: (&dyn EventLog, Mark),
    target: &dyn EventLog,
    referenced: &BTreeSet<u64>,
) -> Result<KanaalComparison, Error> {
    let mut matcher = RecordMatcher::new(kanaal, source, target).await?;
    let (mut here, mut there, mut positions) = (LogHasher::new(), LogHasher::new(), KanaalPositions::default());
    while matcher.read_next().await? {
        let position = matcher.position();
        if referenced.contains(&position) {
            positions.marks.insert(position, matcher.marks());
        }
        let Some((record, copy)) = matcher.take() else { break };
        here.add(&record);
        let Some((partition, copy)) = copy else { continue };
        there.add(&copy);
        if referenced.contains(&position) {
            positions.records.insert(position, (partition, copy.position));
        }
    }
    positions.marks.insert(matcher.position(), matcher.marks());
    while let Some(left) = matcher.take_unmatched() {
        there.add(&left);
        matcher.read_next().await?;
    }
    Ok(KanaalComparison { kanaal: kanaal.clone(), source: here.finish(), target: there.finish(), positions })
}

/// Whether two records are equal; timestamps in milliseconds, the precision of Kafka.
fn is_copy(one: &Stored, other: &Stored) -> bool {
    one.record == other.record && one.appended.as_millis() == other.appended.as_millis()
}

struct LogHasher {
    events: u64,
    context: digest::Context,
}

impl LogHasher {
    fn new() -> Self {
        Self { events: 0, context: digest::Context::new(&digest::SHA256) }
    }

    fn add(&mut self, stored: &Stored) {
        self.events += 1;
        self.context.update(&stored.appended.as_millis().to_be_bytes());
        let record = &stored.record;
        self.part(&record.key);
        self.context.update(&(record.headers.len() as u64).to_be_bytes());
        for (name, value) in &record.headers {
            self.part(name);
            self.part(value);
        }
        self.context.update(&[u8::from(record.value.is_some())]);
        self.part(record.value.as_deref().unwrap_or_default());
    }

    /// Adds a field with its length, so that the boundaries between fields are part of the digest.
    fn part(&mut self, bytes: &[u8]) {
        self.context.update(&(bytes.len() as u64).to_be_bytes());
        self.context.update(bytes);
    }

    fn finish(self) -> LogDigest {
        LogDigest { events: self.events, digest: hex(self.context.finish().as_ref()) }
    }
}
