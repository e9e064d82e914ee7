//! One record of a log and the event in it.

use std::sync::OnceLock;

use compact_str::CompactString;
use model::{
    KanaalName, Partition, Position, Timestamp, approval::Disclosure, event::AcceptedEvent, facts::Facts,
    selection::Selection,
};
use storage::{
    Error, EventLog,
    log::{Limit, Record, Stored},
};
use translator::record::Unreadable;

use crate::disclose;

/// An event at its place in a log, decoded.
#[derive(Debug)]
pub struct StoredEvent {
    /// The kanaal it is on.
    pub kanaal: KanaalName,
    /// The partition it is in.
    pub partition: Partition,
    /// Its position in the partition.
    pub position: Position,
    /// When it was appended.
    pub appended: Timestamp,
    /// The event, with the circumstances of its receipt.
    pub accepted: AcceptedEvent,
    /// The record it was read from; empty when parts of the event were left out.
    pub record: Record,
    /// Members of the payload, read when a filter first asks for one.
    members: OnceLock<Vec<(CompactString, CompactString)>>,
}

/// A record that holds no event which this program can read.
#[derive(Debug)]
pub struct DecodeError {
    /// The record, as the log returned it.
    pub stored: Stored,
    /// Why it cannot be decoded.
    pub reason: Unreadable,
}

impl StoredEvent {
    /// The event in a record.
    ///
    /// # Errors
    /// The record, when it holds no event: another program wrote it, or a newer version of this one.
    pub fn decode(kanaal: KanaalName, partition: Partition, stored: Stored) -> Result<Self, Box<DecodeError>> {
        match translator::record::decode(&stored.record.headers, stored.record.value.as_ref()) {
            Ok(accepted) => Ok(Self::new(kanaal, partition, stored, accepted)),
            Err(reason) => Err(Box::new(DecodeError { stored, reason })),
        }
    }

    /// A record and the event that was decoded from it.
    pub fn new(kanaal: KanaalName, partition: Partition, stored: Stored, accepted: AcceptedEvent) -> Self {
        let Stored { position, appended, record } = stored;
        Self { kanaal, partition, position, appended, accepted, record, members: OnceLock::new() }
    }

    /// Members of the payload that filters compare; the payload is read at the first call.
    pub fn members(&self) -> &[(CompactString, CompactString)] {
        self.members.get_or_init(|| translator::facts::members(&self.accepted))
    }

    /// The values that a selection compares. `needs_members` is `Selection::needs_members`; without it the payload is not
    /// parsed.
    pub fn facts(&self, needs_members: bool) -> Facts<'_> {
        facts(&self.kanaal, &self.accepted, if needs_members { self.members() } else { &[] })
    }

    /// Whether a selection wants it.
    pub fn is_wanted_by(&self, selection: &Selection) -> bool {
        selection.covers(&self.kanaal) && selection.matches(&self.facts(true))
    }

    /// A copy without what is not disclosed, to show or send. It has an empty record, because a record holds the whole
    /// event.
    #[must_use]
    pub fn disclose(&self, disclosure: &Disclosure) -> Self {
        Self {
            kanaal: self.kanaal.clone(),
            partition: self.partition,
            position: self.position,
            appended: self.appended,
            accepted: disclose(&self.accepted, disclosure),
            record: Record::default(),
            members: OnceLock::new(),
        }
    }
}

/// The values that a selection compares, of an event that may not be stored yet. `members` comes from
/// `translator::facts::members`.
pub fn facts<'a>(
    kanaal: &'a KanaalName,
    accepted: &'a AcceptedEvent,
    members: &'a [(CompactString, CompactString)],
) -> Facts<'a> {
    Facts { kanaal, event: &accepted.event, published_as: accepted.published_as, members }
}

/// Reads the event at one position; `None` when retention removed it, or when the record holds no event that this program
/// can read, which is logged.
pub async fn read_one(
    log: &dyn EventLog,
    kanaal: &KanaalName,
    partition: Partition,
    position: Position,
) -> Result<Option<StoredEvent>, Error> {
    let limit = Limit { records: 1, bytes: 1 };
    let batch = log.read(kanaal, partition, position.mark(), limit).await?;
    let Some(stored) = batch.records.into_iter().find(|stored| stored.position == position) else { return Ok(None) };
    let decoded = StoredEvent::decode(kanaal.clone(), partition, stored);
    Ok(decoded.inspect_err(|error| tracing::warn!(error = %error.reason, "a stored event cannot be read")).ok())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use model::{
        AttributeName, Data, Event, Value,
        event::PublishedAs,
        selection::{NativeSelection, Selection},
    };

    use super::*;

    fn stored(value: Option<Bytes>, headers: Vec<(Bytes, Bytes)>) -> Stored {
        let record = Record { key: Bytes::new(), headers, value };
        Stored { position: Position(3), appended: Timestamp::from_seconds(1), record }
    }

    fn event() -> AcceptedEvent {
        let attributes = [("id", "1"), ("source", "/s"), ("type", "t"), ("subject", "geheim"), ("zaaktype", "z")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        let data = Data::Json(Bytes::from_static(br#"{"a":"1"}"#));
        let event = Event::new(attributes.into(), Some(data)).unwrap();
        AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: None }
    }

    fn zaken() -> KanaalName {
        KanaalName::new("zaken").unwrap()
    }

    #[test]
    fn a_record_is_decoded_or_given_back() {
        let parts = translator::record::encode(&event());
        let read = StoredEvent::decode(zaken(), Partition(0), stored(parts.value, parts.headers)).unwrap();
        assert_eq!((read.accepted.event.id(), read.position), ("1", Position(3)));
        assert_eq!(read.members(), [("a".into(), "1".into())]);
        let foreign = stored(Some(Bytes::from_static(b"x")), vec![]);
        let error = StoredEvent::decode(zaken(), Partition(0), foreign.clone()).unwrap_err();
        assert_eq!(error.stored, foreign);
    }

    #[test]
    fn what_is_not_disclosed_is_left_out() {
        let event = StoredEvent::new(zaken(), Partition(0), stored(None, vec![]), event());
        let disclosure = Disclosure { attributes: Some(vec![AttributeName::new("zaaktype").unwrap()]), data: false };
        let shown = event.disclose(&disclosure).accepted.event;
        let names: Vec<&str> = shown.attributes().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, shown.data()), (vec!["id", "source", "type", "zaaktype"], None));
    }

    #[test]
    fn a_selection_is_asked_about_its_kanalen_only() {
        let event = StoredEvent::new(zaken(), Partition(0), stored(None, vec![]), event());
        let of = |naam: &str| {
            let kanalen = vec![KanaalName::new(naam).unwrap()];
            Selection::Native(NativeSelection { kanalen, ..NativeSelection::default() })
        };
        assert!(event.is_wanted_by(&of("zaken")) && !event.is_wanted_by(&of("besluiten")));
    }
}
