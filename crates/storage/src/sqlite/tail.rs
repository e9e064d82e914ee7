//! The bounds of every log and its most recent records, in memory, so that recent events are read without SQL.
//!
//! Bounds are kept twice: as visible to readers, and as staged by the writer in its current transaction. The records of
//! all kanalen share one budget of bytes; the oldest of all are dropped first.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use model::{KanaalName, Mark, Timestamp};
use tokio::sync::watch;

/// Most records in memory over all kanalen.
const MAX_RECORDS: usize = 1 << 16;

/// The beginning and the end of a log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The oldest readable offset.
    pub(super) first: u64,
    /// The offset behind the newest record.
    pub(super) end: u64,
    /// When the newest record was appended.
    pub(super) latest: Timestamp,
    /// Whether the kanaal has a row in the file.
    pub(super) known: bool,
}

#[derive(Debug)]
pub(super) struct Tail {
    /// As visible to readers.
    pub(super) visible: Bounds,
    /// As the current transaction leaves them; equal to `visible` outside a transaction.
    pub(super) staged: Bounds,
    /// The most recent records; the last one has the offset `visible.end - 1`.
    newest: VecDeque<(Timestamp, Bytes)>,
}

impl Tail {
    /// The offset of the oldest record in memory; the end if there is none.
    fn oldest_retained(&self) -> u64 {
        self.visible.end - self.newest.len() as u64
    }

    /// The records from an offset on, if memory has all of them.
    pub(super) fn from(&self, offset: u64) -> Option<impl Iterator<Item = &(Timestamp, Bytes)>> {
        let skip = offset.checked_sub(self.oldest_retained())?;
        Some(self.newest.iter().skip(skip as usize))
    }
}

/// The log of one kanaal.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) id: i64,
    pub(super) naam: KanaalName,
    /// Trimming continues behind this offset, because rows before it cannot be removed.
    pub(super) undeletable: AtomicU64,
    watch: watch::Sender<Mark>,
    tail: Mutex<Tail>,
}

impl Log {
    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(&self) -> watch::Receiver<Mark> {
        self.watch.subscribe()
    }

    /// Sends the visible end to watchers.
    pub(super) fn notify_watchers(&self) {
        let end = Mark(self.tail().visible.end);
        self.watch.send_if_modified(|mark| std::mem::replace(mark, end) != end);
    }

    /// Drops the staged bounds after a rollback.
    pub(super) fn roll_back(&self) {
        let mut tail = self.tail();
        tail.staged = tail.visible;
    }
}

#[derive(Debug, Default)]
struct RetainedRecords {
    order: VecDeque<(Arc<Log>, u64)>,
    bytes: usize,
}

/// All logs by kanaal.
#[derive(Debug)]
pub(super) struct Tails {
    logs: RwLock<HashMap<KanaalName, Arc<Log>>>,
    next_id: AtomicI64,
    retained: Mutex<RetainedRecords>,
    budget: usize,
}

impl Tails {
    pub(super) fn new(budget: usize) -> Self {
        Self { logs: RwLock::default(), next_id: AtomicI64::new(1), retained: Mutex::default(), budget }
    }

    /// Adds a stored log.
    pub(super) fn add(&self, id: i64, naam: KanaalName, bounds: Bounds) {
        let tail = Tail { visible: bounds, staged: bounds, newest: VecDeque::new() };
        let log = Log {
            id,
            naam: naam.clone(),
            undeletable: AtomicU64::new(0),
            watch: watch::Sender::new(Mark(bounds.end)),
            tail: Mutex::new(tail),
        };
        self.next_id.fetch_max(id + 1, Ordering::Relaxed);
        self.logs.write().unwrap_or_else(PoisonError::into_inner).insert(naam, Arc::new(log));
    }

