//! The driver: performs what the machine of each shard decides. It decides nothing itself.

mod aside;
mod burial;
mod perform;
mod read;
mod recent;
mod redrive;
mod shard;
mod submit;
mod watch;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Clock, Random, SubscriptionId};
use storage::{
    Control, EventLog, Journal, Progress,
    progress::{Ownership, Shard},
};
use tokio::sync::{mpsc, oneshot, watch as signal};
use xxhash_rust::xxh3::xxh3_64;

use crate::{credentials::Credentials, machine::SubscriptionStatus, post::Sender, settings::Settings};

/// What the engine works with.
#[derive(Clone)]
pub struct EngineParts {
    /// The logs.
    pub log: Arc<dyn EventLog>,
    /// The registry and its changes.
    pub control: Arc<dyn Control>,
    /// How far deliveries have come.
    pub progress: Arc<dyn Progress>,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    /// The way to sinks.
    pub sender: Arc<dyn Sender>,
    /// Who opens credentials.
    pub credentials: Arc<dyn Credentials>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Bounds and intervals.
    pub settings: Settings,
    /// The public base URL of the gateway, without a slash at its end; stands in legacy renderings (MAP-18).
    pub gateway_url: Arc<str>,
}

/// The delivery engine.
pub struct Engine;

/// A running engine. It runs on when this is dropped; call [`Handle::shutdown`].
#[derive(Clone)]
pub struct Handle {
    shards: Shards,
    stop: signal::Sender<Option<Duration>>,
    over: signal::Receiver<bool>,
}

/// Shards that this node owns, by number.
type Shards = Arc<Mutex<HashMap<Shard, mpsc::UnboundedSender<shard::Message>>>>;

fn lock(shards: &Shards) -> MutexGuard<'_, HashMap<Shard, mpsc::UnboundedSender<shard::Message>>> {
    shards.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Starts delivering, on the runtime that this is called on, every shard that this node owns or comes to own.
    pub fn start(parts: EngineParts) -> Handle {
        let shards = Shards::default();
        let (stop, stopped) = signal::channel(None);
        let (ended, over) = signal::channel(false);
        tokio::spawn(supervise(Arc::new(parts), Arc::clone(&shards), stopped, ended));
        Handle { shards, stop, over }
    }
}

impl Handle {
    /// How a subscription is doing; `None` when this node does not deliver to it.
    pub async fn status(&self, id: SubscriptionId) -> Option<SubscriptionStatus> {
        for shard in self.senders() {
            let (answer, status) = oneshot::channel();
            if shard.send(shard::Message::Status(id, answer)).is_ok()
                && let Ok(Some(status)) = status.await
            {
                return Some(status);
            }
        }
        None
    }

    /// Whether at least one shard is being delivered.
    pub fn is_delivering(&self) -> bool {
        self.senders().iter().any(|shard| !shard.is_closed())
    }

    /// Stops: nothing more is read or sent, what is under way may take so long to finish, and progress is stored.
    pub async fn shutdown(&self, drain: Duration) {
        self.stop.send_replace(Some(drain));
        let mut over = self.over.clone();
        // The supervisor is gone when this fails, and so is everything it ran.
        let _ = over.wait_for(|over| *over).await;
    }

    fn senders(&self) -> Vec<mpsc::UnboundedSender<shard::Message>> {
        lock(&self.shards).values().cloned().collect()
    }
}

/// The shard that delivers to a sink.
pub(crate) fn shard_of(sink: &str, shards: u32) -> Shard {
    Shard((xxh3_64(sink.as_bytes()) % u64::from(shards.max(1))) as u32)
}

/// Runs a task per owned shard until the engine is stopped.
async fn supervise(
    parts: Arc<EngineParts>,
    shards: Shards,
    mut stopped: signal::Receiver<Option<Duration>>,
    ended: signal::Sender<bool>,
) {
    let mut running = HashMap::new();
    let aside = Arc::default();
    let drain = loop {
        let ownership = tokio::select! {
            ownership = parts.progress.ownership() => ownership,
            stop = stopped.wait_for(Option::is_some) => break stop.ok().and_then(|stop| *stop),
        };
        match ownership {
            Ok(Ownership::Gained(shard, entries)) => {
                let (sender, receiver) = mpsc::unbounded_channel();
                let task = shard::run(Arc::clone(&parts), Arc::clone(&aside), shard, entries, sender.clone(), receiver);
                running.insert(shard, tokio::spawn(task));
                lock(&shards).insert(shard, sender);
            }
            Ok(Ownership::Losing(shard, within)) => {
                let sender = lock(&shards).remove(&shard);
                if let Some(sender) = sender {
                    stop(&sender, within).await;
                }
            }
            Ok(Ownership::Lost(shard)) => {
                lock(&shards).remove(&shard);
                if let Some(task) = running.remove(&shard) {
                    task.abort();
                }
            }
            Err(error) => {
                tracing::error!(%error, "ownership of shards cannot be learned");
                tokio::time::sleep(parts.settings.storage_retry).await;
            }
        }
    };
    let senders: Vec<_> = lock(&shards).drain().map(|(_, sender)| sender).collect();
    for sender in senders {
        stop(&sender, drain.unwrap_or_default()).await;
    }
    ended.send_replace(true);
}

/// Stops one shard and waits until it has.
async fn stop(sender: &mpsc::UnboundedSender<shard::Message>, within: Duration) {
    let (done, over) = oneshot::channel();
    if sender.send(shard::Message::Stop(within, done)).is_ok() {
        // An error means that the task is gone, which is what is waited for.
        let _ = over.await;
    }
}
