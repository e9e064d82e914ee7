//! The bounded queue between callers that record journal entries and the thread that writes them; used by both
//! adapters.
//!
//! Pushing never waits: beyond the bound the oldest entries are dropped and counted. The queue does not know what the
//! entries are or where they are written.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{Counter, Gauge, counter, gauge};
use tokio::sync::watch;

use crate::{
    Error,
    metrics::{JOURNAL_DROPPED, JOURNAL_FAILURES, JOURNAL_LAG},
};

/// Most entries in one batch.
const BATCH: usize = 4_096;
/// How long the first entry of a batch waits for more.
const LINGER: Duration = Duration::from_millis(50);
/// The entries within [`LINGER`] from which on a batch waits longer: entries of one batch that fall on the same page of an
/// index share its write, so fewer and larger batches cost less when there is most to do.
const BUSY: usize = 128;
/// How much longer the first entry of a batch waits for more when as many as [`BUSY`] came.
const BUSY_LINGER: Duration = Duration::from_millis(350);
/// Bytes of queued entries beyond which the oldest are dropped.
const MAX_BYTES: usize = 64 << 20;

/// `retry_after` when the writing thread has ended.
const RETRY_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct State<T> {
    entries: VecDeque<(usize, T)>,
    bytes: usize,
    pushed: u64,
    flush_requested: bool,
    stop: bool,
}

/// The progress of the writing thread.
#[derive(Debug, Clone, Default)]
struct Written {
    /// Entries up to this count were written or dropped.
    until: u64,
    /// The position of the newest entry, as given by the writer.
    position: u64,
    /// The error of the last attempt.
    failure: Option<Error>,
}

/// The metrics of the queue, looked up once.
struct Meters {
    failures: Counter,
    dropped: Counter,
    lag: Gauge,
}

