//! What goes into the machine and what comes out of it, as plain values.

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
    answer::Answer,
    arena::Id,
    item::Item,
    machine::{Delivery, Flight, fetch::Fetch},
};

/// Something that happened outside.
#[derive(Debug)]
pub enum Input {
    /// Progress as it was last stored; comes first, if at all.
    Restored(Vec<(Key, Value)>),
    /// A kanaal exists, with the ends of its partitions.
    Kanaal(KanaalName, Vec<Mark>),
    /// A kanaal was deleted.
    KanaalDeleted(KanaalName),
    /// A subscription was made or changed.
    Subscription(Arc<Subscription>),
    /// A subscription was deleted.
    SubscriptionDeleted(SubscriptionId),
    /// A run was asked for.
    Run(Arc<Run>),
    /// A run is over.
    RunEnded(RunId),
    /// The registry as it stood at the start is in; stored progress that nothing asked for is forgotten.
    Loaded,
    /// The end of a partition moved.
    TailMoved(KanaalName, Partition, Mark),
    /// A read is done; `None` when storage failed.
    Fetched(Id<Fetch>, Option<Batch>),
    /// A request was answered.
    Answered(Id<Flight>, Answer),
    /// A dead letter was kept, or could not be.
    Buried(Id<Delivery>, bool),
    /// The last checkpoint is durable.
    Checkpointed,
    /// Nothing more is read or sent.
    Drain,
}

/// What a read gave, decoded.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The events, positions ascending.
    pub items: Vec<Arc<Item>>,
    /// Where the next read goes on.
    pub next: Mark,
    /// The oldest mark that can still be read.
    pub oldest: Mark,
}

/// Something to do outside.
#[derive(Debug)]
pub enum Action {
    /// Read a log.
    Read(Read),
    /// Make a request.
    Post(Post),
    /// Make progress durable; the next one comes only after [`Input::Checkpointed`].
    Checkpoint(Vec<Entry>),
    /// Keep a dead letter.
    Bury(Id<Delivery>, Box<DeadLetter>),
    /// Change the status of a subscription, unless its generation is another one by now.
    SetStatus {
        /// Whose.
        id: SubscriptionId,
        /// The generation that it holds for.
        generation: u64,
        /// The new status.
        status: Status,
    },
    /// A run has nothing more to do.
    EndRun(RunId),
    /// A delivery of a run over records ended: the dead letter that it redrives is obsolete.
    Redriven(DeliveryKey),
}

/// A read of a log.
#[derive(Debug, Clone)]
pub struct Read {
    /// Comes back in [`Input::Fetched`].
    pub id: Id<Fetch>,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// Its partition.
    pub partition: Partition,
    /// From where.
    pub from: Mark,
    /// Most records.
    pub records: usize,
    /// Most bytes.
    pub bytes: usize,
    /// When the record at `from` was trimmed, it may still be kept with a dead letter that this run redrives.
    pub or_dead_letter: Option<Arc<Run>>,
}

/// A request to make.
#[derive(Debug, Clone)]
pub struct Post {
    /// Comes back in [`Input::Answered`].
    pub id: Id<Flight>,
    /// For whom, as it stood when the request was decided on.
    pub subscription: Arc<Subscription>,
    /// What; more than one only in a batch.
    pub items: Vec<Arc<Item>>,
    /// Whether to send a single structured event whatever the subscription's format (after a 415).
    pub structured: bool,
}

/// What came out of the machine since it was last asked.
#[derive(Debug, Default)]
pub struct Effects {
    /// What to do.
    pub actions: Vec<Action>,
    /// What to write down.
    pub journal: Vec<JournalEntry>,
    /// What to count.
    pub counts: Counts,
}

/// Numbers since they were last asked for.
#[derive(Debug, Default)]
pub struct Counts {
    /// Deliveries that ended, by [`model::outcome::Outcome::ALL`].
    pub outcomes: [u64; 7],
    /// Records that were passed over unread, by [`model::outcome::Outcome::ALL`].
    pub passed_over: [u64; 7],
    /// Requests answered, by [`crate::answer::Class::number`].
    pub attempts: [u64; 8],
    /// From acceptance to arrival.
    pub delivered: Vec<Duration>,
}
