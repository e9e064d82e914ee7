//! The bounded queue between those who record and the thread that writes.
//!
//! Recording never waits: beyond the bound the oldest entries are dropped and counted.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::{Error, journal::Entry};

/// Most entries in one transaction.
const BATCH: usize = 1_024;
/// How long the first entry of a batch waits for more.
const LINGER: Duration = Duration::from_millis(20);
/// Bytes of queued entries beyond which the oldest are dropped.
const MAX_BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<(usize, Entry)>,
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
    /// Why the last try failed.
    failure: Option<Error>,
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    written: watch::Sender<Written>,
    dropped: AtomicU64,
    limit: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            wake: Condvar::new(),
            written: watch::Sender::default(),
            dropped: AtomicU64::new(0),
            limit,
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn push(&self, entries: Vec<Entry>) {
        let mut state = self.lock();
        state.pushed += entries.len() as u64;
        for entry in entries {
            let weight = weight(&entry);
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

    /// Waits until what was pushed before is written, or until writing fails.
    pub(super) async fn flush(&self) -> Result<(), Error> {
        let mut written = self.written.subscribe();
        let target = {
            let mut state = self.lock();
            state.hurry = true;
            self.wake.notify_one();
            state.pushed
        };
        let reached = |written: &Written| written.until >= target || written.failure.is_some();
        let state = written.wait_for(reached).await.map_err(|_| super::failure::broken("the journal has stopped"))?;
        match &state.failure {
            Some(error) if state.until < target => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Has the writing thread write what waits and end.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.wake.notify_one();
    }

    /// The next batch, and the count it reaches; `None` when the queue was stopped and is empty.
    pub(super) fn take(&self) -> Option<(Vec<Entry>, u64)> {
        let idle = |state: &mut State| state.entries.is_empty() && !state.hurry && !state.stop;
        let state = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let filling = |state: &mut State| state.entries.len() < BATCH && !state.hurry && !state.stop;
        let waited = self.wake.wait_timeout_while(state, LINGER, filling);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stop && state.entries.is_empty() {
            return None;
        }
        let count = state.entries.len().min(BATCH);
        let batch: Vec<(usize, Entry)> = state.entries.drain(..count).collect();
        state.bytes -= batch.iter().map(|(weight, _)| weight).sum::<usize>();
        state.hurry &= !state.entries.is_empty();
        let until = state.pushed - state.entries.len() as u64;
        Some((batch.into_iter().map(|(_, entry)| entry).collect(), until))
    }

    /// Notes that a batch was written.
    pub(super) fn wrote(&self, until: u64) {
        self.written.send_replace(Written { until, failure: None });
    }

    /// Notes that writing failed and waits before the next try; `false` when there should be none.
    pub(super) fn failed(&self, error: Error, wait: Duration) -> bool {
        self.written.send_modify(|written| written.failure = Some(error));
        let waited = self.wake.wait_timeout_while(self.lock(), wait, |state| !state.stop);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stop
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About how many bytes an entry takes.
fn weight(entry: &Entry) -> usize {
    size_of::<Entry>()
        + match entry {
            Entry::Event(event) => {
                let subject = event.subject.as_ref().map_or(0, String::len);
                event.id.len() + event.source.len() + event.kind.len() + subject
            }
            Entry::Attempt { attempt, .. } => attempt.excerpt.len(),
            Entry::Settled { last, .. } => last.as_ref().map_or(0, |last| last.excerpt.len()),
            Entry::SettledRange { .. } => 0,
        }
}
