//! What it takes to parse an expression of five operators, and to hold it against an event.

use std::hint::black_box;

use cesql::{Attributes, Expression, Value};
use criterion::{Criterion, criterion_group, criterion_main};

/// Five operators, all of which have to be evaluated for the event below.
const FIVE: &str = "type LIKE 'nl.overheid.zaken.%' AND sequence > 10 AND subject = '721c9'";

/// Attributes in the order they came, looked for one by one, as an event keeps them.
struct Event(Vec<(&'static str, &'static str)>);

impl Attributes for Event {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| Value::from(*value))
    }
}

fn evaluating(c: &mut Criterion) {
    let event = Event(vec![
        ("id", "f3dce042-cd6e-4977-844d-05be8dce7cea"),
        ("source", "urn:nld:oin:00000001823288444000:systeem:BRP-component"),
        ("type", "nl.overheid.zaken.zaakstatus-gewijzigd"),
        ("time", "2021-12-10T17:31:00Z"),
        ("subject", "721c9"),
        ("sequence", "1234"),
        ("datacontenttype", "application/json"),
    ]);
    let lacking = Event(vec![("id", "1"), ("source", "/s"), ("type", "nl.overheid.zaken.zaak-geopend")]);
    c.bench_function("parse five operators", |b| b.iter(|| Expression::parse(black_box(FIVE))));
    let five = Expression::parse(FIVE).expect("an expression");
    assert!(five.matches(&event) && !five.matches(&lacking));
    c.bench_function("five operators, the event passes", |b| b.iter(|| five.matches(black_box(&event))));
    c.bench_function("five operators, an attribute is missing", |b| b.iter(|| five.matches(black_box(&lacking))));
}

criterion_group!(benches, evaluating);
criterion_main!(benches);
