//! The task of one shard: the single owner of its machine. It waits for a message, a change of the registry or a timer,
//! passes it to the machine, and has the actions performed by other tasks; it never waits for these.

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{
    Sink,
    clock::{Instant as ClockInstant, Now},
    registry::Change,
    run::Run,
};
use storage::{
    Error,
    progress::{Key, Shard, Value},
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::Instant,
};

use super::{
    Common, EngineParts,
    message::{DrainTime, Message},
    perform::Performer,
    shard_of,
    watch::Watches,
};
use crate::{
    machine::{Input, Machine},
    metrics::TaskGauges,
};

/// Why the task of a shard ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// It was stopped, and drained as far as the time allowed.
    Stopped,
    /// It could not continue, for this reason.
    Failed(String),
}

/// Time between two updates of the gauges.
const GAUGES: Duration = Duration::from_secs(5);
/// Time for storing the progress of a shard that failed.
const STORING: Duration = Duration::from_secs(5);
/// Most messages taken from the channel in one step.
const MESSAGES: usize = 1_024;

struct ShardTask {
    parts: Arc<EngineParts>,
    shard: Shard,
    machine: Machine,
    performer: Performer,
    watches: Watches,
    changes: broadcast::Receiver<Change>,
    /// Changes when kanalen have more partitions.
    extensions: watch::Receiver<u64>,
    gauges: TaskGauges,
    gauges_due: ClockInstant,
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
    // The last owner knew at least the subscriptions in the stored progress, so this node must know them as well.
    while let Err(error) = parts.control.catch_up().await {
        tracing::warn!(shard = shard.0, %error, "deliveries wait until the registry is up to date");
        tokio::time::sleep(parts.settings.storage_retry).await;
    }
    let changes = parts.control.changes();
    let extensions = parts.log.extensions();
    let gauges = common.gauges.of_task(Arc::clone(&parts.clock));
    let mut task = ShardTask {
        shard,
        machine: Machine::new(parts.settings.per_shard(parts.progress.shards()), Arc::clone(&parts.random)),
        performer: Performer::new(Arc::clone(&parts), common, shard, sender.clone()),
        watches: Watches::new(Arc::clone(&parts.log), sender, parts.settings.storage_retry),
        changes,
        extensions,
        gauges,
        gauges_due: ClockInstant::default(),
        parts,
    };
    task.input(Input::Restored(entries));
    task.load().await;
    task.input(Input::Loaded);
    tracing::info!(shard = shard.0, "deliveries started");
    let mut messages = Vec::with_capacity(MESSAGES);
    loop {
        task.step();
        match task.wait(&mut receiver, &mut messages).await {
            None => {}
            Some(Stopping::Requested(drain_time)) => {
                task.drain(&mut receiver, drain_time).await;
                tracing::info!(shard = shard.0, "deliveries stopped");
                return Ending::Stopped;
            }
            Some(Stopping::Failed(error)) => {
                tracing::error!(shard = shard.0, %error, "deliveries failed");
                // A fenced node may neither store progress nor release the shard.
                if !matches!(error, Error::Fenced) {
                    task.drain(&mut receiver, DrainTime { requests: Duration::ZERO, storing: STORING }).await;
                }
                return Ending::Failed(error.to_string());
            }
        }
    }
}

/// Why a shard must stop.
enum Stopping {
    Requested(DrainTime),
    Failed(Error),
}

impl ShardTask {
    fn now(&self) -> Now {
        self.parts.clock.moment()
    }

    fn input(&mut self, input: Input) {
        let now = self.now();
        self.machine.handle(input, now);
    }

    /// Lets the machine do what is due and hands its actions out.
    fn step(&mut self) {
        let now = self.now();
        self.machine.advance(now);
        self.performer.perform(self.machine.take_effects());
        if now.instant >= self.gauges_due {
            self.gauges_due = now.instant + GAUGES;
            self.gauges.set(self.machine.shard_status(), self.machine.partition_lags(), now.wall);
        }
    }

