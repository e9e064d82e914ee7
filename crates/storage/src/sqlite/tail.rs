//! What is known in memory of every log: its edges, and its newest records, so that fresh events are read
//! without SQL.
//!
//! Edges come twice: as readers may see them, and as the writer has staged them in the transaction under way.
//! The newest records of all kanalen share one budget; the oldest of all goes first.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use model::{KanaalName, Mark, Timestamp};
use tokio::sync::watch;

/// Most records kept in memory over all kanalen.
const MAX_RECORDS: usize = 1 << 16;

/// Where a log begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edges {
    /// The oldest offset that can be read.
    pub(super) first: u64,
    /// Behind the newest.
    pub(super) end: u64,
    /// When the newest was appended.
    pub(super) latest: Timestamp,
    /// Whether the kanaal has its row.
    pub(super) known: bool,
}

#[derive(Debug)]
pub(super) struct Tail {
    /// As readers see it.
    pub(super) visible: Edges,
    /// As the transaction under way leaves it; the same when there is none.
    pub(super) staged: Edges,
    /// The newest records; the last one stands just before `visible.end`.
    newest: VecDeque<(Timestamp, Bytes)>,
}

impl Tail {
    /// The offset of the oldest record in memory; the end when there is none.
    fn oldest_kept(&self) -> u64 {
        self.visible.end - self.newest.len() as u64
    }

    /// The records from an offset on, when memory has all of them.
    pub(super) fn from(&self, offset: u64) -> Option<impl Iterator<Item = &(Timestamp, Bytes)>> {
        let skip = offset.checked_sub(self.oldest_kept())?;
        Some(self.newest.iter().skip(skip as usize))
    }
}

/// One log.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) id: i64,
    pub(super) naam: KanaalName,
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

    /// Tells watchers where the end is now.
    pub(super) fn announce(&self) {
        let end = Mark(self.tail().visible.end);
        self.watch.send_if_modified(|mark| std::mem::replace(mark, end) != end);
    }

    /// Forgets what was staged: the transaction was rolled back.
    pub(super) fn unstage(&self) {
        let mut tail = self.tail();
        tail.staged = tail.visible;
    }
}

#[derive(Debug, Default)]
struct Kept {
    order: VecDeque<(Arc<Log>, u64)>,
    bytes: usize,
}

/// All logs by kanaal.
#[derive(Debug)]
pub(super) struct Tails {
    logs: RwLock<HashMap<KanaalName, Arc<Log>>>,
    next_id: AtomicI64,
    kept: Mutex<Kept>,
    budget: usize,
}

impl Tails {
    pub(super) fn new(budget: usize) -> Self {
        Self { logs: RwLock::default(), next_id: AtomicI64::new(1), kept: Mutex::default(), budget }
    }

    /// Takes in a log that is stored.
    pub(super) fn add(&self, id: i64, naam: KanaalName, edges: Edges) {
        let tail = Tail { visible: edges, staged: edges, newest: VecDeque::new() };
        let log = Log { id, naam: naam.clone(), watch: watch::Sender::new(Mark(edges.end)), tail: Mutex::new(tail) };
        self.next_id.fetch_max(id + 1, Ordering::Relaxed);
        self.logs.write().unwrap_or_else(PoisonError::into_inner).insert(naam, Arc::new(log));
    }

    /// The log of a kanaal that was written to or watched.
    pub(super) fn find(&self, naam: &KanaalName) -> Option<Arc<Log>> {
        self.logs.read().unwrap_or_else(PoisonError::into_inner).get(naam).cloned()
    }

    /// The log of a kanaal; an empty one when it is new. Its row is written with its first record.
    pub(super) fn find_or_make(&self, naam: &KanaalName) -> Arc<Log> {
        if let Some(log) = self.find(naam) {
            return log;
        }
        let mut logs = self.logs.write().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let edges = Edges { first: 0, end: 0, latest: Timestamp::default(), known: false };
            let tail = Tail { visible: edges, staged: edges, newest: VecDeque::new() };
            Arc::new(Log {
                id: self.next_id.fetch_add(1, Ordering::Relaxed),
                naam: naam.clone(),
                watch: watch::Sender::new(Mark::BEGINNING),
                tail: Mutex::new(tail),
            })
        };
        Arc::clone(logs.entry(naam.clone()).or_insert_with(make))
    }

    /// Makes a committed record visible, and forgets the oldest ones beyond the budget.
    pub(super) fn push(&self, log: &Arc<Log>, appended: Timestamp, body: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += body.len();
        let offset = {
            let mut tail = log.tail();
            let offset = tail.visible.end;
            tail.visible = Edges { end: offset + 1, latest: appended, known: true, ..tail.visible };
            tail.newest.push_back((appended, body));
            offset
        };
        kept.order.push_back((Arc::clone(log), offset));
        while kept.bytes > self.budget || kept.order.len() > MAX_RECORDS {
            let Some((oldest, offset)) = kept.order.pop_front() else { break };
            let mut tail = oldest.tail();
            if tail.oldest_kept() == offset
                && let Some((_, body)) = tail.newest.pop_front()
            {
                kept.bytes -= body.len();
            }
        }
    }

    /// Makes a committed trim visible.
    pub(super) fn forget(&self, log: &Log, first: u64) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tail = log.tail();
        tail.visible.first = tail.visible.first.max(first);
        while tail.oldest_kept() < first
            && let Some((_, body)) = tail.newest.pop_front()
        {
            kept.bytes -= body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(tails: &Tails, naam: &str) -> Arc<Log> {
        tails.find_or_make(&KanaalName::new(naam).unwrap())
    }

    fn push(tails: &Tails, log: &Arc<Log>, bytes: usize) {
        tails.push(log, Timestamp::from_seconds(1), vec![0; bytes].into());
    }

    fn kept_from(log: &Log) -> u64 {
        log.tail().oldest_kept()
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
        tails.forget(&a, 1);
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
