//! The driver: performs the actions of the machines and passes their results back. It decides nothing about deliveries.
//!
//! `supervise` starts a task per owned shard; `shard` is that task; `perform` hands actions out to tasks of their own,
//! which report with a `message`.

mod dead_letters;
mod message;
mod perform;
mod quarantine;
mod read;
mod recent;
mod redrive;
mod shard;
mod store;
mod stored;
mod submit;
mod supervise;
mod watch;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Clock, KanaalName, Mark, Partition, Random, Sink, Subscription, SubscriptionId, outcome::DeliveryKey};
use storage::{
    Control, Error, EventLog, Journal, Progress,
    progress::{Member, Shard},
};
use tokio::sync::{mpsc, oneshot, watch as signal};
use xxhash_rust::xxh3::xxh3_64;

pub use self::dead_letters::DeadLetterCount;
use self::{dead_letters::DeadLetterCounts, message::Message, quarantine::Quarantine, recent::RecentEvents};
use crate::{
    channel::{Channels, Class},
    machine::{ExtraRequest, NextAttempt, SinkOutage, SubscriptionStatus, keep_worst},
    metrics::{Gauges, Totals},
    settings::Settings,
};

/// The parts that the engine is built from.
#[derive(Clone)]
pub struct EngineParts {
    /// The logs of all kanalen, to read events from.
    pub log: Arc<dyn EventLog>,
    /// The registry and its changes.
    pub control: Arc<dyn Control>,
    /// Stored progress and the ownership of shards.
    pub progress: Arc<dyn Progress>,
    /// Attempts, outcomes and dead letters.
    pub journal: Arc<dyn Journal>,
    /// The channel of each kind of sink.
    pub channels: Channels,
    /// The clock of all decisions; timers of tokio only wait.
    pub clock: Arc<dyn Clock>,
    /// Randomness for jitter and for the seed of digests.
    pub random: Arc<dyn Random>,
    /// The bounds on memory and requests, and the intervals of checkpoints and retries.
    pub settings: Settings,
}

/// Starts the tasks of the engine; see [`Engine::start`].
pub struct Engine;

/// A running engine. It keeps running when this is dropped; call [`Handle::shutdown`].
#[derive(Clone)]
pub struct Handle {
    parts: Arc<EngineParts>,
    common: Arc<Common>,
    shards: Shards,
    state: signal::Receiver<ShardOwnership>,
    stop: signal::Sender<Option<Duration>>,
    over: signal::Receiver<bool>,
}

/// The shards of a node, and why some are not delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardOwnership {
    /// The shards that it owns and delivers.
    pub owned: BTreeSet<Shard>,
    /// Why a shard cannot be delivered, until it can or another node owns it.
    pub failures: HashMap<Shard, String>,
    /// Why ownership could not be read the last time; `None` when it could.
    pub ownership_error: Option<String>,
}

/// A subscription that this node delivers.
#[derive(Debug, Clone)]
pub struct OwnSubscription {
    /// The subscription.
    pub subscription: Arc<Subscription>,
    /// The outage of its sink.
    pub outage: Option<SinkOutage>,
    /// Its dead letters since they were last counted; `None` for none.
    pub dead_letters: Option<DeadLetterCount>,
}

/// The channels to the tasks of the owned shards.
type Shards = Arc<Mutex<HashMap<Shard, mpsc::UnboundedSender<Message>>>>;

fn lock(shards: &Shards) -> MutexGuard<'_, HashMap<Shard, mpsc::UnboundedSender<Message>>> {
    shards.lock().unwrap_or_else(PoisonError::into_inner)
}

/// State that the shards of a node share.
struct Common {
    recent: Mutex<RecentEvents>,
    /// Seed of the digests of events, so that publishers cannot predict them.
    seed: u64,
    quarantine: Quarantine,
    gauges: Arc<Gauges>,
    dead_letters: DeadLetterCounts,
}

impl Engine {
    /// Starts the engine on the current runtime. It delivers every shard that this node owns or will own.
    pub fn start(parts: EngineParts) -> Handle {
        let shards = Shards::default();
        let parts = Arc::new(parts);
        let (stop, stopped) = signal::channel(None);
        let (ended, over) = signal::channel(false);
        let (state, seen) = signal::channel(ShardOwnership::default());
        let common = Arc::new(Common {
            recent: Mutex::default(),
            seed: xxh3_64(parts.random.uuid().as_bytes()),
            quarantine: Quarantine::default(),
            gauges: Arc::default(),
            dead_letters: DeadLetterCounts::default(),
        });
        let supervisor =
            supervise::Supervisor::new(Arc::clone(&parts), Arc::clone(&common), Arc::clone(&shards), state);
        tokio::spawn(async move {
            supervisor.run(stopped).await;
            ended.send_replace(true);
        });
        Handle { parts, common, shards, state: seen, stop, over }
    }
}

