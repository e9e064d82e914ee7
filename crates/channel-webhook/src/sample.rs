//! A subscription and events for tests.

use bytes::Bytes;
use delivery::DecodedEvent;
use event_reader::StoredEvent;
use model::{
    AttributeName, Data, Event, Partition, Position, Subscription, Timestamp, Value,
    event::{AcceptedEvent, PublishedAs},
};
use storage::{
    log::{Record, Stored},
    suite::sample,
};

/// A subscription to everything.
pub fn subscription() -> Subscription {
    sample::subscription(1, &[])
}

/// An event on kanaal `zaken` with these attributes.
pub fn event(position: u64, attributes: &[(&str, &str)], data: &str) -> DecodedEvent {
    let attributes = attributes
        .iter()
        .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
        .collect();
    let data = Bytes::copy_from_slice(data.as_bytes());
    let event = Event::new(attributes, Some(Data::Json(data.clone()))).unwrap();
    let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: None };
    let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
    let stored = Stored { position: Position(position), appended: Timestamp::default(), record };
    DecodedEvent::new(StoredEvent::new(sample::name("zaken"), Partition(0), stored, accepted), 7)
}