impl Meters {
    fn new() -> Self {
        Self { failures: counter!(JOURNAL_FAILURES), dropped: counter!(JOURNAL_DROPPED), lag: gauge!(JOURNAL_LAG) }
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    wake: Condvar,
    written: watch::Sender<Written>,
    dropped: AtomicU64,
    damaged: AtomicU64,
    meters: Meters,
    limit: usize,
}

impl<T> Queue<T> {
    /// An empty queue for at most `limit` entries.
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { entries: VecDeque::new(), bytes: 0, pushed: 0, flush_requested: false, stop: false };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            written: watch::Sender::default(),
            dropped: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
            meters: Meters::new(),
            limit,
        }
    }

    /// The number of entries dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// The error of the last write, unless one succeeded since.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.written.borrow().failure.clone()
    }

    /// The number of entries that were not written because the file is damaged, since the start.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Counts entries that are not written because the file is damaged.
    pub(crate) fn drop_damaged(&self, entries: u64) {
        self.damaged.fetch_add(entries, Ordering::Relaxed);
        self.meters.dropped.increment(entries);
    }

    /// Adds entries, each with its approximate size in bytes.
    pub(crate) fn push(&self, entries: impl IntoIterator<Item = (usize, T)>) {
        let mut state = self.lock();
        let before = state.entries.len();
        for (weight, entry) in entries {
            state.pushed += 1;
            state.bytes += weight;
            state.entries.push_back((weight, entry));
        }
        let mut dropped = 0;
        while state.entries.len() > self.limit || state.bytes > MAX_BYTES {
            let Some((weight, _)) = state.entries.pop_front() else { break };
            state.bytes -= weight;
            dropped += 1;
        }
        if dropped > 0 {
            self.dropped.fetch_add(dropped, Ordering::Relaxed);
            self.meters.dropped.increment(dropped);
        }
        self.meters.lag.set(state.pushed.saturating_sub(self.written.borrow().until) as f64);
        // The thread waits for a first entry or for a full batch; the entries between would only wake it for nothing.
        let after = state.entries.len();
        if before == 0 || (before < BATCH && after >= BATCH) {
            self.wake.notify_one();
        }
    }

    /// Waits until the entries pushed before are written; returns the position of the newest.
    ///
    /// # Errors
    /// The error of a failed write, which does not wait for the retry.
    pub(crate) async fn flush(&self) -> Result<u64, Error> {
        let mut written = self.written.subscribe();
        let target = {
            let mut state = self.lock();
            if written.borrow().until < state.pushed {
                state.flush_requested = true;
                self.wake.notify_one();
            }
            state.pushed
        };
        let reached = |written: &Written| written.until >= target || written.failure.is_some();
        let stopped = |_| Error::Unavailable { reason: "the journal has stopped".into(), retry_after: RETRY_AFTER };
        let state = written.wait_for(reached).await.map_err(stopped)?;
        match &state.failure {
            Some(error) if state.until < target => Err(error.clone()),
            _ => Ok(state.position),
        }
    }

    /// Makes the writing thread write the remaining entries and end.
    pub(crate) fn stop(&self) {
        self.lock().stop = true;
        self.wake.notify_one();
    }

    /// Waits for the next batch; returns it with the count that it reaches, or `None` when the queue was stopped and is
    /// empty.
    pub(crate) fn take(&self) -> Option<(Vec<T>, u64)> {
        let idle = |state: &mut State<T>| state.entries.is_empty() && !state.flush_requested && !state.stop;
        let state = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let filling = |state: &mut State<T>| state.entries.len() < BATCH && !state.flush_requested && !state.stop;
        let waited = self.wake.wait_timeout_while(state, LINGER, filling);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.entries.len() >= BUSY {
            let waited = self.wake.wait_timeout_while(state, BUSY_LINGER, filling);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if state.stop && state.entries.is_empty() {
            return None;
        }
        let count = state.entries.len().min(BATCH);
        let batch: Vec<(usize, T)> = state.entries.drain(..count).collect();
        state.bytes -= batch.iter().map(|(weight, _)| weight).sum::<usize>();
        state.flush_requested &= !state.entries.is_empty();
        let until = state.pushed - state.entries.len() as u64;
        Some((batch.into_iter().map(|(_, entry)| entry).collect(), until))
    }

    /// Notes that a batch was written, and the position of its newest entry.
    pub(crate) fn wrote(&self, until: u64, position: u64) {
        self.written.send_replace(Written { until, position, failure: None });
        self.meters.lag.set(self.lock().pushed.saturating_sub(until) as f64);
    }

    /// Notes a failed write and waits before the retry; `false` if the queue was stopped and there should be none.
    pub(crate) fn failed(&self, error: Error, wait: Duration) -> bool {
        self.meters.failures.increment(1);
        self.written.send_modify(|written| written.failure = Some(error));
        let waited = self.wake.wait_timeout_while(self.lock(), wait, |state| !state.stop);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stop
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_either_bound_the_oldest_are_dropped_and_counted() {
        let queue = Queue::new(3);
        queue.push((0..5).map(|number| (1, number)));
        assert_eq!(queue.dropped(), 2);
        queue.stop();
        assert_eq!(queue.take(), Some((vec![2, 3, 4], 5)));
        assert_eq!(queue.take(), None);

        let queue = Queue::new(100);
        queue.push([(MAX_BYTES / 2, 'a'), (MAX_BYTES / 2, 'b'), (1, 'c')]);
        assert_eq!(queue.dropped(), 1);
        queue.stop();
        assert_eq!(queue.take(), Some((vec!['b', 'c'], 3)));
    }

    /// The thread is woken for a first entry and for a full batch only, and gets all that came between.
    #[test]
    fn every_entry_is_taken_once_and_in_order_whenever_it_comes() {
        const ENTRIES: usize = 3 * BATCH + BUSY;
        let queue = std::sync::Arc::new(Queue::new(ENTRIES));
        let taker = std::sync::Arc::clone(&queue);
        let taken = std::thread::spawn(move || {
            let mut all = Vec::new();
            while let Some((batch, until)) = taker.take() {
                all.extend(batch);
                assert_eq!(until, all.len() as u64);
                taker.wrote(until, until);
            }
            all
        });
        for entry in 0..ENTRIES {
            queue.push([(1, entry)]);
        }
        queue.stop();
        assert!(taken.join().unwrap().into_iter().eq(0..ENTRIES));
        assert_eq!(queue.dropped(), 0);
    }

    #[tokio::test]
    async fn a_flush_ends_with_the_writing_or_its_failure() {
        let queue = std::sync::Arc::new(Queue::new(10));
        assert_eq!(queue.flush().await.unwrap(), 0);
        queue.push([(1, 'a')]);
        let writer = std::sync::Arc::clone(&queue);
        let work = std::thread::spawn(move || {
            let (_, until) = writer.take().unwrap();
            let broken = Error::Unavailable { reason: "full".into(), retry_after: RETRY_AFTER };
            assert!(writer.failed(broken, Duration::from_millis(1)));
            until
        });
        assert!(matches!(queue.flush().await, Err(Error::Unavailable { .. })));
        queue.wrote(work.join().unwrap(), 7);
        assert_eq!(queue.flush().await.unwrap(), 7);
        queue.stop();
        let broken = Error::Unavailable { reason: "full".into(), retry_after: RETRY_AFTER };
        assert!(!queue.failed(broken, Duration::from_mins(1)), "a stopped queue does not wait");
    }
}
