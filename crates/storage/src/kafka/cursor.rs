//! Reading a partition from a given offset on: a few clients, kept where they stopped.
//!
//! Who reads on from where a client stands costs no seek; others move the client that rested longest. A client that rests
//! for a while lets go of what it fetched ahead. All of this blocks and runs on blocking threads. The end of what is
//! committed is known by the client's end-of-partition event, since offsets of transaction markers hold no record.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer, error::KafkaError};
use tokio::sync::Semaphore;

use super::{
    Options,
    client::{self, Plain, Reader},
    failure, notes, record,
};
use crate::{
    Error,
    codec::record_bytes,
    log::{Limit, Stored},
};

/// How long one poll waits.
const SLICE: Duration = Duration::from_millis(100);
/// Most reads at once.
const READS: usize = 4;
/// Most clients kept.
const KEPT: usize = 8;
/// How long a client keeps what it fetched ahead, up to a megabyte, for whoever reads on.
const REST: Duration = Duration::from_secs(1);

/// A client that stands somewhere.
struct Cursor {
    consumer: Reader,
    topic: String,
    partition: i32,
    next: u64,
    /// Read, but beyond the limit of the read before.
    held: Option<Stored>,
    fresh: bool,
    /// The number of its last read.
    turn: u64,
}

impl Cursor {
    fn place(&mut self, topic: &str, partition: i32, from: u64) -> Result<(), Error> {
        let mut list = TopicPartitionList::new();
        let offset = Offset::Offset(i64::try_from(from).unwrap_or(i64::MAX));
        let placed = list.add_partition_offset(topic, partition, offset).and_then(|()| self.consumer.assign(&list));
        placed.map_err(|error| failure::kafka("a partition cannot be read", &error))?;
        topic.clone_into(&mut self.topic);
        (self.partition, self.next, self.held, self.fresh) = (partition, from, None, true);
        Ok(())
    }

    /// Stands nowhere, and holds nothing.
    fn leave(&mut self) {
        (self.topic, self.held) = (String::new(), None);
        if let Err(error) = self.consumer.unassign() {
            notes::tell("a client goes on fetching what nobody reads", &error, "");
        }
        // What is in its queue is thrown away when the queue is looked into.
        drop(self.consumer.poll(Duration::ZERO));
    }

    /// The next record; `None` at the end of what is committed.
    fn step(&mut self, wait: Duration) -> Result<Option<Stored>, Error> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        let mut left = wait;
        while left > Duration::ZERO {
            match self.consumer.poll(SLICE) {
                Some(Ok(message)) => {
                    let stored = record::stored(&message);
                    self.next = stored.position.0 + 1;
                    return Ok(Some(stored));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(None),
                // The client finds its way by itself.
                Some(Err(error)) if failure::is_passing(&error) => {}
                Some(Err(error)) => return Err(failure::kafka("a partition cannot be read", &error)),
                None => {}
            }
            left = left.saturating_sub(SLICE);
        }
        Err(failure::away("a partition is not read in time"))
    }

    /// Reads up to an offset that is committed, within a limit. Gives the records and where to go on.
    fn read(&mut self, until: u64, limit: Limit, wait: Duration) -> Result<(Vec<Stored>, u64), Error> {
        let (mut records, mut bytes, mut next) = (Vec::new(), 0, self.start());
        while records.len() < limit.records.max(1) && next < until {
            let Some(stored) = self.step(wait)? else {
                if self.fresh {
                    // What is left up to `until` holds no records.
                    next = until;
                    break;
                }
                // The end may be that of an earlier read.
                let (topic, partition) = (self.topic.clone(), self.partition);
                self.place(&topic, partition, next)?;
                continue;
            };
            bytes += record_bytes(&stored.record);
            if bytes > limit.bytes && !records.is_empty() {
                self.held = Some(stored);
                break;
            }
            next = stored.position.0 + 1;
            records.push(stored);
        }
        self.fresh = false;
        Ok((records, next))
    }

    /// Where the next read starts.
    fn start(&self) -> u64 {
        self.held.as_ref().map_or(self.next, |held| held.position.0)
    }
}

/// The clients.
pub(super) struct Cursors {
    options: Arc<Options>,
    idle: Mutex<Vec<Cursor>>,
    permits: Semaphore,
    turns: AtomicU64,
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}

impl Cursors {
    /// Clients that wait as long as the deadline for a record that must be there.
    pub(super) fn new(options: Arc<Options>) -> Self {
        Self { options, idle: Mutex::default(), permits: Semaphore::new(READS), turns: AtomicU64::new(0) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Cursor>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, topic: &str, partition: i32, from: u64) -> Result<Cursor, Error> {
        let resting = {
            let mut idle = self.lock();
            let stands =
                |cursor: &Cursor| cursor.topic == topic && cursor.partition == partition && cursor.start() == from;
            if let Some(at) = idle.iter().position(stands) {
                return Ok(idle.remove(at));
            }
            // Those that stand nowhere come first.
            let free = idle.first().is_some_and(|cursor| cursor.topic.is_empty()) || idle.len() >= KEPT;
            free.then(|| idle.remove(0))
        };
        let mut cursor = if let Some(cursor) = resting { cursor } else { self.make()? };
        cursor.place(topic, partition, from)?;
        Ok(cursor)
    }

    fn make(&self) -> Result<Cursor, Error> {
        let made = client::create(&self.options, &client::reader(&self.options), Plain);
        let consumer = made.map_err(|error| failure::kafka("no client to read with", &error))?;
        Ok(Cursor { consumer, topic: String::new(), partition: 0, next: 0, held: None, fresh: true, turn: 0 })
    }

    /// Reads from an offset up to another one that is committed, within a limit.
    pub(super) async fn read(
        self: &Arc<Self>,
        topic: String,
        partition: i32,
        (from, until): (u64, u64),
        limit: Limit,
    ) -> Result<(Vec<Stored>, u64), Error> {
        let _permit = self.permits.acquire().await.map_err(|_| failure::away("reading has ended"))?;
        let (cursors, turn) = (Arc::clone(self), self.turns.fetch_add(1, Ordering::Relaxed));
        let read = move || {
            let mut cursor = cursors.take(&topic, partition, from)?;
            let found = cursor.read(until, limit, cursors.options.deadline)?;
            cursor.turn = turn;
            cursors.lock().push(cursor);
            Ok(found)
        };
        let found = tokio::task::spawn_blocking(read).await.map_err(failure::task)?;
        tokio::spawn(Self::rest(Arc::downgrade(self), turn));
        found
    }

    /// Has the client that made a read let go of what it fetched, unless it reads again soon.
    async fn rest(cursors: Weak<Self>, turn: u64) {
        tokio::time::sleep(REST).await;
        let Some(cursors) = cursors.upgrade() else { return };
        let leave = move || {
            let cursor = {
                let mut idle = cursors.lock();
                idle.iter().position(|cursor| cursor.turn == turn).map(|at| idle.remove(at))
            };
            if let Some(mut cursor) = cursor {
                cursor.leave();
                cursors.lock().insert(0, cursor);
            }
        };
        // Fails only while the node ends.
        drop(tokio::task::spawn_blocking(leave).await);
    }

    /// Gives every record from an offset to the end of what is committed to `each`; returns where the last one ended.
    /// Blocks.
    pub(super) fn fold(
        &self,
        topic: &str,
        partition: i32,
        from: u64,
        mut each: impl FnMut(Stored) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut cursor = self.make()?;
        cursor.place(topic, partition, from)?;
        while let Some(stored) = cursor.step(self.options.deadline)? {
            each(stored)?;
        }
        Ok(cursor.next)
    }
}
