//! The bounded queue of what happened, and the thread that writes it to the topic.
//!
//! Recording never waits: beyond the bound the oldest entries are dropped and counted.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rdkafka::message::OwnedHeaders;
use tokio::{runtime::Handle, sync::watch};

use crate::{
    Error,
    kafka::{failure, produce::Produce},
    log::Record,
};

/// Most entries written together.
const BATCH: usize = 1_000;
/// Bytes of queued entries beyond which the oldest are dropped.
const MAX_BYTES: usize = 64 << 20;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Vec<u8>>,
    bytes: usize,
    pushed: u64,
    stop: bool,
}

/// How far the writing has come.
#[derive(Debug, Clone, Default)]
struct Written {
    /// Everything pushed before this count is written or was dropped.
    until: u64,
    /// Behind the newest one in the topic.
    offset: u64,
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn push(&self, forms: Vec<Vec<u8>>) {
        let mut state = self.lock();
        state.pushed += forms.len() as u64;
        state.bytes += forms.iter().map(Vec::len).sum::<usize>();
        state.entries.extend(forms);
        while state.entries.len() > self.limit || state.bytes > MAX_BYTES {
            let Some(oldest) = state.entries.pop_front() else { break };
            state.bytes -= oldest.len();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.wake.notify_one();
    }

    /// Waits until what was pushed before is written, or until writing fails; gives the offset behind it.
    pub(super) async fn flush(&self) -> Result<u64, Error> {
        let mut written = self.written.subscribe();
        let target = self.lock().pushed;
        let reached = |written: &Written| written.until >= target || written.failure.is_some();
        let state = written.wait_for(reached).await.map_err(|_| failure::away("the journal has stopped"))?;
        match &state.failure {
            Some(error) if state.until < target => Err(error.clone()),
            _ => Ok(state.offset),
        }
    }

    /// Has the writing thread write what waits and end.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.wake.notify_one();
    }

    /// The next batch and the count it reaches; `None` when the queue was stopped and is empty.
    fn take(&self) -> Option<(Vec<Vec<u8>>, u64)> {
        let idle = |state: &mut State| state.entries.is_empty() && !state.stop;
        let mut state = self.wake.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if state.entries.is_empty() {
            return None;
        }
        let count = state.entries.len().min(BATCH);
        let batch: Vec<Vec<u8>> = state.entries.drain(..count).collect();
        state.bytes -= batch.iter().map(Vec::len).sum::<usize>();
        Some((batch, state.pushed - state.entries.len() as u64))
    }
}

/// The thread.
pub(super) struct Sender {
    queue: Arc<Queue>,
    produce: Arc<Produce>,
    topic: String,
    runtime: Handle,
}

impl Sender {
    pub(super) fn new(queue: Arc<Queue>, produce: Arc<Produce>, topic: String, runtime: Handle) -> Self {
        Self { queue, produce, topic, runtime }
    }

    pub(super) fn run(self) {
        while let Some((batch, until)) = self.queue.take() {
            loop {
                match self.runtime.block_on(self.write(&batch)) {
                    Ok(offset) => {
                        self.queue.written.send_replace(Written { until, offset, failure: None });
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, entries = batch.len(), "the journal was not written");
                        self.queue.written.send_modify(|written| written.failure = Some(error));
                        std::thread::sleep(PAUSE);
                        if self.queue.lock().stop {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Writes a batch; gives the offset behind it.
    async fn write(&self, batch: &[Vec<u8>]) -> Result<u64, Error> {
        let mut under_way = Vec::with_capacity(batch.len());
        for form in batch {
            let record = Record { value: Some(form.clone().into()), ..Record::default() };
            under_way.push(self.produce.send(&self.topic, Some(0), &record, OwnedHeaders::new()).await?);
        }
        let mut offset = 0;
        for sent in under_way {
            offset = offset.max(self.produce.report(sent).await?.1 as u64 + 1);
        }
        Ok(offset)
    }
}
