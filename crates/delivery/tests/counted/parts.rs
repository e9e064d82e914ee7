//! What is counted: the functions that one event passes, each part repeated. Nothing is counted here.

use std::hint::black_box;

use bytes::Bytes;
use delivery::{DecodedEvent, Index};
use event_reader::StoredEvent;
use model::event::{AcceptedEvent, PublishedAs};
use model::filter::Filter;
use model::profile::{Profile, check};
use model::selection::{NativeSelection, Selection};
use model::{AttributeName, Event, KanaalName, Partition, Position, Timestamp};
use storage::log::{Record, Stored};
use translator::cloudevents::{binary, structured};
use translator::{Limits, Strictness, notificatie, record};

use crate::created::Created;

/// How often a part is repeated.
pub const TIMES: u32 = 200;
/// Subscriptions that an event is matched with; every tenth has an expression in SQL.
const SUBSCRIPTIONS: u32 = 1_000;

/// The parts, in the order of [`run`].
pub const NAMES: [&str; 6] = [
    "structured CloudEvent of 880 bytes: read, checked against the profile, made a record",
    "the same in binary mode",
    "notificatie of 440 bytes: read",
    "record: read back",
    "matched with 1,000 subscriptions, 100 of them in SQL",
    "rendered for a delivery in structured mode",
];

/// How many subscriptions there are, all at one sink, when more are created: the parts behind those of [`NAMES`].
pub const BESIDE: [u32; 2] = [500, 8_000];

/// What callgrind counts, by its name.
#[inline(never)]
fn counted_part(work: &mut dyn FnMut()) {
    for _ in 0..TIMES {
        work();
    }
}

/// Runs every part once to warm up, which is not counted, and then counted.
pub fn run() {
    let limits = Limits::default();
    let (body, posted) = (body(), notification());
    let event = structured::decode(&body, Strictness::Lenient, &limits).expect("an event");
    let message = binary::encode(&event).expect("an event with JSON data");
    let mut headers: Vec<(&str, &[u8])> =
        message.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    headers.push(("content-type", message.content_type.as_bytes()));
    let stored = record::encode(&accepted(event.clone()));
    let (item, index, mut found) = (decoded(event.clone()), index(), Vec::new());
    let mut parts: [Box<dyn FnMut() + '_>; NAMES.len()] = [
        Box::new(|| {
            let event = structured::decode(black_box(&body), Strictness::Lenient, &limits).expect("an event");
            black_box(check(&event, Profile::NlGov));
            black_box(record::encode(&accepted(event)));
        }),
        Box::new(|| {
            let headers = black_box(&headers).iter().copied();
            let body = message.body.clone();
            let event = binary::decode(headers, body, Strictness::Lenient, &limits).expect("an event");
            black_box(check(&event, Profile::NlGov));
            black_box(record::encode(&accepted(event)));
        }),
        Box::new(|| {
            black_box(notificatie::decode(black_box(&posted), &limits).expect("a notificatie"));
        }),
        Box::new(|| {
            let read = record::decode(black_box(&stored.headers), stored.value.as_ref());
            black_box(read.expect("an event"));
        }),
        Box::new(|| {
            index.matching(black_box(&item), &mut found);
            assert_eq!(found.len(), 1);
        }),
        Box::new(|| {
            black_box(structured::encode(black_box(&event)));
        }),
    ];
    for part in &mut parts {
        part();
        counted_part(part.as_mut());
    }
    for count in BESIDE {
        let mut created = Created::beside(count);
        counted_part(&mut || created.create());
    }
}

fn body() -> Bytes {
    let data = format!("{{\"zaak\":\"{}\",\"bedrag\":1.10}}", "x".repeat(480));
    let attributes = "\"specversion\":\"1.0\",\"id\":\"f3dce042-cd6e-4977-844d-05be8dce7cea\",\
         \"source\":\"urn:nld:oin:00000001823288444000:systeem:BRP-component\",\
         \"type\":\"nl.overheid.zaken.zaakstatus-gewijzigd\",\"time\":\"2021-12-10T17:31:00Z\",\"subject\":\"500\",\
         \"dataref\":\"https://gemeentex.nl/api/persoon/721c9\",\"sequence\":\"1234\",\"sequencetype\":\"Integer\",\
         \"datacontenttype\":\"application/json\"";
    format!("{{{attributes},\"data\":{data}}}").into()
}

fn notification() -> Bytes {
    let body = "{\"kanaal\":\"zaken\",\"hoofdObject\":\"https://zaken.nl/api/v1/zaken/d7a22\",\"resource\":\"status\",\
         \"resourceUrl\":\"https://zaken.nl/api/v1/statussen/721c9\",\"actie\":\"create\",\
         \"aanmaakdatum\":\"2025-01-01T12:00:00.123456Z\",\"kenmerken\":{\"bronorganisatie\":\"082096752011\",\
         \"zaaktype\":\"https://zaken.nl/ztc/5aa5c\",\"vertrouwelijkheidaanduiding\":\"openbaar\"}}";
    Bytes::from_static(body.as_bytes())
}

fn accepted(event: Event) -> AcceptedEvent {
    AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: Some("open-zaak".into()) }
}

fn zaken() -> KanaalName {
    KanaalName::new("zaken").expect("a name")
}

fn decoded(event: Event) -> DecodedEvent {
    let record = Record { key: Bytes::new(), headers: vec![], value: None };
    let stored = Stored { position: Position(0), appended: Timestamp::default(), record };
    DecodedEvent::new(StoredEvent::new(zaken(), Partition(0), stored, accepted(event)), 0)
}

/// Subscriptions of which the event passes one: its subject is 500.
fn index() -> Index<u32> {
    let mut index = Index::default();
    for number in 0..SUBSCRIPTIONS {
        let filter = if number % 10 == 1 {
            let sql = format!("type LIKE 'nl.overheid.zaken.%' AND sequence > 10 AND subject LIKE '%{number:05}'");
            Filter::sql(&sql).expect("an expression")
        } else {
            let subject = AttributeName::new("subject").expect("a name");
            Filter::Exact(vec![(subject, number.to_string().into())])
        };
        let (kanalen, filters) = (vec![zaken()], vec![filter]);
        index.insert(number, &Selection::Native(NativeSelection { kanalen, filters, ..NativeSelection::default() }));
    }
    index
}
