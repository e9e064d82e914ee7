//! What worlds are made of: subscriptions and events, drawn at random.

use std::{num::NonZeroU32, time::Duration};

use bytes::Bytes;
use delivery::DecodedEvent;
use event_reader::StoredEvent;
use model::{
    AttributeName, Data, Event, KanaalName, Position, Random, Sink, Subscription, SubscriptionId, Timestamp, Value,
    clock::SeededRandom,
    consent::{Consent, Rate},
    event::{AcceptedEvent, PublishedAs},
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy, Thousandths},
};
use storage::log::{Record, Stored};

use super::{
    oracle::PartitionName,
    sinks::{below, chance},
};

/// How many sinks there are.
pub const SINKS: u64 = 3;
const KANALEN: [&str; 2] = ["zaken", "besluiten"];
/// The values of `type`.
pub const TYPES: [&str; 3] = ["nl.a", "nl.b", "nl.c"];

/// Whether a subscription must get an event.
pub fn wants(subscription: &Subscription, item: &DecodedEvent) -> bool {
    let start =
        subscription.start.iter().find(|(kanaal, partition, _)| (kanaal, *partition) == (&item.kanaal, item.partition));
    start.is_none_or(|(.., mark)| item.position.mark() >= *mark) && subscription.selection.matches(&item.facts(false))
}

/// A subscription that starts at the beginning.
pub fn any_subscription(
    random: &SeededRandom,
    now: Timestamp,
    sink: Sink,
    consent: Consent,
    kanalen: Vec<KanaalName>,
    types: Vec<String>,
) -> Subscription {
    let id = SubscriptionId(random.uuid());
    Subscription {
        format: any_format(random),
        order: if chance(random, 40) { Order::Key } else { Order::None },
        retry: RetryPolicy {
            jitter: Thousandths(below(random, 1_000) as u32),
            ladder_only: chance(random, 20),
            ..RetryPolicy::default()
        },
        consent,
        ..Subscription::new(
            id,
            "o".into(),
            Selection::Native(NativeSelection { kanalen, types, ..NativeSelection::default() }),
            sink,
            Sealed { key_id: "k".into(), ciphertext: vec![] },
            now,
        )
    }
}

/// The name of a kanaal.
pub fn name(number: usize) -> KanaalName {
    KanaalName::new(KANALEN[number]).expect("a name")
}

/// The URL of a sink.
pub fn url(number: u64) -> String {
    format!("https://sink-{number}.example/")
}

/// What a sink grants.
pub fn any_consent(random: &SeededRandom) -> Consent {
    let rate = if chance(random, 25) {
        Rate::PerMinute(NonZeroU32::new(20 + below(random, 200) as u32).expect("not zero"))
    } else {
        Rate::Unlimited
    };
    Consent::Granted { origin: "o".into(), rate, at: Timestamp::default() }
}

/// A format.
pub fn any_format(random: &SeededRandom) -> Format {
    match below(random, 4) {
        0 => Format::Binary,
        1 => {
            let max_events = NonZeroU32::new(1 + below(random, 5) as u32).expect("not zero");
            Format::Batch { max_events, linger: Duration::from_millis(below(random, 50)) }
        }
        _ => Format::Structured(Rendering::Canonical),
    }
}

/// An event.
pub fn item(
    place: &PartitionName,
    position: u64,
    appended: Timestamp,
    id: &str,
    kind: &str,
    key: &str,
) -> DecodedEvent {
    let attributes = [("id", id), ("source", "/s"), ("type", kind), ("partitionkey", key)]
        .map(|(name, value)| (AttributeName::new(name).expect("a name"), Value::text(value).expect("a value")));
    let data = Bytes::from_static(b"{}");
    let event = Event::new(attributes.into(), Some(Data::Json(data.clone()))).expect("an event");
    let accepted =
        AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: Some(appended), publisher: None };
    let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
    let stored = Stored { position: Position(position), appended, record };
    DecodedEvent::new(StoredEvent::new(place.0.clone(), place.1, stored, accepted), 1)
}
