//! The task of one shard: the single owner of its machine. It waits for something to happen, tells the machine, and has
//! what comes out performed; it never waits for that.

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{KanaalName, SubscriptionId, Timestamp, registry::Change};
use storage::progress::{Key, Shard, Value};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::Instant,
};

use super::{EngineParts, aside::Aside, perform::Performer, shard_of, watch::Watches};
use crate::machine::{Input, Machine, SubscriptionStatus};

/// What a shard is told.
pub(crate) enum Message {
    /// Something for its machine.
    Input(Input),
    /// A kanaal is ready to be read.
    Kanaal(KanaalName, super::watch::Tails),
    /// Somebody asks how a subscription is doing.
    Status(SubscriptionId, oneshot::Sender<Option<SubscriptionStatus>>),
    /// It must stop within that time and say so.
    Stop(Duration, oneshot::Sender<()>),
    /// It cannot go on.
    Failed(String),
}

/// How often gauges are set.
const GAUGES: Duration = Duration::from_secs(5);
/// Most messages taken at once.
const MESSAGES: usize = 1_024;

struct ShardTask {
    parts: Arc<EngineParts>,
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
    aside: Arc<Aside>,
    shard: Shard,
    entries: Vec<(Key, Value)>,
    sender: mpsc::UnboundedSender<Message>,
    mut receiver: mpsc::UnboundedReceiver<Message>,
) {
    let changes = parts.control.changes();
    let mut task = ShardTask {
        shard,
        machine: Machine::new(parts.settings.clone(), Arc::clone(&parts.random)),
        performer: Performer::new(Arc::clone(&parts), aside, shard, sender.clone()),
        watches: Watches::new(Arc::clone(&parts.log), sender, parts.settings.storage_retry),
        changes,
        gauges_due: Timestamp::default(),
        parts,
    };
    task.tell(Input::Restored(entries));
    task.load().await;
    task.tell(Input::Loaded);
    tracing::info!(shard = shard.0, "deliveries start");
    let mut messages = Vec::with_capacity(MESSAGES);
    loop {
        task.step();
        if let Some((within, done)) = task.wait(&mut receiver, &mut messages).await {
            task.drain(&mut receiver, within).await;
            tracing::info!(shard = shard.0, "deliveries stop");
            // Whoever asked may be gone.
            let _ = done.map(|done| done.send(()));
            return;
        }
    }
}

/// How a shard is to stop: within that time, telling somebody.
type Stopping = (Duration, Option<oneshot::Sender<()>>);

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
            self.performer.meters.show(&self.machine.shard_status(), now);
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
                    return Some((Duration::ZERO, None));
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
                Err(broadcast::error::RecvError::Closed) => return Some((Duration::ZERO, None)),
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
            Message::Stop(within, done) => return Some((within, Some(done))),
            Message::Failed(reason) => {
                tracing::error!(shard = self.shard.0, reason, "deliveries cannot go on");
                return Some((Duration::ZERO, None));
            }
        }
        None
    }

    fn is_ours(&self, sink: &str) -> bool {
        shard_of(sink, self.parts.progress.shards()) == self.shard
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
                    self.tell(Input::Subscription(subscription));
                } else {
                    // Its sink moved to another shard, or was never ours.
                    self.tell(Input::SubscriptionDeleted(subscription.id));
                }
            }
            Change::SubscriptionDeleted(id) => {
                self.performer.forget(id);
                self.tell(Input::SubscriptionDeleted(id));
            }
            Change::Run(run) => self.tell(Input::Run(run)),
            Change::RunEnded(id) => {
                self.performer.run_ended(id);
                self.tell(Input::RunEnded(id));
            }
            Change::Applicatie(_) | Change::ApplicatieDeleted(_) | Change::Declared { .. } => {}
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
    async fn drain(&mut self, receiver: &mut mpsc::UnboundedReceiver<Message>, within: Duration) {
        self.tell(Input::Drain);
        let deadline = Instant::now() + within;
        // Storing progress may take a moment longer than requests are waited for.
        let last = deadline + Duration::from_secs(5);
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
                    if let Some((_, Some(done))) = self.take(message) {
                        // A second stop waits for nothing.
                        let _ = done.send(());
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