impl Handle {
    /// The status of a subscription: from its shard when this node owns it, else from the checkpoints of the node that
    /// does. `None` when there is no such subscription, or its checkpoints cannot be read now.
    pub async fn status(&self, id: SubscriptionId) -> Option<SubscriptionStatus> {
        let (shard, subscription) = self.find(id)?;
        if let Some(status) = self.ask(shard, |answer| Message::Status(id, answer)).await {
            return Some(status);
        }
        let status = stored::status(&self.parts, shard, &subscription).await;
        status.inspect_err(|error| tracing::warn!(subscription = %id, %error, "stored progress cannot be read")).ok()
    }

    /// The marks from which another shard could take over a subscription without missing an event: per partition its
    /// cursor, or its oldest unsettled delivery if that is earlier. They are exact when this node owns the shard.
    /// Otherwise they are read from the owner's checkpoints after waiting four checkpoint intervals; deliveries made
    /// after that checkpoint may be repeated.
    ///
    /// # Errors
    /// When the checkpoints or the log cannot be read.
    pub async fn marks(&self, id: SubscriptionId) -> Result<Vec<(KanaalName, Partition, Mark)>, Error> {
        let Some((shard, subscription)) = self.find(id) else { return Ok(Vec::new()) };
        if let Some(marks) = self.ask(shard, |answer| Message::Marks(id, answer)).await {
            return Ok(marks);
        }
        tokio::time::sleep(self.parts.settings.checkpoint_interval * 4).await;
        stored::marks(&self.parts, shard, &subscription).await
    }

    /// Counts a request to the sink of a subscription that is no delivery, such as a test, if one may start now. `None` when
    /// another node delivers to the sink: then nothing is counted.
    pub async fn start_extra_request(&self, id: SubscriptionId) -> Option<ExtraRequest> {
        let (shard, _) = self.find(id)?;
        self.ask(shard, |answer| Message::StartExtraRequest(id, answer)).await
    }

    /// Applies the answer to such a request: after `Retry-After` or 410 nothing more is sent to the sink. When another node
    /// delivers to it, that node learns so from the next delivery.
    pub async fn extra_request_answered(&self, id: SubscriptionId, class: Class) {
        let Some((shard, _)) = self.find(id) else { return };
        let _: Option<()> = self.ask(shard, |answer| Message::ExtraRequestAnswered(id, class, answer)).await;
    }

    /// The same for several subscriptions, where one that another node delivers is read from the checkpoints of its shard:
    /// each shard is waited for and read once. A subscription that does not exist is left out.
    ///
    /// # Errors
    /// As for [`Self::marks`].
    pub async fn marks_of(
        &self,
        ids: impl IntoIterator<Item = SubscriptionId>,
    ) -> Result<HashMap<SubscriptionId, Vec<(KanaalName, Partition, Mark)>>, Error> {
        let mut found = HashMap::new();
        let mut elsewhere: HashMap<Shard, Vec<Arc<Subscription>>> = HashMap::new();
        for id in ids {
            let Some((shard, subscription)) = self.find(id) else { continue };
            match self.ask(shard, |answer| Message::Marks(id, answer)).await {
                Some(marks) => drop(found.insert(id, marks)),
                None => elsewhere.entry(shard).or_default().push(subscription),
            }
        }
        if !elsewhere.is_empty() {
            tokio::time::sleep(self.parts.settings.checkpoint_interval * 4).await;
        }
        for (shard, subscriptions) in elsewhere {
            found.extend(stored::marks_of(&self.parts, shard, &subscriptions).await?);
        }
        Ok(found)
    }

    /// The marks of a subscription ([`Self::marks`]) if this node delivers to its sink; else `None`.
    pub async fn own_marks(&self, id: SubscriptionId) -> Option<Vec<(KanaalName, Partition, Mark)>> {
        let (shard, _) = self.find(id)?;
        self.ask(shard, |answer| Message::Marks(id, answer)).await
    }

    /// What these deliveries of a subscription wait for, as far as they were read and are not settled. `None` when this node
    /// does not deliver to its sink.
    pub async fn waiting(
        &self,
        id: SubscriptionId,
        deliveries: HashSet<DeliveryKey>,
    ) -> Option<HashMap<DeliveryKey, NextAttempt>> {
        let (shard, _) = self.find(id)?;
        self.ask(shard, |answer| Message::Waiting(id, deliveries, answer)).await
    }

