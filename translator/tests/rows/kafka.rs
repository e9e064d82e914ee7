//! The record of the log: the CloudEvents Kafka binding and what we add to it (CE-KAFKA).

use bytes::Bytes;
use model::{
    Data, Event, Timestamp, Value,
    event::{AcceptedEvent, PublishedAs},
};
use translator::{
    Limits, Strictness,
    cloudevents::batch,
    record::{self, RecordParts, Unreadable},
};

use crate::support::{accepted, event, header, read, read_binary, text, through_log, with, write};

fn encode(event: Event) -> RecordParts {
    record::encode(&accepted(event))
}

/// A record of another producer.
fn foreign(headers: &[(&str, &str)], value: Option<&str>) -> Result<AcceptedEvent, Unreadable> {
    let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    let headers: Vec<_> = headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect();
    record::decode(&headers, value.map(bytes).as_ref())
}

const REQUIRED: [(&str, &str); 4] =
    [("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/s"), ("ce_type", "nl.t.x")];

fn and<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    REQUIRED.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn one_record_per_event_ce_kafka_01_02() {
    let body = format!("[{},{},{}]", with("\"id\":\"1\""), with("\"id\":\"2\""), with("\"id\":\"3\""));
    let events = batch::decode(&body.into(), Strictness::Lenient, &Limits::default()).unwrap();
    let records: Vec<_> = events.into_iter().map(encode).collect();
    assert_eq!(
        records.iter().map(|parts| header(parts, "ce_id")).collect::<Vec<_>>(),
        [Some("1"), Some("2"), Some("3")]
    );
    assert!(records.iter().all(|parts| header(parts, "content-type").is_none()));
}

#[test]
fn the_value_is_the_data_ce_kafka_03_09_25() {
    let value = |members: &str| encode(read(&with(members)).unwrap()).value;
    assert_eq!(value("\"data\": {\"b\":1.10,\"a\":1e400} "), Some("{\"b\":1.10,\"a\":1e400}".into()));
    assert_eq!(value("\"data_base64\":\"AP8=\""), Some(Bytes::from_static(&[0, 0xFF])));
    assert_eq!(value(""), None);
    assert_eq!(value("\"datacontenttype\":\"text/plain\",\"data\":\"\""), Some(Bytes::new()));
    assert_eq!(
        through_log(&event("\"datacontenttype\":\"text/plain\",\"data\":\"\"")).data(),
        Some(&Data::Text(Bytes::new()))
    );
}

