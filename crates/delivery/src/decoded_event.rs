//! One event as the engine handles it: read and decoded once, shared by all its deliveries, with what is worked out of it
//! on demand (members for filters, bodies per format) kept beside it.

use std::{ops::Deref, sync::Arc};

use event_reader::StoredEvent;
use model::{Subscription, event::AcceptedEvent};
use storage::log::Record;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{extensions::Extensions, planted::planted};

/// One event of a log.
#[derive(Debug)]
pub struct DecodedEvent {
    /// The event at its place.
    pub stored: StoredEvent,
    /// Digest of source, id, all other attributes and payload.
    pub digest: u64,
    /// Digest of the key that order is kept by.
    pub key: u64,
    /// Bytes of memory that it takes, roughly.
    pub size: usize,
    /// Values that channels derived from the event, such as rendered bodies.
    pub extensions: Extensions,
}

impl DecodedEvent {
    /// Keeps an event for the engine. `seed` makes digests unpredictable for publishers; it is the same for a whole
    /// process.
    pub fn new(stored: StoredEvent, seed: u64) -> Self {
        let record = &stored.record;
        let payload = record.value.as_ref().map_or(0, bytes::Bytes::len);
        let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
        Self {
            digest: digest(&stored.accepted, record, seed),
            key: xxh3_64_with_seed(stored.accepted.event.key().as_bytes(), seed),
            size: payload + headers + 512,
            stored,
            extensions: Extensions::default(),
        }
    }

    /// What is sent to a subscription: the same event, shared with what was worked out of it, unless the owner of its kanaal
    /// discloses a part of it only.
    #[must_use]
    pub fn disclosed_to(self: Arc<Self>, subscription: &Subscription) -> Arc<Self> {
        let Some(disclosure) = subscription.disclosure(&self.kanaal) else { return self };
        if planted!(DataIsAlwaysSent) && disclosure.attributes.is_none() {
            return self;
        }
        let (digest, key, size) = (self.digest, self.key, self.size);
        let stored = self.stored.disclose(disclosure);
        Arc::new(Self { stored, digest, key, size, extensions: Extensions::default() })
    }
}

impl Deref for DecodedEvent {
    type Target = StoredEvent;

    fn deref(&self) -> &StoredEvent {
        &self.stored
    }
}

fn digest(accepted: &AcceptedEvent, record: &Record, seed: u64) -> u64 {
    let payload = record.value.as_ref().map_or(seed, |value| xxh3_64_with_seed(value, seed));
    // Attributes may come in any order, so their digests are added up.
    let attributes = accepted.event.attributes().iter().fold(0_u64, |sum, (name, value)| {
        let name = xxh3_64_with_seed(name.as_str().as_bytes(), payload);
        sum.wrapping_add(match value.as_text() {
            Some(text) => xxh3_64_with_seed(text.as_bytes(), name),
            None => xxh3_64_with_seed(value.canonical().as_bytes(), !name),
        })
    });
    xxh3_64_with_seed(&attributes.to_le_bytes(), payload)
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;
    use model::approval::{Approval, ApprovalDecision, ApprovalState, Disclosure};
    use model::{AttributeName, Data, Event, KanaalName, Partition, Position, Timestamp, Value, event::PublishedAs};
    use storage::log::Stored;

    use super::*;
    use crate::machine::tests::subscription;

    /// An event with this id and payload on kanaal `zaken`, appended as many seconds after the epoch as its position.
    pub fn item(position: u64, id: &str, data: &str) -> DecodedEvent {
        item_with(position, &[("id", id), ("source", "/s"), ("type", "nl.t")], data)
    }

    /// An event with these attributes.
    pub fn item_with(position: u64, attributes: &[(&str, &str)], data: &str) -> DecodedEvent {
        let attributes = attributes
            .iter()
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
            .collect();
        let data = Bytes::copy_from_slice(data.as_bytes());
        let event = Event::new(attributes, Some(Data::Json(data.clone()))).unwrap();
        let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: None };
        let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
        let appended = Timestamp::from_seconds(position as i64);
        let stored = Stored { position: Position(position), appended, record };
        DecodedEvent::new(StoredEvent::new(KanaalName::new("zaken").unwrap(), Partition(0), stored, accepted), 7)
    }

    #[test]
    fn a_subscription_gets_what_is_disclosed_to_it() {
        let event = Arc::new(item_with(0, &[("id", "a"), ("source", "/s"), ("type", "t"), ("subject", "geheim")], "1"));
        let open = subscription(1);
        assert!(Arc::ptr_eq(&event, &Arc::clone(&event).disclosed_to(&open)), "it is shared");
        let judgement = ApprovalDecision { by: "o".into(), at: Timestamp::default(), reason: None };
        let approval = Approval {
            kanaal: event.kanaal.clone(),
            state: ApprovalState::Approved(judgement),
            disclose: Some(Disclosure { attributes: Some(vec![]), data: false }),
        };
        let sent = Arc::clone(&event).disclosed_to(&Subscription { approvals: vec![approval], ..open });
        assert_eq!((sent.accepted.event.subject(), sent.accepted.event.data()), (None, None));
        assert_eq!((sent.position, sent.digest, &sent.record), (event.position, event.digest, &Record::default()));
    }

    #[test]
    fn digests_tell_events_apart_gw_09() {
        let one = item(0, "a", "1").digest;
        assert_eq!(one, item(5, "a", "1").digest);
        assert_eq!(one, item_with(1, &[("type", "nl.t"), ("id", "a"), ("source", "/s")], "1").digest);
        for other in [
            item(0, "b", "1"),
            item(0, "a", "2"),
            item_with(0, &[("id", "/s"), ("source", "a"), ("type", "nl.t")], "1"),
            item_with(0, &[("id", "a"), ("source", "/s"), ("type", "nl.t"), ("subject", "x")], "1"),
        ] {
            assert_ne!(one, other.digest);
        }
    }
}
