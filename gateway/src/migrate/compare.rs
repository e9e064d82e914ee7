//! Reads the log of a kanaal on both sides and holds every record against its copy: key, headers, payload and moment.
//!
//! Records with equal keys are in one partition, in order; so the next record of the source is the next of exactly one
//! partition, and finding that one says where it has gone.

use std::collections::{BTreeSet, VecDeque};

use model::{KanaalName, Mark, Partition};
use ring::digest;
use storage::{
    Error, EventLog,
    log::{Limit, Stored},
};

use super::places::Placed;
use crate::secrets::hex;

/// How much is read at once.
pub const READ: Limit = Limit { records: 1_000, bytes: 1 << 20 };

/// What one side of a kanaal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// How many events.
    pub events: u64,
    /// SHA-256 over all of them, in the order of the source.
    pub digest: String,
}

/// Both sides of a kanaal.
#[derive(Debug)]
pub struct Compared {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The file.
    pub source: Side,
    /// The topic.
    pub target: Side,
    /// Where everything that is wanted has gone; complete when both sides are equal.
    pub placed: Placed,
}

impl Compared {
    /// Whether every event is there, as it was, and nothing else is.
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

/// A kanaal on both sides, read along each other.
pub struct Walk<'a> {
    source: Stream<'a>,
    partitions: Vec<Stream<'a>>,
}

impl<'a> Walk<'a> {
    /// From where the log begins in the source, up to where both sides end now.
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

    /// Brings the next record of every stream up; whether the source has one.
    pub async fn look(&mut self) -> Result<bool, Error> {
        for partition in &mut self.partitions {
            partition.head().await?;
        }
        Ok(self.source.head().await?.is_some())
    }

    /// Where the source stands.
    pub fn place(&self) -> u64 {
        self.source.mark().0
    }

    /// Where each partition stands.
    pub fn marks(&self) -> Vec<Mark> {
        self.partitions.iter().map(Stream::mark).collect()
    }

    /// The record of the source that was brought up, and its copy when it is there.
    pub fn take(&mut self) -> Option<(Stored, Option<(Partition, Stored)>)> {
        let record = self.source.read.pop_front()?;
        let here =
            self.partitions.iter_mut().find(|stream| stream.read.front().is_some_and(|found| is_copy(&record, found)));
        let copy = here.and_then(|stream| Some((stream.partition, stream.read.pop_front()?)));
        Some((record, copy))
    }

    /// A record of the target that was brought up and is not taken.
    pub fn take_left(&mut self) -> Option<Stored> {
        self.partitions.iter_mut().find_map(|stream| stream.read.pop_front())
    }
}

/// Compares a kanaal, from where its log begins in the source.
pub async fn compare(
    kanaal: &KanaalName,
    source: (&dyn EventLog, Mark),
    target: &dyn EventLog,
    wanted: &BTreeSet<u64>,
) -> Result<Compared, Error> {
    let mut walk = Walk::new(kanaal, source, target).await?;
    let (mut here, mut there, mut placed) = (Sum::new(), Sum::new(), Placed::default());
    while walk.look().await? {
        let place = walk.place();
        if wanted.contains(&place) {
            placed.marks.insert(place, walk.marks());
        }
        let Some((record, copy)) = walk.take() else { break };
        here.add(&record);
        let Some((partition, copy)) = copy else { continue };
        there.add(&copy);
        if wanted.contains(&place) {
            placed.records.insert(place, (partition, copy.position));
        }
    }
    placed.marks.insert(walk.place(), walk.marks());
    while let Some(left) = walk.take_left() {
        there.add(&left);
        walk.look().await?;
    }
    Ok(Compared { kanaal: kanaal.clone(), source: here.finish(), target: there.finish(), placed })
}

/// Kafka keeps moments in milliseconds.
fn is_copy(one: &Stored, other: &Stored) -> bool {
    one.record == other.record && one.appended.as_millis() == other.appended.as_millis()
}

struct Sum {
    events: u64,
    context: digest::Context,
}

impl Sum {
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

    /// With its length, so that what stands where is part of the sum.
    fn part(&mut self, bytes: &[u8]) {
        self.context.update(&(bytes.len() as u64).to_be_bytes());
        self.context.update(bytes);
    }

    fn finish(self) -> Side {
        Side { events: self.events, digest: hex(self.context.finish().as_ref()) }
    }
}
