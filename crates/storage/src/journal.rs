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

use crate::{
    Error,
    log::{Record, Stored},
};

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
    /// Identity: [`DeadLetter::id_of`] the delivery. Letters of earlier versions have one of their own.
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

/// Most bytes of a record that nobody can read which its dead letter keeps; the whole stands in the log.
pub const UNREADABLE_BYTES: usize = 64 << 10;

impl DeadLetter {
    /// In place of a subscription, where a record can be read by nobody.
    pub const NOBODY: SubscriptionId = SubscriptionId(Uuid::nil());

    /// The identity of a delivery's dead letter: always the same, so that a letter which is kept twice, or which was
    /// removed and turns up again when an index is rebuilt, is that same letter.
    pub fn id_of(delivery: &DeliveryKey) -> Uuid {
        let DeliveryKey { subscription, kanaal, partition, position, run } = delivery;
        let mut name = Vec::with_capacity(64);
        name.extend_from_slice(run.map_or(Uuid::nil(), |run| run.0).as_bytes());
        name.extend_from_slice(&partition.0.to_be_bytes());
        name.extend_from_slice(&position.0.to_be_bytes());
        name.extend_from_slice(kanaal.as_str().as_bytes());
        Uuid::new_v5(&subscription.0, &name)
    }

    /// The dead letter of a record that nobody can read (CE-KAFKA-16): of no subscription, with what its headers say of
    /// the event and the first [`UNREADABLE_BYTES`] of the record, and why.
    pub fn unreadable(place: (KanaalName, Partition), stored: Stored, reason: &str, at: Timestamp) -> Self {
        let ((kanaal, partition), Stored { position, record, .. }) = (place, stored);
        let delivery = DeliveryKey { subscription: Self::NOBODY, kanaal, partition, position, run: None };
        let said = |name: &[u8]| {
            let header = record.headers.iter().find(|(found, _)| found.as_ref() == name);
            header.and_then(|(_, value)| std::str::from_utf8(value).ok()).unwrap_or_default().chars().take(1_024)
        };
        let (event_id, event_source, event_kind) =
            (said(b"ce_id").collect(), said(b"ce_source").collect(), said(b"ce_type").collect());
        let (record, left_out) = start_of(record, UNREADABLE_BYTES);
        let reason = match left_out {
            0 => reason.to_owned(),
            left_out => format!("{reason} ({left_out} bytes more stand in the log)"),
        };
        Self {
            id: Self::id_of(&delivery),
            delivery,
            event_id,
            event_source,
            event_kind,
            record,
            outcome: Outcome::Untranslatable,
            reason,
            last_status: None,
            attempts: 0,
            at,
        }
    }

    /// Whether it is of a record that nobody can read.
    pub fn is_unreadable(&self) -> bool {
        self.delivery.subscription == Self::NOBODY
    }
}

/// The start of a record, of at most so many bytes, and how many bytes are left out.
fn start_of(mut record: Record, room: usize) -> (Record, usize) {
    let whole = |record: &Record| {
        let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        record.key.len() + headers + record.value.as_ref().map_or(0, bytes::Bytes::len)
    };
    let before = whole(&record);
    let mut room = room;
    let take = |room: &mut usize, wanted: usize| {
        let taken = wanted.min(*room);
        *room -= taken;
        taken
    };
    let key = take(&mut room, record.key.len());
    record.key.truncate(key);
    let mut headers = std::mem::take(&mut record.headers);
    headers.retain(|(name, value)| {
        let bytes = name.len() + value.len();
        bytes <= room && take(&mut room, bytes) == bytes
    });
    record.headers = headers;
    if let Some(value) = &mut record.value {
        value.truncate(take(&mut room, value.len()));
    }
    let left_out = before - whole(&record);
    (record, left_out)
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

#[cfg(test)]
mod tests {
    use model::run::RunId;

    use super::*;

    fn key(subscription: u128, partition: u32, position: u64, run: Option<u128>) -> DeliveryKey {
        DeliveryKey {
            subscription: SubscriptionId(Uuid::from_u128(subscription)),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(partition),
            position: Position(position),
            run: run.map(|run| RunId(Uuid::from_u128(run))),
        }
    }

    /// Written down, since letters that were removed are known by it.
    #[test]
    fn the_identity_of_a_letter_is_that_of_its_delivery() {
        let id = DeadLetter::id_of(&key(7, 1, 2, None));
        assert_eq!(id.to_string(), "18928f5b-66a4-5985-ab38-4a14112322ec");
        let others = [key(8, 1, 2, None), key(7, 2, 1, None), key(7, 1, 3, None), key(7, 1, 2, Some(1))];
        let elsewhere = DeliveryKey { kanaal: KanaalName::new("besluiten").unwrap(), ..key(7, 1, 2, None) };
        for other in others.iter().chain([&elsewhere]) {
            assert_ne!(DeadLetter::id_of(other), id, "{other:?}");
        }
    }

    #[test]
    fn what_is_kept_of_an_unreadable_record_is_bounded_ce_kafka_16() {
        let header = |name: &'static str, value: &'static [u8]| (name.into(), value.into());
        let record = Record {
            key: "k".into(),
            headers: vec![header("ce_id", b"1"), header("ce_type", b"\xff"), ("big".into(), vec![0; 70_000].into())],
            value: Some(vec![b'v'; 70_000].into()),
        };
        let stored = Stored { position: Position(3), appended: Timestamp::default(), record: record.clone() };
        let place = (KanaalName::new("zaken").unwrap(), Partition(1));
        let letter = DeadLetter::unreadable(place.clone(), stored, "no event", Timestamp::from_seconds(9));
        assert!(letter.is_unreadable());
        assert_eq!((letter.event_id.as_str(), letter.event_kind.as_str()), ("1", ""));
        let value = letter.record.value.unwrap().len();
        assert_eq!((letter.record.headers.as_slice(), value), (&record.headers[..2], UNREADABLE_BYTES - 15));
        assert_eq!(letter.reason, format!("no event ({} bytes more stand in the log)", 140_003 - 65_521));

        let small = Record { headers: vec![], value: None, ..record };
        let stored = Stored { position: Position(3), appended: Timestamp::default(), record: small.clone() };
        let again = DeadLetter::unreadable(place, stored, "no event", Timestamp::from_seconds(10));
        assert_eq!((again.id, again.record, again.reason.as_str()), (letter.id, small, "no event"));
    }
}
