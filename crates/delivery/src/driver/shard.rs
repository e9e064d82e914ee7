//! The task of one shard: the single owner of its machine. It waits for something to happen, tells the machine, and has
//! what comes out performed; it never waits for that.

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, registry::Change, run::Run};
use storage::{
    Error,
    progress::{Key, Shard, Value},
};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::Instant,
};

use super::{Common, EngineParts, perform::Performer, shard_of, watch::Watches};
use crate::machine::{Input, Machine, SubscriptionStatus};

/// What a shard is told.
pub(crate) enum Message {
    /// Something for its machine.
    Input(Input),
    /// A kanaal is ready to be read.
    Kanaal(KanaalName, super::watch::Tails),
    /// Somebody asks how a subscription is doing.
    Status(SubscriptionId, oneshot::Sender<Option<SubscriptionStatus>>),
    /// Somebody asks where a subscription would have to go on.
    Marks(SubscriptionId, oneshot::Sender<Option<Vec<(KanaalName, Partition, Mark)>>>),
    /// It must stop.
    Stop(Patience),
    /// It cannot go on.
    Failed(Error),
}

/// How long stopping may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Patience {
    /// For requests under way.
    pub requests: Duration,
    /// For storing progress, after that.
    pub storing: Duration,
}

/// How a shard ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// As it was told.
    Stopped,
    /// It could not go on.
    Failed(String),
}

/// How often gauges are set.
const GAUGES: Duration = Duration::from_secs(5);
/// How long a shard that failed tries to store how far it came.
const STORING: Duration = Duration::from_secs(5);
/// Most messages taken at once.
const MESSAGES: usize = 1_024;

struct ShardTask {
    parts: Arc<EngineParts>,
    common: Arc<Common>,
    shard: Shard,
    machine: Machine,
    performer: Performer,
    watches: Watches,
    changes: broadcast::Receiver<Change>,
    gauges_due: Timestamp,
}

/// Delivers one shard until it is stopped or cannot go on.
pub(super) async fn run(
    parts: Arc<EngineParts>,
    common: Arc<Common>,
    shard: Shard,
    entries: Vec<(Key, Value)>,
    sender: mpsc::UnboundedSender<Message>,
    mut receiver: mpsc::UnboundedReceiver<Message>,
) -> Ending {
    // What is stored was stored by somebody who knew at least the subscriptions in it.
    while let Err(error) = parts.control.catch_up().await {
        tracing::warn!(shard = shard.0, %error, "deliveries wait for control");
        tokio::time::sleep(parts.settings.storage_retry).await;
    }
    let changes = parts.control.changes();
    let mut task = ShardTask {
        shard,
        machine: Machine::new(parts.settings.per_shard(parts.progress.shards()), Arc::clone(&parts.random)),
        performer: Performer::new(Arc::clone(&parts), Arc::clone(&common), shard, sender.clone()),
        watches: Watches::new(Arc::clone(&parts.log), sender, parts.settings.storage_retry),
        changes,
        gauges_due: Timestamp::default(),
        common,
        parts,
    };
    task.tell(Input::Restored(entries));
    task.load().await;
    task.tell(Input::Loaded);
    tracing::info!(shard = shard.0, "deliveries start");
    let mut messages = Vec::with_capacity(MESSAGES);
    loop {
        task.step();
        match task.wait(&mut receiver, &mut messages).await {
            None => {}
            Some(Stopping::Told(patience)) => {
                task.drain(&mut receiver, patience).await;
                tracing::info!(shard = shard.0, "deliveries stop");
                return Ending::Stopped;
            }
            Some(Stopping::Failed(error)) => {
                tracing::error!(shard = shard.0, %error, "deliveries cannot go on");
                // Whoever was fenced has nothing left to store or to give up.
                if !matches!(error, Error::Fenced) {
                    task.drain(&mut receiver, Patience { requests: Duration::ZERO, storing: STORING }).await;
                }
                return Ending::Failed(error.to_string());
            }
        }
    }
}

