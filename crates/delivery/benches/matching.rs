//! One event against ten thousand subscriptions: 9,900 that can be looked up and 100 that must be asked.

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use delivery::{Index, Item};
use model::{
    AttributeName, Data, Event, KanaalName, Partition, Position, Timestamp, Value,
    event::{AcceptedEvent, Born},
    filter::Filter,
    selection::{NativeSelection, Selection},
};
use storage::log::{Record, Stored};

fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).expect("a name")
}

fn item() -> Item {
    let attributes = [("id", "1"), ("source", "/s"), ("type", "nl.overheid.zaken.zaak-gemuteerd"), ("subject", "500")]
        .map(|(name, value)| (attribute(name), Value::text(value).expect("a value")));
    let data = Bytes::from_static(b"{}");
    let event = Event::new(attributes.into(), Some(Data::Json(data.clone()))).expect("an event");
    let accepted = AcceptedEvent { event, born: Born::CloudEvent, received: None, publisher: None };
    let record = Record { key: Bytes::new(), headers: vec![], value: Some(data) };
    let kanaal = KanaalName::new("zaken").expect("a name");
    let stored = Stored { position: Position(0), appended: Timestamp::default(), record };
    Item::new(kanaal, Partition(0), stored, accepted, 0)
}

fn matching(criterion: &mut Criterion) {
    let mut index = Index::default();
    for number in 0..10_000_u32 {
        let filter = if number < 9_900 {
            Filter::Exact(vec![(attribute("subject"), number.to_string().into())])
        } else {
            Filter::Prefix(vec![(attribute("subject"), number.to_string().into())])
        };
        let kanalen = vec![KanaalName::new("zaken").expect("a name")];
        index.insert(
            number,
            &Selection::Native(NativeSelection { kanalen, filters: vec![filter], ..NativeSelection::default() }),
        );
    }
    let (item, mut found) = (item(), vec![]);
    criterion.bench_function("one event against 10,000 subscriptions", |bencher| {
        bencher.iter(|| {
            index.matching(&item, &mut found);
            assert_eq!(found.len(), 1);
        });
    });
}

criterion_group!(benches, matching);
criterion_main!(benches);