    /// The subscriptions of this node's shards that are furthest behind, with their lag in events, most first, at most `most`.
    /// Those with lag 0 are left out.
    pub async fn worst_lags(&self, most: usize) -> Vec<(SubscriptionId, u64)> {
        let shards: Vec<Shard> = lock(&self.shards).keys().copied().collect();
        let mut lags = Vec::new();
        for shard in shards {
            lags.extend(self.ask(shard, |answer| Message::WorstLags(most, answer)).await.unwrap_or_default());
        }
        keep_worst(&mut lags, most);
        lags
    }

    /// The subscriptions of the shards that this node delivers now, with what it knows of each. A shard that is still being
    /// loaded is left out.
    pub async fn own_subscriptions(&self) -> Vec<OwnSubscription> {
        let owned: Vec<Shard> = lock(&self.shards).keys().copied().collect();
        let (mut answered, mut outages) = (HashSet::new(), HashMap::new());
        for shard in owned {
            if let Some(found) = self.ask(shard, Message::Outages).await {
                answered.insert(shard);
                outages.extend(found);
            }
        }
        let dead_letters = self.common.dead_letters.all();
        let shards = self.parts.progress.shards();
        let registry = self.parts.control.registry();
        let registry = registry.read();
        let own = registry.subscriptions().filter(|one| answered.contains(&shard_of(one.sink.key(), shards)));
        let own = own.map(|one| OwnSubscription {
            subscription: Arc::clone(one),
            outage: outages.get(&one.id).copied(),
            dead_letters: dead_letters.get(&one.id).copied(),
        });
        own.collect()
    }

    /// Takes dead letters that were counted off the next count.
    pub fn dead_letters_counted(&self, id: SubscriptionId, counted: DeadLetterCount) {
        self.common.dead_letters.take_off(id, counted, self.parts.clock.now());
    }

    /// A subscription and its shard.
    fn find(&self, id: SubscriptionId) -> Option<(Shard, Arc<Subscription>)> {
        let subscription = self.parts.control.registry().read().subscription(id).cloned()?;
        Some((shard_of(subscription.sink.key(), self.parts.progress.shards()), subscription))
    }

    /// Asks the task of a shard; `None` when this node does not own it.
    async fn ask<T>(&self, shard: Shard, question: impl FnOnce(oneshot::Sender<Option<T>>) -> Message) -> Option<T> {
        let sender = lock(&self.shards).get(&shard).cloned()?;
        let (answer, status) = oneshot::channel();
        sender.send(question(answer)).ok()?;
        status.await.ok().flatten()
    }

    /// Whether the same shard delivers to both sinks.
    pub fn is_same_shard(&self, one: &Sink, other: &Sink) -> bool {
        let shards = self.parts.progress.shards();
        shard_of(one.key(), shards) == shard_of(other.key(), shards)
    }

    /// Whether this node delivers to a sink.
    pub fn owns(&self, sink: &Sink) -> bool {
        self.state.borrow().owned.contains(&shard_of(sink.key(), self.parts.progress.shards()))
    }

    /// The shards of this node, as they change.
    pub fn state(&self) -> signal::Receiver<ShardOwnership> {
        self.state.clone()
    }

    /// The status of all shards of this node, added up.
    pub fn totals(&self) -> Totals {
        self.common.gauges.totals()
    }

    /// The nodes that take shards; `None` when the storage is of one node alone.
    ///
    /// # Errors
    /// When the storage cannot be asked now.
    pub async fn members(&self) -> Result<Option<Vec<Member>>, Error> {
        self.parts.progress.members().await
    }

    /// Why shards are delivered by no node; `None` when each has an owner, or is moving to one.
    pub fn unowned(&self) -> Option<String> {
        self.parts.progress.unowned()
    }

    /// Stops the engine: nothing more is read or sent, requests under way have this long to finish, and progress is
    /// stored.
    pub async fn shutdown(&self, drain: Duration) {
        self.stop.send_replace(Some(drain));
        let mut over = self.over.clone();
        // When this fails the supervisor is gone, and all its tasks with it.
        let _ = over.wait_for(|over| *over).await;
    }
}

/// The shard that delivers to the sink with this key ([`Sink::key`]), of this many shards.
pub fn shard_of(key: &str, shards: u32) -> Shard {
    Shard((xxh3_64(key.as_bytes()) % u64::from(shards.max(1))) as u32)
}
