//! The inputs of the machine and its effects, as plain values.

use std::{sync::Arc, time::Duration};

use model::{
    KanaalName, Mark, Partition, Subscription, SubscriptionId,
    outcome::DeliveryKey,
    run::{Run, RunId},
    subscription::Status,
};
use storage::{
    journal::{DeadLetter, Entry as JournalEntry},
    progress::{Entry, Key, Value},
};

use crate::{
    arena::Id,
    channel::Answer,
    decoded_event::DecodedEvent,
    invariants::Violation,
    machine::{Delivery, Fetch, Request},
    planted::planted,
};

/// Something that happened outside the machine.
#[derive(Debug)]
pub enum Input {
    /// The progress stored by the last owner of the shard; comes first, if at all.
    Restored(Vec<(Key, Value)>),
    /// A kanaal exists, with the ends of its partitions by number.
    Kanaal(KanaalName, Vec<Mark>),
    /// A kanaal was deleted; nothing more is read from it.
    KanaalDeleted(KanaalName),
    /// A subscription was created or changed.
    Subscription(Arc<Subscription>),
    /// A subscription was deleted, or its sink belongs to another shard now.
    SubscriptionDeleted(SubscriptionId),
    /// A replay or redrive was started.
    Run(Arc<Run>),
    /// A replay or redrive was ended or cancelled.
    RunEnded(RunId),
    /// The registry is complete as it was at the start; stored progress that belongs to nothing in it is deleted.
    Loaded,
    /// The end of a partition moved.
    TailMoved(KanaalName, Partition, Mark),
    /// A read is over; `None` when storage failed.
    Fetched(Id<Fetch>, Option<FetchedEvents>),
    /// A request ended, with or without an answer of the sink.
    Answered(Id<Request>, Answer),
    /// A dead letter is durable (`true`) or could not be stored.
    DeadLetterStored(Id<Delivery>, bool),
    /// The last checkpoint is durable.
    Checkpointed,
    /// The pace of sinks is durable.
    PaceStored,
    /// The shard stops: nothing more is read or sent.
    Drain,
}

/// The events of one read, decoded.
#[derive(Debug, Clone)]
pub struct FetchedEvents {
    /// The events, positions ascending.
    pub items: Vec<Arc<DecodedEvent>>,
    /// The mark from which the next read continues.
    pub next: Mark,
    /// The oldest mark that can still be read.
    pub oldest: Mark,
}

/// Something for the driver to do.
#[derive(Debug)]
pub enum Action {
    /// Read a log; answered by [`Input::Fetched`].
    Read(Read),
    /// Send a request; answered by [`Input::Answered`].
    SendRequest(SendRequest),
    /// Store a checkpoint. The next one comes only after [`Input::Checkpointed`].
    Checkpoint(Checkpoint),
    /// Store the pace of sinks in one atomic write, without waiting for anything; no checkpoint has these keys. The next
    /// one comes only after [`Input::PaceStored`].
    StorePace(Vec<Entry>),
    /// Store a dead letter; answered by [`Input::DeadLetterStored`].
    StoreDeadLetter(Id<Delivery>, Box<DeadLetter>),
    /// Set the status of a subscription, unless its generation has changed meanwhile.
    SetStatus {
        /// The id of the subscription to change.
        id: SubscriptionId,
        /// The generation that the status holds for.
        generation: u64,
        /// The new status.
        status: Status,
    },
    /// End a run in the registry; answered by [`Input::RunEnded`].
    EndRun(RunId),
}

/// What a checkpoint stores, in the steps of [`Checkpoint::into_steps`].
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    /// Deliveries of runs that ended: the dead letters that they redrove are removed.
    pub redriven: Vec<DeliveryKey>,
    /// Changes of progress, for one atomic write.
    pub entries: Vec<Entry>,
}

/// A part of storing a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointStep {
    /// Make everything durable that was recorded in the journal before.
    MakeJournalDurable,
    /// Remove the dead letters that these deliveries redrove.
    RemoveDeadLetters(Vec<DeliveryKey>),
    /// Store these changes of progress in one atomic write; this ends the checkpoint.
    StoreEntries(Vec<Entry>),
}

impl Checkpoint {
    /// The steps of storing it, in their order. Each begins when the one before it is durable.
    pub fn into_steps(self) -> [CheckpointStep; 3] {
        let mut steps = [
            CheckpointStep::MakeJournalDurable,
            CheckpointStep::RemoveDeadLetters(self.redriven),
            CheckpointStep::StoreEntries(self.entries),
        ];
        if planted!(EntriesBeforeJournal) {
            steps.reverse();
        }
        steps
    }
}

/// A read of a log.
#[derive(Debug, Clone)]
pub struct Read {
    /// Identifies it in [`Input::Fetched`].
    pub id: Id<Fetch>,
    /// The kanaal to read.
    pub kanaal: KanaalName,
    /// The partition of the kanaal.
    pub partition: Partition,
    /// The first record to read.
    pub from: Mark,
    /// Most records; at least 1.
    pub records: usize,
    /// Most bytes; a single record may be larger.
    pub bytes: usize,
    /// When the record at `from` was trimmed, a dead letter that this run redrives may still hold it.
    pub or_dead_letter: Option<Arc<Run>>,
}

/// A request to send.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// Identifies it in [`Input::Answered`].
    pub id: Id<Request>,
    /// The subscription as it was when the request was decided on.
    pub subscription: Arc<Subscription>,
    /// The events; more than one only in a batch.
    pub items: Vec<Arc<DecodedEvent>>,
    /// Whether to send a single event in the fallback format of the channel, because the sink refused the format of the
    /// subscription.
    pub fallback: bool,
}

/// The output of the machine since the last [`super::Machine::take_effects`].
#[derive(Debug, Default)]
pub struct Effects {
    /// For the driver to perform, in this order.
    pub actions: Vec<Action>,
    /// Entries to append to the journal, in this order.
    pub journal: Vec<JournalEntry>,
    /// Numbers to add to the metrics.
    pub counts: Counts,
}

/// Numbers since they were last taken.
#[derive(Debug, Default)]
pub struct Counts {
    /// Deliveries that ended, by [`model::outcome::Outcome::ALL`].
    pub outcomes: [u64; 7],
    /// Records that ended for a subscription without being read, by [`model::outcome::Outcome::ALL`].
    pub passed_over: [u64; 7],
    /// Requests answered, by [`crate::channel::Class::number`].
    pub attempts: [u64; 11],
    /// Time from acceptance of the event to the answer of the sink, per successful delivery.
    pub delivered: Vec<Duration>,
    /// Promises that did not hold.
    pub violations: Vec<Violation>,
}
