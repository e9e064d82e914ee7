//! The driver: performs what the machine of each shard decides. It decides nothing itself.

mod aside;
mod burial;
mod perform;
mod read;
mod recent;
mod redrive;
mod shard;
mod stored;
mod submit;
mod supervise;
mod watch;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Clock, KanaalName, Mark, Partition, Random, Subscription, SubscriptionId};
use storage::{Control, Error, EventLog, Journal, Progress, progress::Shard};
use tokio::sync::{mpsc, oneshot, watch as signal};
use xxhash_rust::xxh3::xxh3_64;

use self::{aside::Aside, recent::Recent};
use crate::{credentials::Credentials, machine::SubscriptionStatus, metrics::Board, post::Sender, settings::Settings};

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
    parts: Arc<EngineParts>,
    shards: Shards,
    state: signal::Receiver<State>,
    stop: signal::Sender<Option<Duration>>,
    over: signal::Receiver<bool>,
}

/// What a node has to do with the shards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Those that it delivers.
    pub owned: BTreeSet<Shard>,
    /// Why one of them cannot be delivered, until it can or is gone.
    pub failures: HashMap<Shard, String>,
    /// Why ownership could not be learned the last time.
    pub unlearned: Option<String>,
}

/// Shards that this node owns, by number.
type Shards = Arc<Mutex<HashMap<Shard, mpsc::UnboundedSender<shard::Message>>>>;

fn lock(shards: &Shards) -> MutexGuard<'_, HashMap<Shard, mpsc::UnboundedSender<shard::Message>>> {
    shards.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the shards of a node share.
struct Common {
    recent: Mutex<Recent>,
    /// Makes digests unpredictable for publishers.
    seed: u64,
    aside: Aside,
    board: Board,
}

impl Engine {
    /// Starts delivering, on the runtime that this is called on, every shard that this node owns or comes to own.
    pub fn start(parts: EngineParts) -> Handle {
        let shards = Shards::default();
        let parts = Arc::new(parts);
        let (stop, stopped) = signal::channel(None);
        let (ended, over) = signal::channel(false);
        let (state, seen) = signal::channel(State::default());
        let common = Common {
            recent: Mutex::default(),
            seed: xxh3_64(parts.random.uuid().as_bytes()),
            aside: Aside::default(),
            board: Board::default(),
        };
        let supervisor = supervise::Supervisor::new(Arc::clone(&parts), Arc::new(common), Arc::clone(&shards), state);
        tokio::spawn(async move {
            supervisor.run(stopped).await;
            ended.send_replace(true);
        });
        Handle { parts, shards, state: seen, stop, over }
    }
}

impl Handle {
    /// How a subscription is doing: as its shard knows when this node delivers it, else as far as the checkpoints of the
    /// node that does tell. `None` when there is no such subscription, or nobody can tell now.
    pub async fn status(&self, id: SubscriptionId) -> Option<SubscriptionStatus> {
        let (shard, subscription) = self.find(id)?;
        if let Some(status) = self.ask(shard, |answer| shard::Message::Status(id, answer)).await {
            return Some(status);
        }
        let status = stored::status(&self.parts, shard, &subscription).await;
        status.inspect_err(|error| tracing::warn!(subscription = %id, %error, "progress cannot be looked at")).ok()
    }

    /// Where a subscription would have to start so that nothing is missed by somebody who knows no more of it: at its
    /// marks, or its first unsettled delivery before them. Another node's are known when they are stored, which is waited
    /// for; what that node delivers from now on comes again.
    pub async fn marks(&self, id: SubscriptionId) -> Result<Vec<(KanaalName, Partition, Mark)>, Error> {
        let Some((shard, subscription)) = self.find(id) else { return Ok(Vec::new()) };
        if let Some(marks) = self.ask(shard, |answer| shard::Message::Marks(id, answer)).await {
            return Ok(marks);
        }
        tokio::time::sleep(self.parts.settings.checkpoint_interval * 4).await;
        stored::marks(&self.parts, shard, &subscription).await
    }

    /// A subscription and its shard.
    fn find(&self, id: SubscriptionId) -> Option<(Shard, Arc<Subscription>)> {
        let subscription = self.parts.control.registry().read().subscription(id).cloned()?;
        Some((shard_of(&subscription.sink, self.parts.progress.shards()), subscription))
    }

    /// Asks a shard, if this node has it.
    async fn ask<T>(
        &self,
        shard: Shard,
        question: impl FnOnce(oneshot::Sender<Option<T>>) -> shard::Message,
    ) -> Option<T> {
        let sender = lock(&self.shards).get(&shard).cloned()?;
        let (answer, status) = oneshot::channel();
        sender.send(question(answer)).ok()?;
        status.await.ok().flatten()
    }

    /// Whether the same shard delivers to both sinks.
    pub fn is_same_shard(&self, one: &str, other: &str) -> bool {
        let shards = self.parts.progress.shards();
        shard_of(one, shards) == shard_of(other, shards)
    }

    /// Whether this node delivers to a sink.
    pub fn owns(&self, sink: &str) -> bool {
        self.state.borrow().owned.contains(&shard_of(sink, self.parts.progress.shards()))
    }

    /// What this node has to do with the shards, as it changes.
    pub fn state(&self) -> signal::Receiver<State> {
        self.state.clone()
    }

    /// Stops: nothing more is read or sent, what is under way may take so long to finish, and progress is stored.
    pub async fn shutdown(&self, drain: Duration) {
        self.stop.send_replace(Some(drain));
        let mut over = self.over.clone();
        // The supervisor is gone when this fails, and so is everything it ran.
        let _ = over.wait_for(|over| *over).await;
    }
}

/// The shard that delivers to a sink.
pub fn shard_of(sink: &str, shards: u32) -> Shard {
    Shard((xxh3_64(sink.as_bytes()) % u64::from(shards.max(1))) as u32)
}
