//! The bounded queue between those who record what happened and the thread that writes it, for the journal of every
//! adapter.
//!
//! Recording never waits: beyond the bound the oldest entries are dropped and counted. It knows nothing of what is
//! written, or where to.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::Error;

/// Most entries written together.
const BATCH: usize = 4_096;
/// How long the first entry of a batch waits for more.
const LINGER: Duration = Duration::from_millis(50);
/// Bytes of queued entries beyond which the oldest are dropped.
const MAX_BYTES: usize = 64 << 20;

/// When it makes sense to flush again after the writing has stopped.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct State<T> {
    entries: VecDeque<(usize, T)>,
    bytes: usize,
    pushed: u64,
    hurry: bool,
    stop: bool,
}

/// How far the writing has come.
#[derive(Debug, Clone, Default)]
struct Written {
    /// Everything pushed before this count is written or was dropped.
    until: u64,
    /// Where the newest one stands, as the writer has it.
    place: u64,
    /// Why the last try failed.
    failure: Option<Error>,
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    wake: Condvar,
    written: watch::Sender<Written>,
    dropped: AtomicU64,
    limit: usize,
}

impl<T> Queue<T> {
    /// A queue of at most so many entries.
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { entries: VecDeque::new(), bytes: 0, pushed: 0, hurry: false, stop: false };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            written: watch::Sender::default(),
            dropped: AtomicU64::new(0),
            limit,
        }
    }

    /// How many entries were dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Adds entries, each with about the bytes that it takes.
    pub(crate) fn push(&self, entries: impl IntoIterator<Item = (usize, T)>) {
        let mut state = self.lock();
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
        }
        self.wake.notify_one();
    }

    /// Waits until what was pushed before is written, or until writing fails; gives the place of the newest.
    pub(crate) async fn flush(&self) -> Result<u64, Error> {
        let mut written = self.written.subscribe();
        let target = {
            let mut state = self.lock();
            state.hurry = true;
            self.wake.notify_one();
            state.pushed
        };
        let reached = |written: &Written| written.until >= target || written.failure.is_some();
        let stopped = |_| Error::Unavailable { reason: "the journal has stopped".into(), retry_after: AGAIN };
        let state = written.wait_for(reached).await.map_err(stopped)?;
        match &state.failure {
            Some(error) if state.until < target => Err(error.clone()),
            _ => Ok(state.place),
        }
    }

    /// Has the writing thread write what waits and end.
    pub(crate) fn stop(&self) {
        self.lock().stop = true;
        self.wake.notify_one();
    }

    /// The next batch, and the count it reaches; `None` when the queue was stopped and is empty.
    pub(crate) fn take(&self) -> Option<(Vec<T>, u64)> {
        let idle = |state: &mut State<T>| state.entries.is_empty() && !state.hurry && !state.stop;
        let state = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let filling = |state: &mut State<T>| state.entries.len() < BATCH && !state.hurry && !state.stop;
        let waited = self.wake.wait_timeout_while(state, LINGER, filling);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stop && state.entries.is_empty() {
            return None;
        }
        let count = state.entries.len().min(BATCH);
        let batch: Vec<(usize, T)> = state.entries.drain(..count).collect();
        state.bytes -= batch.iter().map(|(weight, _)| weight).sum::<usize>();
        state.hurry &= !state.entries.is_empty();
        let until = state.pushed - state.entries.len() as u64;
        Some((batch.into_iter().map(|(_, entry)| entry).collect(), until))
    }

    /// Notes that a batch was written, and where its newest entry stands.
    pub(crate) fn wrote(&self, until: u64, place: u64) {
        self.written.send_replace(Written { until, place, failure: None });
    }

    /// Notes that writing failed and waits before the next try; `false` when there should be none.
    pub(crate) fn failed(&self, error: Error, wait: Duration) -> bool {
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

    #[tokio::test]
    async fn a_flush_ends_with_the_writing_or_its_failure() {
        let queue = std::sync::Arc::new(Queue::new(10));
        assert_eq!(queue.flush().await.unwrap(), 0);
        queue.push([(1, 'a')]);
        let writer = std::sync::Arc::clone(&queue);
        let work = std::thread::spawn(move || {
            let (_, until) = writer.take().unwrap();
            let broken = Error::Unavailable { reason: "full".into(), retry_after: AGAIN };
            assert!(writer.failed(broken, Duration::from_millis(1)));
            until
        });
        assert!(matches!(queue.flush().await, Err(Error::Unavailable { .. })));
        queue.wrote(work.join().unwrap(), 7);
        assert_eq!(queue.flush().await.unwrap(), 7);
        queue.stop();
        let broken = Error::Unavailable { reason: "full".into(), retry_after: AGAIN };
        assert!(!queue.failed(broken, Duration::from_mins(1)), "nobody waits when it is to stop");
    }
}
