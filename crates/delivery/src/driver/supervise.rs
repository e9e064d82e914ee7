//! The supervisor: starts a task for each shard that this node gains, drains it before a handover and aborts it when
//! the shard is lost. It never waits for one shard while others need it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use storage::{
    Error,
    progress::{Key, Ownership, Shard, Value},
};
use tokio::{
    sync::{mpsc, watch as signal},
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use super::{
    Common, EngineParts, ShardOwnership, Shards, lock,
    message::{DrainTime, Message},
    shard::{self, Ending},
};
use crate::metrics::Gauges;

/// Time for storing progress after the time for requests, when the handover sets none.
const STORING: Duration = Duration::from_secs(5);

/// Waits until the engine is stopped; returns the time for requests under way.
async fn stop_requested(stopped: &mut signal::Receiver<Option<Duration>>) -> Duration {
    stopped.wait_for(Option::is_some).await.ok().and_then(|stop| *stop).unwrap_or_default()
}

pub(super) struct Supervisor {
    parts: Arc<EngineParts>,
    common: Arc<Common>,
    shards: Shards,
    state: signal::Sender<ShardOwnership>,
    tasks: JoinSet<Ending>,
    running: HashMap<Shard, AbortHandle>,
}

impl Supervisor {
    pub fn new(
        parts: Arc<EngineParts>,
        common: Arc<Common>,
        shards: Shards,
        state: signal::Sender<ShardOwnership>,
    ) -> Self {
        Self { parts, common, shards, state, tasks: JoinSet::new(), running: HashMap::new() }
    }

    /// Runs until the engine is stopped, and then until every shard is.
    pub async fn run(mut self, mut stopped: signal::Receiver<Option<Duration>>) {
        let drain = loop {
            tokio::select! {
                ownership = self.parts.progress.ownership() => self.ownership_changed(ownership).await,
                Some(ended) = self.tasks.join_next_with_id() => self.task_ended(ended),
                drain = stop_requested(&mut stopped) => break drain,
            }
        };
        let senders: Vec<_> = lock(&self.shards).drain().collect();
        for (_, sender) in senders {
            // A task that is gone has stopped.
            let _ = sender.send(Message::Stop(DrainTime { requests: drain, storing: STORING }));
        }
        loop {
            tokio::select! {
                ended = self.tasks.join_next_with_id() => match ended {
                    Some(ended) => self.task_ended(ended),
                    None => return,
                },
                // A shard that is lost now need not be drained.
                ownership = self.parts.progress.ownership() => {
                    if let Ok(Ownership::Lost(shard)) = ownership {
                        self.abort(shard);
                    }
                }
            }
        }
    }

    async fn ownership_changed(&mut self, ownership: Result<Ownership, Error>) {
        let ownership_error = ownership.as_ref().err().map(ToString::to_string);
        self.state.send_if_modified(|state| {
            let differs = state.ownership_error != ownership_error;
            state.ownership_error = ownership_error;
            differs
        });
        match ownership {
            Ok(Ownership::Gained(shard, entries)) => self.start(shard, entries),
            Ok(Ownership::Losing(shard, within)) => {
                self.publish_loss(shard);
                if let Some(sender) = lock(&self.shards).remove(&shard) {
                    let storing = (within / 4).min(STORING);
                    // A task that is gone has stopped.
                    let _ = sender.send(Message::Stop(DrainTime { requests: within.saturating_sub(storing), storing }));
                }
            }
            Ok(Ownership::Lost(shard)) => {
                self.publish_loss(shard);
                self.abort(shard);
                tracing::warn!(shard = shard.0, "deliveries stopped: this node does not own the shard any more");
            }
            Err(error) => {
                tracing::error!(%error, "the ownership of shards cannot be read");
                tokio::time::sleep(self.parts.settings.storage_retry).await;
            }
        }
    }

    fn start(&mut self, shard: Shard, entries: Vec<(Key, Value)>) {
        self.abort(shard);
        // The logs may not be the ones that were read before.
        self.common.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let (sender, receiver) = mpsc::unbounded_channel();
        let (parts, common) = (Arc::clone(&self.parts), Arc::clone(&self.common));
        let task = self.tasks.spawn(shard::run(parts, common, shard, entries, sender.clone(), receiver));
        self.running.insert(shard, task);
        lock(&self.shards).insert(shard, sender);
        Gauges::count_ownership_change("gained");
        self.state.send_modify(|state| {
            state.owned.insert(shard);
            state.failures.remove(&shard);
        });
    }

    /// Publishes that this node does not own a shard any more.
    fn publish_loss(&self, shard: Shard) {
        let had =
            self.state.send_if_modified(|state| state.owned.remove(&shard) | state.failures.remove(&shard).is_some());
        if had {
            Gauges::count_ownership_change("lost");
        }
    }

    /// Aborts the task of a shard immediately, with its requests and checkpoints under way.
    fn abort(&mut self, shard: Shard) {
        lock(&self.shards).remove(&shard);
        if let Some(task) = self.running.remove(&shard) {
            task.abort();
        }
    }

    /// The task of a shard ended by itself.
    fn task_ended(&mut self, ended: Result<(Id, Ending), JoinError>) {
        let (id, failure) = match ended {
            Ok((id, Ending::Stopped)) => (id, None),
            Ok((id, Ending::Failed(reason))) => (id, Some(reason)),
            Err(error) if error.is_cancelled() => (error.id(), None),
            Err(error) => (error.id(), Some("its task panicked".to_owned())),
        };
        // A task that was replaced meanwhile is not in `running` any more.
        let own = self.running.iter().find(|(_, task)| task.id() == id).map(|(shard, _)| *shard);
        let Some(shard) = own else { return };
        self.running.remove(&shard);
        lock(&self.shards).remove(&shard);
        if let Some(reason) = failure {
            self.state.send_modify(|state| {
                if state.owned.remove(&shard) {
                    state.failures.insert(shard, reason);
                }
            });
        }
    }
}
