//! The supervisor: a task per owned shard, started, drained and ended as ownership says. It never waits for one of them
//! while others need it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use storage::{
    Error,
    progress::{Key, Ownership, Shard, Value},
};
use tokio::{
    sync::{mpsc, watch as signal},
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use super::{
    Common, EngineParts, Shards, State, lock,
    shard::{self, Ending, Message, Patience},
};
use crate::metrics::Board;

/// How long storing progress may take after the time for requests, when nobody else says.
const STORING: Duration = Duration::from_secs(5);

/// Waits until the engine is stopped; gives the time for requests under way.
async fn told(stopped: &mut signal::Receiver<Option<Duration>>) -> Duration {
    stopped.wait_for(Option::is_some).await.ok().and_then(|stop| *stop).unwrap_or_default()
}

pub(super) struct Supervisor {
    parts: Arc<EngineParts>,
    common: Arc<Common>,
    shards: Shards,
    state: signal::Sender<State>,
    tasks: JoinSet<Ending>,
    running: HashMap<Shard, AbortHandle>,
}

impl Supervisor {
    pub fn new(parts: Arc<EngineParts>, common: Arc<Common>, shards: Shards, state: signal::Sender<State>) -> Self {
        Self { parts, common, shards, state, tasks: JoinSet::new(), running: HashMap::new() }
    }

    /// Runs until the engine is stopped, and then until every shard is.
    pub async fn run(mut self, mut stopped: signal::Receiver<Option<Duration>>) {
        let drain = loop {
            tokio::select! {
                ownership = self.parts.progress.ownership() => self.owns(ownership).await,
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                drain = told(&mut stopped) => break drain,
            }
        };
        let senders: Vec<_> = lock(&self.shards).drain().collect();
        for (_, sender) in senders {
            // A task that is gone has stopped.
            let _ = sender.send(Message::Stop(Patience { requests: drain, storing: STORING }));
        }
        loop {
            tokio::select! {
                ended = self.tasks.join_next_with_id() => match ended {
                    Some(ended) => self.ended(ended),
                    None => return,
                },
                // What is lost now need not be waited for.
                ownership = self.parts.progress.ownership() => {
                    if let Ok(Ownership::Lost(shard)) = ownership {
                        self.end(shard);
                    }
                }
            }
        }
    }

    async fn owns(&mut self, ownership: Result<Ownership, Error>) {
        let learned = ownership.as_ref().err().map(ToString::to_string);
        self.state.send_if_modified(|state| {
            let differs = state.unlearned != learned;
            state.unlearned = learned;
            differs
        });
        match ownership {
            Ok(Ownership::Gained(shard, entries)) => self.start(shard, entries),
            Ok(Ownership::Losing(shard, within)) => {
                self.gone(shard);
                if let Some(sender) = lock(&self.shards).remove(&shard) {
                    let storing = (within / 4).min(STORING);
                    // A task that is gone has stopped.
                    let _ = sender.send(Message::Stop(Patience { requests: within.saturating_sub(storing), storing }));
                }
            }
            Ok(Ownership::Lost(shard)) => {
                self.gone(shard);
                self.end(shard);
                tracing::warn!(shard = shard.0, "deliveries end: another node has the shard");
            }
            Err(error) => {
                tracing::error!(%error, "ownership of shards cannot be learned");
                tokio::time::sleep(self.parts.settings.storage_retry).await;
            }
        }
    }

    fn start(&mut self, shard: Shard, entries: Vec<(Key, Value)>) {
        self.end(shard);
        let (sender, receiver) = mpsc::unbounded_channel();
        let (parts, common) = (Arc::clone(&self.parts), Arc::clone(&self.common));
        let task = self.tasks.spawn(shard::run(parts, common, shard, entries, sender.clone(), receiver));
        self.running.insert(shard, task);
        lock(&self.shards).insert(shard, sender);
        Board::ownership("gained");
        self.state.send_modify(|state| {
            state.owned.insert(shard);
            state.failures.remove(&shard);
        });
    }

    /// Others see that a shard is not ours any more.
    fn gone(&self, shard: Shard) {
        let had =
            self.state.send_if_modified(|state| state.owned.remove(&shard) | state.failures.remove(&shard).is_some());
        if had {
            Board::ownership("lost");
        }
    }

    /// Ends a shard at once, with everything it has under way.
    fn end(&mut self, shard: Shard) {
        lock(&self.shards).remove(&shard);
        if let Some(task) = self.running.remove(&shard) {
            task.abort();
            self.common.board.clear(shard, self.parts.clock.now());
        }
    }

    fn ended(&mut self, ended: Result<(Id, Ending), JoinError>) {
        let (id, why) = match ended {
            Ok((id, Ending::Stopped)) => (id, None),
            Ok((id, Ending::Failed(reason))) => (id, Some(reason)),
            Err(error) if error.is_cancelled() => (error.id(), None),
            Err(error) => (error.id(), Some("its task panicked".to_owned())),
        };
        // One that was replaced meanwhile is no longer the one that runs.
        let own = self.running.iter().find(|(_, task)| task.id() == id).map(|(shard, _)| *shard);
        let Some(shard) = own else { return };
        self.running.remove(&shard);
        lock(&self.shards).remove(&shard);
        self.common.board.clear(shard, self.parts.clock.now());
        if let Some(reason) = why {
            self.state.send_modify(|state| {
                if state.owned.remove(&shard) {
                    state.failures.insert(shard, reason);
                }
            });
        }
    }
}