/// Why a shard is to stop.
enum Stopping {
    Told(Patience),
    Failed(Error),
}

impl ShardTask {
    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn tell(&mut self, input: Input) {
        let now = self.now();
        self.machine.handle(input, now);
    }

    /// Lets the machine do what is due and performs it.
    fn step(&mut self) {
        let now = self.now();
        self.machine.advance(now);
        self.performer.perform(self.machine.take_effects());
        if now >= self.gauges_due {
            self.gauges_due = now + GAUGES;
            self.common.board.show(self.shard, self.machine.shard_status(), self.machine.partition_lags(), now);
        }
    }

    /// Waits until something happens and takes it in.
    async fn wait(
        &mut self,
        receiver: &mut mpsc::UnboundedReceiver<Message>,
        messages: &mut Vec<Message>,
    ) -> Option<Stopping> {
        let wake = self.machine.next_wake().unwrap_or(self.gauges_due).min(self.gauges_due);
        let pause = wake.since(self.now());
        tokio::select! {
            count = receiver.recv_many(messages, MESSAGES) => {
                if count == 0 {
                    return Some(Stopping::Told(Patience::default()));
                }
                // What stands behind a stop counts as well: it may be the last answer.
                let mut stopping = None;
                for message in messages.drain(..) {
                    stopping = self.take(message).or(stopping);
                }
                if stopping.is_some() {
                    return stopping;
                }
            }
            change = self.changes.recv() => match change {
                Ok(change) => self.changed(change),
                Err(broadcast::error::RecvError::Lagged(_)) => self.resynchronise(),
                Err(broadcast::error::RecvError::Closed) => return Some(Stopping::Told(Patience::default())),
            },
            () = tokio::time::sleep(pause) => {}
        }
        None
    }

    fn take(&mut self, message: Message) -> Option<Stopping> {
        match message {
            Message::Input(input) => self.tell(input),
            Message::Kanaal(naam, tails) => {
                if self.parts.control.registry().read().kanaal(naam.as_str()).is_some() {
                    let ends = self.watches.watch(&naam, tails);
                    self.tell(Input::Kanaal(naam, ends));
                }
            }
            Message::Status(id, answer) => {
                // Whoever asked may have given up.
                let _ = answer.send(self.machine.status(id));
            }
            Message::Marks(id, answer) => {
                // Whoever asked may have given up.
                let _ = answer.send(self.machine.marks(id));
            }
            Message::Stop(patience) => return Some(Stopping::Told(patience)),
            Message::Failed(error) => return Some(Stopping::Failed(error)),
        }
        None
    }

    fn is_ours(&self, sink: &str) -> bool {
        shard_of(sink, self.parts.progress.shards()) == self.shard
    }

    /// Whether this shard works on a run: that of its subscription's sink, or any when that is gone, to end it.
    fn is_run_ours(&self, run: &Run) -> bool {
        let registry = self.parts.control.registry();
        let registry = registry.read();
        registry.subscription(run.subscription).is_none_or(|subscription| self.is_ours(&subscription.sink))
    }

    fn changed(&mut self, change: Change) {
        match change {
            Change::Kanaal(kanaal) => self.watches.prepare(kanaal.naam.clone()),
            Change::KanaalDeleted(naam) => {
                self.watches.forget(&naam);
                self.performer.kanaal_deleted(&naam);
                self.tell(Input::KanaalDeleted(naam));
            }
            Change::Subscription(subscription) => {
                if self.is_ours(&subscription.sink) {
                    let id = subscription.id;
                    self.tell(Input::Subscription(subscription));
                    // They may have come with it from another shard.
                    let registry = self.parts.control.registry();
                    let runs: Vec<_> = registry.read().runs().filter(|run| run.subscription == id).cloned().collect();
                    for run in runs {
                        self.tell(Input::Run(run));
                    }
                } else {
                    // Its sink moved to another shard, or was never ours.
                    self.tell(Input::SubscriptionDeleted(subscription.id));
                }
            }
            Change::SubscriptionDeleted(id) => {
                self.performer.forget(id);
                self.tell(Input::SubscriptionDeleted(id));
            }
            Change::Run(run) => {
                if self.is_run_ours(&run) {
                    self.tell(Input::Run(run));
                }
            }
            Change::RunEnded(id) => {
                self.performer.run_ended(id);
                self.tell(Input::RunEnded(id));
            }
            Change::Applicatie(_)
            | Change::ApplicatieDeleted(_)
            | Change::Schema(_)
            | Change::SchemaDeleted(_)
            | Change::Declared { .. } => {}
        }
    }

