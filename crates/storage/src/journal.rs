//! Port Journal: what happened, searchable: attempts, outcomes, dead letters, and an index of events.
//!
//! It is bounded by retention, may lag behind and may lose its last moments in a crash, except for dead
//! letters: [`Journal::bury`] is durable. It is never on the path of an accepted request.

use async_trait::async_trait;
use model::{
    KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp,
    outcome::{Attempt, DeliveryKey, Outcome},
    run::RunId,
};
use uuid::Uuid;

use crate::{Error, log::Record};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event was read from a log; makes it findable.
    Event(EventRow),
    /// A request was made and the delivery goes on.
    Attempt {
        /// Of which delivery.
        delivery: DeliveryKey,
        /// Its number, from 1.
        number: u32,
        /// The request.
        attempt: Attempt,
    },
    /// A delivery ended; with its last request, if it took one.
    Settled {
        /// Which.
        delivery: DeliveryKey,
        /// How.
        outcome: Outcome,
        /// Number of requests made.
        attempts: u32,
        /// The last request.
        last: Option<Attempt>,
        /// When it ended.
        at: Timestamp,
    },
    /// A range of deliveries ended without being looked at one by one (expired, ended).
    SettledRange {
        /// Of whom.
        subscription: SubscriptionId,
        /// On which kanaal.
        kanaal: KanaalName,
        /// In which partition.
        partition: Partition,
        /// The first mark.
        from: Mark,
        /// Behind the last.
        until: Mark,
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

/// What is kept of an event to find it; the event itself stays in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// Its partition.
    pub partition: Partition,
    /// Its place.
    pub position: Position,
    /// `id` of the event.
    pub id: String,
    /// `source` of the event.
    pub source: String,
    /// `type` of the event.
    pub kind: String,
    /// `subject` of the event.
    pub subject: Option<String>,
    /// When it was appended.
    pub appended: Timestamp,
}

/// A delivery that ended without success, with the whole record, since the log may be trimmed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Identity.
    pub id: Uuid,
    /// Which delivery.
    pub delivery: DeliveryKey,
    /// `id` of the event.
    pub event_id: String,
    /// `source` of the event.
    pub event_source: String,
    /// `type` of the event.
    pub event_kind: String,
    /// The record as it stood in the log.
    pub record: Record,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, for the owner.
    pub reason: String,
    /// The status of the last answer, if there was one.
    pub last_status: Option<u16>,
    /// Number of requests made.
    pub attempts: u32,
    /// When.
    pub at: Timestamp,
}

/// Which events to list; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// `id` of the event.
    pub id: Option<String>,
    /// The kanaal.
    pub kanaal: Option<KanaalName>,
    /// `source` of the event.
    pub source: Option<String>,
    /// `subject` of the event.
    pub subject: Option<String>,
    /// `type` of the event.
    pub kind: Option<String>,
    /// Appended at or after.
    pub from: Option<Timestamp>,
    /// Appended before.
    pub until: Option<Timestamp>,
}

/// Which deliveries to list; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// For whom.
    pub subscription: Option<SubscriptionId>,
    /// `id` of the event.
    pub event_id: Option<String>,
    /// How they ended.
    pub outcome: Option<Outcome>,
    /// In which run.
    pub run: Option<RunId>,
    /// Ended at or after.
    pub from: Option<Timestamp>,
    /// Ended before.
    pub until: Option<Timestamp>,
}

/// Which dead letters; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterQuery {
    /// These ones; empty for any.
    pub ids: Vec<Uuid>,
    /// For whom.
    pub subscription: Option<SubscriptionId>,
    /// The kanaal.
    pub kanaal: Option<KanaalName>,
    /// `type` of the event.
    pub kind: Option<String>,
    /// The last status.
    pub status: Option<u16>,
    /// Buried at or after.
    pub from: Option<Timestamp>,
    /// Buried before.
    pub until: Option<Timestamp>,
}

/// Which part of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to skip.
    pub offset: u64,
    /// Most rows, 1 to 1,000.
    pub limit: u32,
}

/// A delivery as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Which.
    pub delivery: DeliveryKey,
    /// `id` of the event, when the index has it.
    pub event_id: Option<String>,
    /// How it ended; `None` while it goes on.
    pub outcome: Option<Outcome>,
    /// Its requests that were kept, oldest first, with their numbers.
    pub attempts: Vec<(u32, Attempt)>,
    /// Number of requests made.
    pub attempts_made: u32,
    /// When it ended, or the last request.
    pub at: Timestamp,
}

/// What happened, searchable.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Takes entries in; returns when they are queued, at once unless far too many wait, then the oldest
    /// are dropped and counted rather than holding deliveries up.
    fn record(&self, entries: Vec<Entry>);

    /// Keeps dead letters, durably before it returns. The same delivery buried twice is kept once.
    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), Error>;

    /// Waits until everything recorded before is searchable. For shutdown and tests.
    async fn flush(&self) -> Result<(), Error>;

    /// Where the event index of a partition ends, so that its feeder knows where to go on.
    async fn indexed(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error>;

    /// Events, newest first.
    async fn events(&self, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error>;

    /// Deliveries, newest first.
    async fn deliveries(&self, query: DeliveryQuery, page: Page) -> Result<Vec<DeliveryRow>, Error>;

    /// Dead letters, newest first.
    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error>;

    /// How many dead letters there are.
    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error>;

    /// Removes dead letters (redriven with success, or thrown away by their owner); returns how many.
    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error>;

    /// Forgets what is older, at most `max` rows a call; returns how many.
    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error>;
}