    /// Waits until something happens and passes it to the machine.
    async fn wait(
        &mut self,
        receiver: &mut mpsc::UnboundedReceiver<Message>,
        messages: &mut Vec<Message>,
    ) -> Option<Stopping> {
        let wake = self.machine.next_wake().unwrap_or(self.gauges_due).min(self.gauges_due);
        let pause = wake.since(self.now().instant);
        tokio::select! {
            count = receiver.recv_many(messages, MESSAGES) => {
                if count == 0 {
                    return Some(Stopping::Requested(DrainTime::default()));
                }
                // Messages behind a stop are handled as well: they may be the last answers.
                let mut stopping = None;
                for message in messages.drain(..) {
                    stopping = self.handle(message).or(stopping);
                }
                if stopping.is_some() {
                    return stopping;
                }
            }
            change = self.changes.recv() => match change {
                Ok(change) => self.registry_changed(change),
                Err(broadcast::error::RecvError::Lagged(_)) => self.resynchronise(),
                Err(broadcast::error::RecvError::Closed) => return Some(Stopping::Requested(DrainTime::default())),
            },
            // A log that never gets more partitions has closed the channel: the branch waits for nothing then.
            Ok(()) = self.extensions.changed() => self.look_up_partitions(),
            () = tokio::time::sleep(pause) => {}
        }
        None
    }

    fn handle(&mut self, message: Message) -> Option<Stopping> {
        match message {
            Message::Input(input) => self.input(input),
            Message::Kanaal(naam, tails) => {
                if self.parts.control.registry().read().kanaal(naam.as_str()).is_some() {
                    let ends = self.watches.watch(&naam, tails);
                    self.input(Input::Kanaal(naam, ends));
                }
            }
            Message::Status(id, answer) => {
                // The caller may have given up.
                let _ = answer.send(self.machine.status(id));
            }
            Message::Marks(id, answer) => {
                // The caller may have given up.
                let _ = answer.send(self.machine.marks(id));
            }
            Message::StartExtraRequest(id, answer) => {
                let now = self.now();
                // The caller may have given up.
                let _ = answer.send(self.machine.start_extra_request(id, now));
            }
            Message::ExtraRequestAnswered(id, class, answer) => {
                let now = self.now();
                // The caller may have given up.
                let _ = answer.send(self.machine.extra_request_answered(id, class, now));
            }
            Message::Waiting(id, deliveries, answer) => {
                // The caller may have given up.
                let _ = answer.send(self.machine.waiting(id, &deliveries));
            }
            Message::Outages(answer) => {
                // The caller may have given up.
                let _ = answer.send(Some(self.machine.outages()));
            }
            Message::WorstLags(most, answer) => {
                // The caller may have given up.
                let _ = answer.send(Some(self.machine.worst_lags(most)));
            }
            Message::Stop(drain_time) => return Some(Stopping::Requested(drain_time)),
            Message::Failed(error) => return Some(Stopping::Failed(error)),
        }
        None
    }

    fn is_ours(&self, sink: &Sink) -> bool {
        shard_of(sink.key(), self.parts.progress.shards()) == self.shard
    }

    /// Whether a run belongs to this shard: the subscription's sink does, or the subscription is gone and any shard may
    /// end the run.
    fn is_run_ours(&self, run: &Run) -> bool {
        let registry = self.parts.control.registry();
        let registry = registry.read();
        registry.subscription(run.subscription).is_none_or(|subscription| self.is_ours(&subscription.sink))
    }

