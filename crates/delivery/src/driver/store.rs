//! Stores the progress of a shard: checkpoints behind the journal, and the pace of sinks.
//!
//! A stored mark means that everything before it has ended. After a restart it is not read again, so the outcomes must
//! be in the journal first.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use storage::{
    Error, Journal,
    progress::{Entry, Shard},
};
use tokio::sync::mpsc;

use super::{EngineParts, message::Message, redrive};
use crate::{
    machine::{Checkpoint, CheckpointStep, Input},
    metrics::{CHECKPOINTS, FENCED},
};

/// How often the journal may fail before checkpoints go ahead without it.
const JOURNAL_TRIES: u32 = 3;

/// Stores the progress of one shard.
#[derive(Clone)]
pub(super) struct Store {
    parts: Arc<EngineParts>,
    shard: Shard,
    sender: mpsc::UnboundedSender<Message>,
    gate: Arc<JournalGate>,
}

impl Store {
    pub fn new(parts: Arc<EngineParts>, shard: Shard, sender: mpsc::UnboundedSender<Message>) -> Self {
        Self { parts, shard, sender, gate: Arc::default() }
    }

    /// Stores a checkpoint, step by step.
    pub async fn checkpoint(self, what: Checkpoint) {
        let (journal, retry) = (self.parts.journal.as_ref(), self.parts.settings.storage_retry);
        for step in what.into_steps() {
            match step {
                CheckpointStep::MakeJournalDurable => self.gate.pass(journal, self.shard, retry).await,
                CheckpointStep::RemoveDeadLetters(redriven) => {
                    if let Err(error) = redrive::remove(journal, &redriven, retry).await {
                        // The shard may have stopped meanwhile.
                        drop(self.sender.send(Message::Failed(error)));
                        return;
                    }
                }
                CheckpointStep::StoreEntries(entries) => {
                    metrics::counter!(CHECKPOINTS).increment(1);
                    self.store(entries, Input::Checkpointed).await;
                }
            }
        }
    }

    /// Stores the pace of sinks.
    pub async fn pace(self, entries: Vec<Entry>) {
        self.store(entries, Input::PaceStored).await;
    }

    /// Stores entries, retries until they are durable or this node is fenced, and then sends the machine its input.
    async fn store(&self, entries: Vec<Entry>, stored: Input) {
        let message = loop {
            if entries.is_empty() {
                break Message::Input(stored);
            }
            match self.parts.progress.checkpoint(self.shard, entries.clone()).await {
                Ok(()) => break Message::Input(stored),
                Err(Error::Fenced) => {
                    metrics::counter!(FENCED).increment(1);
                    break Message::Failed(Error::Fenced);
                }
                Err(error) => {
                    tracing::warn!(shard = self.shard.0, %error, "progress cannot be stored now; it is retried");
                    tokio::time::sleep(self.parts.settings.storage_retry).await;
                }
            }
        };
        // The shard may have stopped meanwhile.
        let _ = self.sender.send(message);
    }
}

/// Holds a checkpoint until the journal has what was recorded before. A journal that keeps failing is not waited for:
/// searches then find less after a crash, but deliveries go on.
#[derive(Default)]
struct JournalGate {
    failing: AtomicBool,
}

impl JournalGate {
    async fn pass(&self, journal: &dyn Journal, shard: Shard, retry: Duration) {
        let tries = if self.failing.load(Ordering::Relaxed) { 1 } else { JOURNAL_TRIES };
        for number in 1..=tries {
            match journal.make_durable().await {
                Ok(()) => {
                    if self.failing.swap(false, Ordering::Relaxed) {
                        tracing::info!(shard = shard.0, "progress waits for the journal again");
                    }
                    return;
                }
                Err(_) if number < tries => tokio::time::sleep(retry).await,
                Err(error) => {
                    if !self.failing.swap(true, Ordering::Relaxed) {
                        tracing::warn!(
                            shard = shard.0,
                            %error,
                            "the journal keeps failing; progress is stored without it, and outcomes may be missing after a crash"
                        );
                    }
                }
            }
        }
    }
}