    /// Takes the registry in as it stands at the start; kanalen first.
    async fn load(&mut self) {
        let changes = self.parts.control.registry().read().to_changes();
        for change in &changes {
            if let Change::Kanaal(kanaal) = change {
                let tails = self.watches.tails(&kanaal.naam).await;
                let ends = self.watches.watch(&kanaal.naam, tails);
                self.tell(Input::Kanaal(kanaal.naam.clone(), ends));
            }
        }
        let ours = |change: &Change| match change {
            Change::Subscription(subscription) => self.is_ours(&subscription.sink),
            change => matches!(change, Change::Run(_)),
        };
        let ours: Vec<Change> = changes.into_iter().filter(ours).collect();
        for change in ours {
            self.changed(change);
        }
    }

    /// Changes were missed: takes the registry in anew.
    fn resynchronise(&mut self) {
        self.changes = self.changes.resubscribe();
        let changes = self.parts.control.registry().read().to_changes();
        let mut subscriptions = HashSet::new();
        let mut kanalen = HashSet::new();
        let mut runs = HashSet::new();
        for change in &changes {
            match change {
                Change::Kanaal(kanaal) => drop(kanalen.insert(kanaal.naam.clone())),
                Change::Subscription(subscription) => drop(subscriptions.insert(subscription.id)),
                Change::Run(run) => drop(runs.insert(run.id)),
                _ => {}
            }
        }
        let (own_kanalen, own_subscriptions, own_runs) = self.machine.known();
        let gone = own_kanalen.into_iter().filter(|naam| !kanalen.contains(naam)).map(Change::KanaalDeleted);
        let ended = own_runs.into_iter().filter(|id| !runs.contains(id)).map(Change::RunEnded);
        let deleted = own_subscriptions.into_iter().filter(|id| !subscriptions.contains(id));
        let deleted = deleted.map(Change::SubscriptionDeleted);
        for change in gone.chain(ended).chain(deleted).chain(changes).collect::<Vec<_>>() {
            self.changed(change);
        }
    }

    /// Lets what is under way finish, within a time, and stores progress.
    async fn drain(&mut self, receiver: &mut mpsc::UnboundedReceiver<Message>, patience: Patience) {
        self.tell(Input::Drain);
        let deadline = Instant::now() + patience.requests;
        let last = deadline + patience.storing;
        loop {
            let finished = self.machine.is_idle() || Instant::now() >= deadline;
            if finished {
                if self.machine.is_stored() || Instant::now() >= last {
                    break;
                }
                self.machine.hurry_checkpoint();
            }
            self.step();
            let until = if finished { last } else { deadline };
            // A checkpoint may need two rounds, and nothing else wakes this up.
            let wake = self.machine.next_wake().map(|wake| Instant::now() + wake.since(self.now()));
            let until = wake.map_or(until, |wake| wake.min(until));
            match tokio::time::timeout_at(until, receiver.recv()).await {
                Ok(Some(message)) => {
                    if let Some(Stopping::Failed(Error::Fenced)) = self.take(message) {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => {}
            }
        }
        if let Err(error) = self.parts.progress.release(self.shard).await {
            tracing::warn!(shard = self.shard.0, %error, "the shard could not be released");
        }
        if let Err(error) = self.parts.journal.flush().await {
            tracing::warn!(shard = self.shard.0, %error, "the journal could not be flushed");
        }
    }
}
