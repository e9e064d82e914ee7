//! One event against ten thousand subscriptions: most can be looked up and 100 must be asked in CloudEvents SQL, all are in
//! that language and must be asked, all are in it and can be looked up, all have a prefix.

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use delivery::{DecodedEvent, Index};
use event_reader::StoredEvent;
use model::{
    AttributeName, Data, Event, KanaalName, Partition, Position, Timestamp, Value,
    event::{AcceptedEvent, PublishedAs},
    filter::Filter,
    selection::{NativeSelection, Selection},
};
use storage::log::{Record, Stored};

const SUBSCRIPTIONS: u32 = 10_000;

fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).expect("a name")
}

/// An event of subject 500.
fn item() -> DecodedEvent {
    let attributes = [
        ("id", "f3dce042-cd6e-4977-844d-05be8dce7cea"),
        ("source", "urn:nld:oin:00000001823288444000:systeem:BRP-component"),
        ("type", "nl.overheid.zaken.zaak-gemuteerd"),
        ("time", "2021-12-10T17:31:00Z"),
        ("subject", "500"),
        ("sequence", "1234"),
        ("datacontenttype", "application/json"),
    ]
    .map(|(name, value)| (attribute(name), Value::text(value).expect("a value")));
    let data = Bytes::from_static(b"{}");
    let event = Event::new(attributes.into(), Some(Data::Json(data.clone()))).expect("an event");
    let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: None };
    let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
    let kanaal = KanaalName::new("zaken").expect("a name");
    let stored = Stored { position: Position(0), appended: Timestamp::default(), record };
    DecodedEvent::new(StoredEvent::new(kanaal, Partition(0), stored, accepted), 0)
}

/// Can be looked up: one attribute has one value.
fn exact(number: u32) -> Filter {
    Filter::Exact(vec![(attribute("subject"), number.to_string().into())])
}

/// Must be asked: five operators, and the last decides.
fn asked(number: u32) -> Filter {
    let sql = format!("type LIKE 'nl.overheid.zaken.%' AND sequence > 10 AND subject LIKE '%{number:05}'");
    Filter::sql(&sql).expect("an expression")
}

/// Can be looked up: five operators, and one of them says that an attribute has one value.
fn equal(number: u32) -> Filter {
    let sql = format!("type LIKE 'nl.overheid.zaken.%' AND sequence > 10 AND subject = '{number}'");
    Filter::sql(&sql).expect("an expression")
}

/// Can be looked up: one attribute has one prefix.
fn prefix(number: u32) -> Filter {
    Filter::Prefix(vec![(attribute("subject"), format!("{number:03}").into())])
}

fn index(filter: impl Fn(u32) -> Filter) -> Index<u32> {
    let mut index = Index::default();
    for number in 0..SUBSCRIPTIONS {
        let (kanalen, filters) = (vec![KanaalName::new("zaken").expect("a name")], vec![filter(number)]);
        index.insert(number, &Selection::Native(NativeSelection { kanalen, filters, ..NativeSelection::default() }));
    }
    index
}

fn matching(criterion: &mut Criterion) {
    let (item, mut found) = (item(), vec![]);
    for (name, index, wanted) in [
        ("10,000 subscriptions, 100 in SQL", index(|n| if n < 9_900 { exact(n) } else { asked(n) }), 1),
        ("10,000 subscriptions in SQL, all asked", index(asked), 0),
        ("10,000 subscriptions in SQL, looked up", index(equal), 1),
        ("10,000 subscriptions with a prefix", index(prefix), 1),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                index.matching(&item, &mut found);
                assert_eq!(found.len(), wanted);
            });
        });
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