    fn registry_changed(&mut self, change: Change) {
        match change {
            Change::Kanaal(kanaal) => self.watches.prepare(kanaal.naam.clone()),
            Change::KanaalDeleted(naam) => {
                self.watches.forget(&naam);
                self.performer.kanaal_deleted(&naam);
                self.input(Input::KanaalDeleted(naam));
            }
            Change::Subscription(subscription) => {
                if self.is_ours(&subscription.sink) {
                    let id = subscription.id;
                    self.input(Input::Subscription(subscription));
                    // The subscription may have moved here from another shard, with its runs.
                    let registry = self.parts.control.registry();
                    let runs: Vec<_> = registry.read().runs().filter(|run| run.subscription == id).cloned().collect();
                    for run in runs {
                        self.input(Input::Run(run));
                    }
                } else {
                    // Its sink moved to another shard, or was never ours.
                    self.input(Input::SubscriptionDeleted(subscription.id));
                }
            }
            Change::SubscriptionDeleted(id) => {
                self.performer.forget(id);
                self.input(Input::SubscriptionDeleted(id));
            }
            Change::Run(run) => {
                if self.is_run_ours(&run) {
                    self.input(Input::Run(run));
                }
            }
            Change::RunEnded(id) => self.input(Input::RunEnded(id)),
            Change::Applicatie(_)
            | Change::ApplicatieDeleted(_)
            | Change::Schema(_)
            | Change::SchemaDeleted(_)
            | Change::Revocation(_)
            | Change::RevocationForgotten(_)
            | Change::Declared { .. } => {}
        }
    }

    /// Passes the registry to the machine as it is at the start; kanalen first.
    async fn load(&mut self) {
        let changes = self.parts.control.registry().read().to_changes();
        for change in &changes {
            if let Change::Kanaal(kanaal) = change {
                let tails = self.watches.tails(&kanaal.naam).await;
                let ends = self.watches.watch(&kanaal.naam, tails);
                self.input(Input::Kanaal(kanaal.naam.clone(), ends));
            }
        }
        let ours = |change: &Change| match change {
            Change::Subscription(subscription) => self.is_ours(&subscription.sink),
            change => matches!(change, Change::Run(_)),
        };
        let ours: Vec<Change> = changes.into_iter().filter(ours).collect();
        for change in ours {
            self.registry_changed(change);
        }
    }

    /// Asks again for the partitions of all kanalen.
    fn look_up_partitions(&self) {
        let kanalen: Vec<_> =
            self.parts.control.registry().read().kanalen().map(|kanaal| kanaal.naam.clone()).collect();
        for naam in kanalen {
            self.watches.prepare(naam);
        }
    }

    /// Changes were missed: passes the whole registry to the machine, and removes what is not in it.
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
        let (own_kanalen, own_subscriptions, own_runs) = self.machine.registered_ids();
        let gone = own_kanalen.into_iter().filter(|naam| !kanalen.contains(naam)).map(Change::KanaalDeleted);
        let ended = own_runs.into_iter().filter(|id| !runs.contains(id)).map(Change::RunEnded);
        let deleted = own_subscriptions.into_iter().filter(|id| !subscriptions.contains(id));
        let deleted = deleted.map(Change::SubscriptionDeleted);
        for change in gone.chain(ended).chain(deleted).chain(changes).collect::<Vec<_>>() {
            self.registry_changed(change);
        }
    }

    /// Waits for requests under way, within their time, then stores progress and releases the shard.
    async fn drain(&mut self, receiver: &mut mpsc::UnboundedReceiver<Message>, drain_time: DrainTime) {
        self.input(Input::Drain);
        let deadline = Instant::now() + drain_time.requests;
        let last = deadline + drain_time.storing;
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
            // Two checkpoints are needed to store all marks, and the second is due by time.
            let wake = self.machine.next_wake().map(|wake| Instant::now() + wake.since(self.now().instant));
            let until = wake.map_or(until, |wake| wake.min(until));
            match tokio::time::timeout_at(until, receiver.recv()).await {
                Ok(Some(message)) => {
                    if let Some(Stopping::Failed(Error::Fenced)) = self.handle(message) {
                        return;
                    }
                }
                Ok(None) => break,
                Err(_) => {}
            }
        }
        if let Err(error) = self.parts.progress.release(self.shard).await {
            tracing::warn!(shard = self.shard.0, %error, "the shard cannot be released");
        }
        if let Err(error) = self.parts.journal.flush().await {
            tracing::warn!(shard = self.shard.0, %error, "the journal cannot be flushed");
        }
    }
}