#[test]
fn content_type_is_datacontenttype_ce_kafka_04() {
    let typed = encode(event("\"datacontenttype\":\"application/json; charset=utf-8\",\"data\":1"));
    assert_eq!(header(&typed, "content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(header(&encode(event("")), "content-type"), None);
    let read = foreign(&and(&[("content-type", "text/xml; charset=utf-8")]), Some("<a/>")).unwrap().event;
    assert_eq!(read.datacontenttype(), Some("text/xml; charset=utf-8"));
}

#[test]
fn attributes_are_headers_ce_kafka_05_06_07_08() {
    let parts = encode(event(concat!(
        "\"subject\":\"Euro € 😀\",\"time\":\"2018-04-05T17:31:00Z\",\"dataschema\":\"urn:x:y\",\"a\":\"1\",\"b\":true,",
        "\"n\":5,\"c\":\"\",\"d\":\"100%\",\"datacontenttype\":\"application/json\",\"data\":1"
    )));
    let names: Vec<_> = parts.headers.iter().map(|(name, _)| std::str::from_utf8(name).unwrap()).collect();
    let attributes: Vec<_> = names.iter().filter(|name| name.starts_with("ce_")).collect();
    assert_eq!(attributes.len(), 12);
    assert!(names.iter().all(|name| !name.starts_with("ce-")) && !names.contains(&"ce_datacontenttype"));
    for (name, value) in [
        ("ce_subject", "Euro € 😀"),
        ("ce_b", "true"),
        ("ce_n", "5"),
        ("ce_c", ""),
        ("ce_d", "100%"),
        ("ce_specversion", "1.0"),
    ] {
        assert_eq!(header(&parts, name), Some(value));
    }
}

#[test]
fn structured_records_ce_kafka_11_12_13_14_15() {
    for content_type in ["Application/CloudEvents+JSON", "application/cloudevents+json; charset=UTF-8"] {
        let copies = and(&[("content-type", content_type), ("ce_id", "other")]);
        let read = foreign(&copies, Some(&with("\"n\":5,\"data\":{\"a\":1.10}"))).unwrap();
        assert_eq!(write(&read.event), with("\"n\":5,\"data\":{\"a\":1.10}"));
        assert_eq!((read.published_as, read.received, read.publisher), (PublishedAs::CloudEvent, None, None));
    }
    let payload = event("\"datacontenttype\":\"application/cloudevents+json\",\"data\":{\"inner\":1}");
    let parts = encode(payload.clone());
    assert_eq!(header(&parts, "content-type"), Some("application/cloudevents+json"));
    assert_eq!(parts.value.as_deref(), Some(write(&payload).as_bytes()));
    assert_eq!(through_log(&payload), payload);
    let empty = event("\"datacontenttype\":\"application/cloudevents+avro\"");
    assert!(encode(empty.clone()).value.is_some());
    assert_eq!(through_log(&empty), empty);
    assert_eq!(foreign(&[("content-type", "application/cloudevents+json")], None), Err(Unreadable::NotAnEvent));
    for unknown in ["application/cloudevents-batch+json", "application/cloudevents+avro"] {
        let read = foreign(&and(&[("content-type", unknown)]), Some("[]"));
        assert!(matches!(read, Err(Unreadable::Format(_))), "{unknown}: {read:?}");
    }
}

#[test]
fn foreign_records_ce_kafka_15_16_17() {
    let read = foreign(&and(&[("ce_myext", "é %41"), ("other", "x")]), None).unwrap();
    assert_eq!((text(&read.event, "myext"), read.event.data()), (Some("é %41"), None));
    assert_eq!(read.event.attributes().len(), 4);
    for (content_type, value, expected) in [
        ("application/json", "{\"a\":1}", Data::Json("{\"a\":1}".into())),
        ("application/json", "{broken", Data::Binary("{broken".into())),
        ("text/plain", "x", Data::Text("x".into())),
        ("image/png", "x", Data::Binary("x".into())),
    ] {
        let read = foreign(&and(&[("content-type", content_type)]), Some(value)).unwrap().event;
        assert_eq!(read.data(), Some(&expected), "{content_type} {value}");
        write(&read);
    }
    let untyped = foreign(&REQUIRED, Some("{}")).unwrap().event;
    assert_eq!(untyped.data(), Some(&Data::Binary("{}".into())));

    assert_eq!(foreign(&[], Some("{}")), Err(Unreadable::NotAnEvent));
    assert_eq!(foreign(&[("x", "y")], None), Err(Unreadable::NotAnEvent));
    let rule = |headers: &[(&str, &str)]| match foreign(headers, None) {
        Err(Unreadable::Invalid(rejection)) => (rejection.place_text(), rejection.rule()),
        other => panic!("{headers:?}: {other:?}"),
    };
    assert_eq!(rule(&REQUIRED[1..]), ("header ce_specversion".into(), "required"));
    assert_eq!(rule(&[("ce_specversion", "0.3"), ("ce_id", "1")]).1, "unsupported-specversion");
    assert_eq!(rule(&REQUIRED[..3]), ("header ce_type".into(), "required"));
    assert_eq!(rule(&and(&[("ce_My", "x")])).1, "attribute-name");
    assert_eq!(rule(&and(&[("ce_id", "x")])).1, "duplicate");
    assert_eq!(rule(&and(&[("ce_x", "a\nb")])).1, "attribute-value");
    assert_eq!(rule(&and(&[("content-type", "json")])), ("header ce_datacontenttype".into(), "not-a-media-type"));
}

#[test]
fn a_stranger_cannot_make_a_notificatie() {
    let marked = and(&[("gw_born", "notificatie"), ("gw_received", "1"), ("gw_publisher", "x"), ("gw_types", "a:i")]);
    let read = foreign(&marked, None).unwrap();
    assert_eq!((read.published_as, read.received, read.publisher), (PublishedAs::CloudEvent, None, None));
    // Nor can an HTTP client: only ce- headers become attributes, and they cannot hold a `gw_` name.
    let event = read_binary(&[("gw_born", b"notificatie"), ("gw-born", b"notificatie")], b"").unwrap();
    assert_eq!(header(&encode(event), "gw_born"), None);
}

#[test]
fn keys_ce_kafka_18_19_20_21() {
    let key = |members: &str| encode(read(&with(members)).unwrap()).key;
    assert_eq!(key("\"partitionkey\":\"zaak-1\",\"subject\":\"s\""), "zaak-1");
    assert_eq!(key("\"subject\":\"s\",\"hoofdobject\":\"h\""), "h");
    assert_eq!(key("\"subject\":\"s\""), "s");
    assert_eq!(key(""), "/s");
    let kept = through_log(&event("\"partitionkey\":\"zaak-1\",\"subject\":\"s\""));
    assert_eq!((text(&kept, "partitionkey"), kept.attributes().len()), (Some("zaak-1"), 5));
}

#[test]
fn json_is_utf_8_ce_kafka_23() {
    let latin: [(&str, &[u8]); 1] = [("content-type", b"application/json; charset=iso-8859-1")];
    assert_eq!(read_binary(&latin, b"\"\xE9\"").unwrap_err().rule(), "charset");
    assert_eq!(read_binary(&latin, b"\"e\"").unwrap_err().rule(), "charset");
}

#[test]
fn types_survive_ce_kafka_24() {
    let typed = event("\"n\":5,\"nn\":-2147483648,\"b\":false,\"s\":\"5\",\"t\":\"true\"");
    let parts = encode(typed.clone());
    assert_eq!(header(&parts, "gw_types"), Some("n:i,nn:i,b:b"));
    assert_eq!(through_log(&typed), typed);
    assert_eq!(through_log(&typed).attribute("nn"), Some(&Value::Integer(i32::MIN)));
}

#[test]
fn everything_known_of_the_arrival_survives() {
    for accepted in [
        AcceptedEvent {
            event: event("\"data\":1"),
            published_as: PublishedAs::Notificatie,
            received: Some(Timestamp::from_micros(1_700_000_000_123_456)),
            publisher: Some("open-zaak é".into()),
        },
        AcceptedEvent { event: event(""), published_as: PublishedAs::CloudEvent, received: None, publisher: None },
        AcceptedEvent {
            event: event(""),
            published_as: PublishedAs::CloudEvent,
            received: Some(Timestamp::from_micros(-1)),
            publisher: None,
        },
    ] {
        let parts = record::encode(&accepted);
        assert_eq!(record::decode(&parts.headers, parts.value.as_ref()), Ok(accepted));
    }
}

#[test]
fn versions_and_broken_hints() {
    let read = |more: &[(&str, &str)]| foreign(&and(more), Some("1")).map(drop);
    assert_eq!(read(&[("gw_v", "event/1")]), Ok(()));
    assert_eq!(read(&[("gw_v", "event/2")]), Err(Unreadable::NewerVersion { found: 2, known: 1 }));
    for bad in ["event/0", "event/", "event/x", "other/1", "1", ""] {
        assert_eq!(read(&[("gw_v", bad)]), Err(Unreadable::Malformed("gw_v")), "{bad}");
    }
    for (name, value) in [("gw_received", "x"), ("gw_data", "x"), ("gw_types", "a:i"), ("gw_types", "a:x")] {
        let error = read(&[("gw_v", "event/1"), ("ce_a", "b"), (name, value)]).unwrap_err();
        assert_eq!(error.to_string(), format!("the header {name} of the record is malformed"), "{value}");
    }
}
