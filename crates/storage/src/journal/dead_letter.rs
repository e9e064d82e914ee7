//! Dead letters: deliveries that ended without success, and records that hold no readable event.

use model::{
    KanaalName, Partition, SubscriptionId, Timestamp,
    outcome::{DeliveryKey, Outcome},
};
use uuid::Uuid;

use crate::log::{Record, Stored};

/// A delivery that ended without success, with its whole record, since the log may be trimmed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// [`DeadLetter::id_of`] the delivery. Dead letters of earlier versions have random ids.
    pub id: Uuid,
    /// The delivery.
    pub delivery: DeliveryKey,
    /// `id` of the event.
    pub event_id: String,
    /// `source` of the event.
    pub event_source: String,
    /// `type` of the event.
    pub event_kind: String,
    /// The record as it is in the log.
    pub record: Record,
    /// How the delivery ended.
    pub outcome: Outcome,
    /// Why, for the owner of the subscription.
    pub reason: String,
    /// The code of the last answer, if there was one.
    pub last_code: Option<u16>,
    /// The number of requests made.
    pub attempts: u32,
    /// When the delivery ended.
    pub at: Timestamp,
}

/// Most bytes of an unreadable record that its dead letter contains; the log has the whole record.
pub const UNREADABLE_BYTES: usize = 64 << 10;

impl DeadLetter {
    /// The subscription id of dead letters for unreadable records.
    pub const NOBODY: SubscriptionId = SubscriptionId(Uuid::nil());

    /// The subscription that did not get the event; `None` for an unreadable record.
    pub fn subscription(&self) -> Option<SubscriptionId> {
        Some(self.delivery.subscription).filter(|id| *id != Self::NOBODY)
    }

    /// The id of a delivery's dead letter. It is derived from the delivery, so that a dead letter which is stored
    /// twice, or which was removed and reappears when an index is rebuilt, has the same id.
    pub fn id_of(delivery: &DeliveryKey) -> Uuid {
        let DeliveryKey { subscription, kanaal, partition, position, run } = delivery;
        let mut name = Vec::with_capacity(64);
        name.extend_from_slice(run.map_or(Uuid::nil(), |run| run.0).as_bytes());
        name.extend_from_slice(&partition.0.to_be_bytes());
        name.extend_from_slice(&position.0.to_be_bytes());
        name.extend_from_slice(kanaal.as_str().as_bytes());
        Uuid::new_v5(&subscription.0, &name)
    }

    /// The dead letter of an unreadable record (CE-KAFKA-16): without subscription, with the event attributes found in
    /// the headers, the first [`UNREADABLE_BYTES`] of the record, and the reason.
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
            left_out => format!("{reason} ({left_out} further bytes are in the log)"),
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
            last_code: None,
            attempts: 0,
            at,
        }
    }

    /// Whether it holds an unreadable record.
    pub fn is_unreadable(&self) -> bool {
        self.delivery.subscription == Self::NOBODY
    }
}

/// The start of a record, of at most `room` bytes, and the number of bytes omitted.
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

/// The dead letters of one subscription, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLetterSum {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// How many there are.
    pub count: u64,
    /// The size of their records as stored, in bytes.
    pub bytes: u64,
    /// When the oldest of them was created.
    pub oldest: Timestamp,
}

#[cfg(test)]
mod tests {
    use model::{Position, run::RunId};

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

    /// A fixed value, since dead letters in existing topics are identified by it.
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
        assert_eq!(letter.reason, format!("no event ({} further bytes are in the log)", 140_003 - 65_521));

        let small = Record { headers: vec![], value: None, ..record };
        let stored = Stored { position: Position(3), appended: Timestamp::default(), record: small.clone() };
        let again = DeadLetter::unreadable(place, stored, "no event", Timestamp::from_seconds(10));
        assert_eq!((again.id, again.record, again.reason.as_str()), (letter.id, small, "no event"));
    }
}
