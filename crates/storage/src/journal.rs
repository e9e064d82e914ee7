//! Port Journal: a searchable record of attempts, outcomes, dead letters, and an index of events.
//!
//! It is bounded by retention, may lag, and may lose its last moments in a crash, except for what
//! [`Journal::make_durable`] waited for, and for dead letters, which are durable when [`Journal::store_dead_letters`]
//! returns. It is never on the path of an accepted request.

mod dead_letter;
mod delivery_counts;
mod page_bytes;
mod runs;

use async_trait::async_trait;
use model::{
    KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp,
    outcome::{Attempt, DeliveryKey, Outcome},
    run::RunId,
};
use uuid::Uuid;

#[cfg(feature = "sqlite")]
pub(crate) use self::page_bytes::BoundedRows;
pub use self::{
    dead_letter::{DeadLetter, DeadLetterSum, UNREADABLE_BYTES},
    delivery_counts::{DeliveryCounts, MAX_TYPES, RecentTypes, TypeCount},
    page_bytes::{MAX_PAGE_BYTES, RowBytes},
    runs::{RunProgress, RunQuery, RunRow},
};
use crate::Error;

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event was read from a log; makes it searchable.
    Event(EventRow),
    /// A request was made and the delivery continues.
    Attempt {
        /// The delivery.
        delivery: DeliveryKey,
        /// The number of the attempt, from 1.
        number: u32,
        /// The request and its result.
        attempt: Attempt,
    },
    /// A delivery ended.
    Settled {
        /// The delivery.
        delivery: DeliveryKey,
        /// How it ended.
        outcome: Outcome,
        /// The number of requests made.
        attempts: u32,
        /// The last request, if one was made.
        last: Option<Attempt>,
        /// When it ended.
        at: Timestamp,
    },
    /// A range of deliveries ended without being examined one by one (expired, ended).
    SettledRange {
        /// The subscription.
        subscription: SubscriptionId,
        /// The kanaal.
        kanaal: KanaalName,
        /// The partition.
        partition: Partition,
        /// The first mark.
        from: Mark,
        /// The mark behind the last.
        until: Mark,
        /// How they ended.
        outcome: Outcome,
        /// When they ended.
        at: Timestamp,
    },
    /// How far a run is.
    Run(Box<RunProgress>),
}

/// An event in the index; the event itself stays in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The partition of the kanaal.
    pub partition: Partition,
    /// The position in the partition.
    pub position: Position,
    /// `id` of the event.
    pub id: String,
    /// `source` of the event.
    pub source: String,
    /// `type` of the event.
    pub kind: String,
    /// `subject` of the event.
    pub subject: Option<String>,
    /// The append time.
    pub appended: Timestamp,
}

/// Selects events; all given members must match.
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
    /// With `kind`: only among so many of the newest that the other members select; `None` for all. No index has the type, so it
    /// bounds what is read.
    pub newest: Option<u32>,
}

/// Selects deliveries; all given members must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// The subscription.
    pub subscription: Option<SubscriptionId>,
    /// `id` of the event.
    pub event_id: Option<String>,
    /// How they ended.
    pub outcome: Option<Outcome>,
    /// The run.
    pub run: Option<RunId>,
    /// Ended at or after.
    pub from: Option<Timestamp>,
    /// Ended before.
    pub until: Option<Timestamp>,
}

/// Selects dead letters; all given members must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterQuery {
    /// Ids; empty for any.
    pub ids: Vec<Uuid>,
    /// The subscription.
    pub subscription: Option<SubscriptionId>,
    /// The kanaal.
    pub kanaal: Option<KanaalName>,
    /// The record on that kanaal.
    pub record: Option<(Partition, Position)>,
    /// `type` of the event.
    pub kind: Option<String>,
    /// The code of the last answer.
    pub code: Option<u16>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created before.
    pub until: Option<Timestamp>,
    /// Only among so many of the newest ones of the subscription, or else of the kanaal, within the time; `None` for all. It bounds
    /// what is read, so that lists cost the same however many there are.
    pub newest: Option<u32>,
    /// Whether they are returned with empty records, for lists; selects nothing.
    pub without_records: bool,
}

/// Dead letters that have the same subscription, kanaal, outcome and answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterGroup {
    /// The subscription; [`DeadLetter::NOBODY`] for unreadable records.
    pub subscription: SubscriptionId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// How the deliveries ended.
    pub outcome: Outcome,
    /// The code of the last answer; `None` without one.
    pub code: Option<u16>,
    /// How many there are.
    pub count: u64,
    /// When the newest one was created.
    pub newest: Timestamp,
}

/// The groups of the dead letters that a query matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterGroups {
    /// The groups, in no order.
    pub groups: Vec<DeadLetterGroup>,
    /// Whether every matching dead letter is in one: [`DeadLetterQuery::newest`] left none out.
    pub is_complete: bool,
}

/// The place of a record.
pub type RecordPlace = (KanaalName, Partition, Position);

/// How one delivery of a record ended or goes on, without its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordOutcome {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The run; `None` for the live stream.
    pub run: Option<RunId>,
    /// How it ended; `None` while it continues.
    pub outcome: Option<Outcome>,
    /// The number of requests made.
    pub attempts: u32,
    /// When it ended, or the time of the last request.
    pub at: Timestamp,
}

/// A part of a list that is sorted newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The number of rows to skip.
    pub offset: u64,
    /// Most rows, 1 to 1,000.
    pub limit: u32,
}

/// A delivery as stored in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: DeliveryKey,
    /// `id` of the event, if the index contains it.
    pub event_id: Option<String>,
    /// How it ended; `None` while it continues.
    pub outcome: Option<Outcome>,
    /// The stored requests with their numbers, oldest first.
    pub attempts: Vec<(u32, Attempt)>,
    /// The number of requests made.
    pub attempts_made: u32,
    /// When it ended, or the time of the last request.
    pub at: Timestamp,
}