    /// The log of a kanaal that was written to or watched.
    pub(super) fn find(&self, naam: &KanaalName) -> Option<Arc<Log>> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner).get(naam).cloned()
    }

    /// The log of a kanaal, created empty if it is new. Its row is written with its first record.
    pub(super) fn find_or_create(&self, naam: &KanaalName) -> Arc<Log> {
        if let Some(log) = self.find(naam) {
            return log;
        }
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let bounds = Bounds { first: 0, end: 0, latest: Timestamp::default(), known: false };
            let tail = Tail { visible: bounds, staged: bounds, newest: VecDeque::new() };
            Arc::new(Log {
                id: self.next_id.fetch_add(1, Ordering::Relaxed),
                naam: naam.clone(),
                undeletable: AtomicU64::new(0),
                watch: watch::Sender::new(Mark::BEGINNING),
                tail: Mutex::new(tail),
            })
        };
        Arc::clone(logs.entry(naam.clone()).or_insert_with(make))
    }

    /// Makes a committed record visible, and drops the oldest records beyond the budget.
    pub(super) fn push(&self, log: &Arc<Log>, appended: Timestamp, body: Bytes) {
        let mut retained = self.retained.lock().unwrap_or_else(PoisonError::into_inner);
        retained.bytes += body.len();
        let offset = {
            let mut tail = log.tail();
            let offset = tail.visible.end;
            tail.visible = Bounds { end: offset + 1, latest: appended, known: true, ..tail.visible };
            tail.newest.push_back((appended, body));
            offset
        };
        retained.order.push_back((Arc::clone(log), offset));
        while retained.bytes > self.budget || retained.order.len() > MAX_RECORDS {
            let Some((oldest, offset)) = retained.order.pop_front() else { break };
            let mut tail = oldest.tail();
            if tail.oldest_retained() == offset
                && let Some((_, body)) = tail.newest.pop_front()
            {
                retained.bytes -= body.len();
            }
        }
    }

    /// Makes a committed trim visible.
    pub(super) fn trim(&self, log: &Log, first: u64) {
        let mut retained = self.retained.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tail = log.tail();
        tail.visible.first = tail.visible.first.max(first);
        while tail.oldest_retained() < first
            && let Some((_, body)) = tail.newest.pop_front()
        {
            retained.bytes -= body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(tails: &Tails, naam: &str) -> Arc<Log> {
        tails.find_or_create(&KanaalName::new(naam).unwrap())
    }

    fn push(tails: &Tails, log: &Arc<Log>, bytes: usize) {
        tails.push(log, Timestamp::from_seconds(1), vec![0; bytes].into());
    }

    fn kept_from(log: &Log) -> u64 {
        log.tail().oldest_retained()
    }

    #[test]
    fn the_oldest_of_all_kanalen_goes_first() {
        let tails = Tails::new(100);
        let (a, b) = (log(&tails, "a"), log(&tails, "b"));
        push(&tails, &a, 40);
        push(&tails, &b, 40);
        push(&tails, &a, 40);
        assert_eq!((kept_from(&a), kept_from(&b)), (1, 0));
        push(&tails, &a, 40);
        assert_eq!((kept_from(&a), kept_from(&b)), (1, 1));
        assert_eq!(a.tail().from(1).map(Iterator::count), Some(2));
        assert!(a.tail().from(0).is_none());
    }

    #[test]
    fn trimmed_records_no_longer_count() {
        let tails = Tails::new(100);
        let (a, b) = (log(&tails, "a"), log(&tails, "b"));
        push(&tails, &a, 60);
        tails.trim(&a, 1);
        push(&tails, &b, 60);
        push(&tails, &a, 40);
        assert_eq!((kept_from(&a), kept_from(&b)), (1, 0));
    }

    #[test]
    fn a_record_beyond_the_budget_is_not_kept() {
        let tails = Tails::new(10);
        let a = log(&tails, "a");
        push(&tails, &a, 60);
        assert_eq!((kept_from(&a), a.tail().visible.end), (1, 1));
    }
}
