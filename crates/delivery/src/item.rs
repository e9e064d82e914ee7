//! One event as delivery handles it: read and decoded once, shared by all its deliveries, with what is worked out of
//! it on demand (members for filters, bodies per format) kept beside it.

use std::sync::OnceLock;

use compact_str::CompactString;
use model::{KanaalName, Partition, Position, Timestamp, approval::Disclosure, event::AcceptedEvent, facts::Facts};
use storage::log::{Record, Stored};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::render::Rendered;

/// One event of a log.
#[derive(Debug)]
pub struct Item {
    /// The kanaal it is on.
    pub kanaal: KanaalName,
    /// Its partition.
    pub partition: Partition,
    /// Its place in the partition.
    pub position: Position,
    /// When it was appended.
    pub appended: Timestamp,
    /// The event.
    pub accepted: AcceptedEvent,
    /// The record it was read from.
    pub record: Record,
    /// Digest of source, id, all other attributes and payload.
    pub digest: u64,
    /// Digest of the key that order is kept by.
    pub key: u64,
    /// Bytes of memory that it costs, roughly.
    pub size: usize,
    members: OnceLock<Vec<(CompactString, CompactString)>>,
    pub(crate) rendered: Rendered,
}

impl Item {
    /// A record and the event that was read from it. `seed` makes digests unpredictable for publishers; it is the same
    /// for a whole process.
    pub fn new(kanaal: KanaalName, partition: Partition, stored: Stored, accepted: AcceptedEvent, seed: u64) -> Self {
        let Stored { position, appended, record } = stored;
        let payload = record.value.as_ref().map_or(0, bytes::Bytes::len);
        let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
        Self {
            digest: digest(&accepted, &record, seed),
            key: xxh3_64_with_seed(accepted.event.key().as_bytes(), seed),
            size: payload + headers + 512,
            kanaal,
            partition,
            position,
            appended,
            accepted,
            record,
            members: OnceLock::new(),
            rendered: Rendered::default(),
        }
    }

    /// The same event with what the owner of its kanaal lets out, to be rendered and nothing else.
    pub(crate) fn reduced(&self, disclosure: &Disclosure) -> Self {
        let accepted = AcceptedEvent { event: disclosure.apply(&self.accepted.event), ..self.accepted.clone() };
        Self {
            kanaal: self.kanaal.clone(),
            partition: self.partition,
            position: self.position,
            appended: self.appended,
            accepted,
            record: Record::default(),
            digest: self.digest,
            key: self.key,
            size: self.size,
            members: OnceLock::new(),
            rendered: Rendered::default(),
        }
    }

    /// Members of the payload that filters compare.
    pub fn members(&self) -> &[(CompactString, CompactString)] {
        self.members.get_or_init(|| translator::facts::members(&self.accepted))
    }

    /// What a selection may ask; with `members` only when one needs them.
    pub fn facts(&self, needs_members: bool) -> Facts<'_> {
        Facts {
            kanaal: &self.kanaal,
            event: &self.accepted.event,
            born: self.accepted.born,
            members: if needs_members { self.members() } else { &[] },
        }
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
    use model::{AttributeName, Data, Event, Value, event::Born};

    use super::*;

    /// An event with this id and payload on kanaal `zaken`, appended as many seconds after the epoch as its position.
    pub fn item(position: u64, id: &str, data: &str) -> Item {
        item_with(position, &[("id", id), ("source", "/s"), ("type", "nl.t")], data)
    }

    /// An event with these attributes.
    pub fn item_with(position: u64, attributes: &[(&str, &str)], data: &str) -> Item {
        let attributes = attributes
            .iter()
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
            .collect();
        let data = Bytes::copy_from_slice(data.as_bytes());
        let event = Event::new(attributes, Some(Data::Json(data.clone()))).unwrap();
        let accepted = AcceptedEvent { event, born: Born::CloudEvent, received: None, publisher: None };
        let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
        let appended = Timestamp::from_seconds(position as i64);
        let stored = Stored { position: Position(position), appended, record };
        Item::new(KanaalName::new("zaken").unwrap(), Partition(0), stored, accepted, 7)
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