/// Sees the entries that became searchable in the journal of this node, in the order in which they were written. After a failure
/// some are seen twice, and entries that the journal dropped are never seen.
pub trait Observer: Send + Sync {
    /// Called from the thread that writes the journal, which waits for it.
    fn searchable(&self, entries: &[Entry]);
}

/// The port: a searchable record of what happened.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Queues entries without waiting. If the queue is full, the oldest entries are dropped and counted, so that
    /// deliveries are not delayed.
    fn record(&self, entries: Vec<Entry>);

    /// Stores dead letters; they are durable on return. Only the first dead letter of a delivery is kept.
    async fn store_dead_letters(&self, letters: Vec<DeadLetter>) -> Result<(), Error>;

    /// Waits until all entries recorded before are searchable. For shutdown and tests.
    async fn flush(&self) -> Result<(), Error>;

    /// Waits until all entries recorded before, events excepted, survive a crash of this process and a loss of power.
    /// They need not be searchable yet.
    ///
    /// # Errors
    /// The error of a failed write, without waiting for its retry.
    async fn make_durable(&self) -> Result<(), Error>;

    /// Whether entries are written now, with a remark for operators if some were lost since the start.
    ///
    /// # Errors
    /// Why the last write failed; it is tried again.
    fn health(&self) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// The number of entries that were lost since the start: dropped because too many waited, or not written because the file
    /// is damaged.
    fn lost(&self) -> u64 {
        0
    }

    /// The mark behind the newest indexed event of a partition, where its indexer continues.
    async fn indexed(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error>;

    /// Events, newest first.
    ///
    /// # Errors
    /// `TooLarge` when the page has more than [`MAX_PAGE_BYTES`]; a smaller page may fit.
    async fn events(&self, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error>;

    /// Deliveries, newest first.
    ///
    /// # Errors
    /// As [`Journal::events`].
    async fn deliveries(&self, query: DeliveryQuery, page: Page) -> Result<Vec<DeliveryRow>, Error>;

    /// Runs of which progress was recorded, newest first. An entry that was recorded twice counts once.
    async fn runs(&self, query: RunQuery, page: Page) -> Result<Vec<RunRow>, Error>;

    /// Counts deliveries that ended before `until`, at most about `max` of them, for [`Journal::delivery_counts`]; returns whether
    /// there are more. Counts are kept for 31 days, also of deliveries that [`Journal::trim`] removed.
    async fn count_deliveries(&self, until: Timestamp, max: usize) -> Result<bool, Error>;

    /// What was counted of the deliveries of a subscription, from the hour of `from` on.
    async fn delivery_counts(&self, subscription: SubscriptionId, from: Timestamp) -> Result<DeliveryCounts, Error>;

    /// The deliveries of a subscription that ended from `from` on by type, at most the `newest` of them.
    async fn recent_types(
        &self,
        subscription: SubscriptionId,
        from: Timestamp,
        newest: u32,
    ) -> Result<RecentTypes, Error>;

    /// When a delivery to each of these subscriptions succeeded last, in their order; `None` without a success in the last 31 days.
    /// It is kept with each delivery that succeeds, and read from one row per subscription.
    async fn last_delivered(&self, subscriptions: Vec<SubscriptionId>) -> Result<Vec<Option<Timestamp>>, Error>;

    /// Dead letters, newest first.
    ///
    /// # Errors
    /// As [`Journal::events`], for dead letters without records.
    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error>;

    /// The number of matching dead letters.
    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error>;

    /// The groups of the matching dead letters.
    async fn dead_letter_groups(&self, query: DeadLetterQuery) -> Result<DeadLetterGroups, Error>;

    /// How many steps the queries of this journal took so far, of which a row takes several: a measure of what is read that does not
    /// depend on the machine. 0 where it is not known.
    fn read_steps(&self) -> u64 {
        0
    }

    /// The matching dead letters of each subscription together, in no order.
    async fn sum_dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetterSum>, Error>;

    /// The deliveries of each of these records (at most 1,000), in the order of the records; of one record in no order, and
    /// at most 100,000. Of a delivery that has no row of its own, but lies in a range that ended, that is its outcome.
    async fn outcomes_of(&self, records: Vec<RecordPlace>) -> Result<Vec<Vec<RecordOutcome>>, Error>;

    /// The deliveries of matching dead letters, in the order of subscription, kanaal, partition, position and run; those
    /// behind `after`, at most `limit` (1 to 10,000). Reads no records, and a page costs the same wherever it is.
    async fn dead_letter_deliveries(
        &self,
        query: DeadLetterQuery,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, Error>;

    /// Removes dead letters that their owner discarded; returns their number.
    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error>;

    /// Removes the dead letters that these deliveries of runs redrove: those of the same subscription and record, except
    /// one that the same run left. All in one durable write; returns their number.
    async fn remove_redriven(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, Error>;

    /// Removes everything about events of a purged kanaal before these marks: index, deliveries, attempts and dead letters,
    /// also what is recorded of them later. On return their bytes are in no file of this store. Repeat it after an error.
    async fn purge(&self, kanaal: &KanaalName, ends: &[(Partition, Mark)]) -> Result<(), Error>;

    /// Removes rows older than a timestamp, at most `max` per call; returns their number.
    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error>;

    /// Removes runs whose progress was recorded last before a timestamp, at most `max` per call; returns their number.
    /// [`Journal::trim`] keeps them.
    async fn trim_runs(&self, before: Timestamp, max: usize) -> Result<usize, Error>;
}
