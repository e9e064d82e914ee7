//! Events that are hard to transfer, and how the SDK reads them.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use model::{AttributeName, Data, Event, Value};
use serde_json::{Value as Json, json};

/// One event of the table.
pub struct Case {
    pub name: &'static str,
    pub event: Event,
    /// Whether the SDK can write it so that anybody can read it.
    pub sdk_writes: bool,
    /// What the SDK sees otherwise than it is, with the reason in the table.
    sees: fn(&mut EventFields),
}

/// An event as a reader without types has it: names and text of attributes, and the payload.
#[derive(Debug, PartialEq, Eq)]
pub struct EventFields {
    pub attributes: BTreeMap<String, String>,
    pub data: Option<Bytes>,
}

impl EventFields {
    /// The fields of an event of ours.
    pub fn of(event: &Event) -> Self {
        let attribute = |(name, value): &(AttributeName, Value)| (name.to_string(), value.canonical().to_string());
        Self {
            attributes: event.attributes().iter().map(attribute).collect(),
            data: event.data().map(|data| data.bytes().clone()),
        }
    }

    /// Parses a line that the program with the SDK printed.
    pub fn by_sdk(line: &str) -> Self {
        let line: Json = serde_json::from_str(line).expect("JSON");
        let attributes = line["attributes"].as_object().expect("an object").iter();
        let text = |value: &Json| value.as_str().expect("text").to_owned();
        Self {
            attributes: attributes.map(|(name, value)| (name.clone(), text(value))).collect(),
            data: line["data"].as_str().map(|data| STANDARD.decode(data).expect("base64").into()),
        }
    }
}

/// The attributes that are not text.
pub fn types(event: &Event) -> Vec<(&AttributeName, &Value)> {
    let typed = event.attributes().iter().filter(|(_, value)| value.as_text().is_none());
    let mut typed: Vec<_> = typed.map(|(name, value)| (name, value)).collect();
    typed.sort_by_key(|(name, _)| name.as_str());
    typed
}

impl Case {
    /// What the SDK is to see in our record of it.
    pub fn expected_from_sdk(&self) -> EventFields {
        let mut seen = EventFields::of(&self.event);
        (self.sees)(&mut seen);
        seen
    }

    /// The event for the SDK to write.
    pub fn line(&self) -> Json {
        let typed = |value: &Value| match value {
            Value::Boolean(value) => json!(value),
            Value::Integer(value) => json!(value),
            Value::Text(value) => json!(value.as_str()),
        };
        let attribute = |(name, value): &(AttributeName, Value)| (name.to_string(), typed(value));
        let attributes: serde_json::Map<_, _> = self.event.attributes().iter().map(attribute).collect();
        json!({"attributes": attributes, "data": self.event.data().map(|data| STANDARD.encode(data.bytes()))})
    }
}

fn event(more: &[(&str, &str)], data: Option<Data>) -> Event {
    let mut attributes =
        vec![("id", "1"), ("source", "urn:nld:oin:00000001823288444000:systeem:x"), ("type", "nl.x.y")];
    attributes.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    attributes.extend(more);
    let pair = |(name, value): (&str, &str)| (self::name(name), Value::text(value).expect("a value"));
    Event::new(attributes.into_iter().map(pair).collect(), data).expect("an event")
}

fn name(text: &str) -> AttributeName {
    AttributeName::new(text).expect("a name")
}

fn typed(more: &[(&str, Value)]) -> Event {
    let mut attributes = event(&[], None).attributes().to_vec();
    attributes.extend(more.iter().map(|(name, value)| (self::name(name), value.clone())));
    Event::new(attributes, None).expect("an event")
}

fn as_it_is(_: &mut EventFields) {}

/// An empty payload is none to the SDK, in both directions.
fn empty_is_none(seen: &mut EventFields) {
    seen.data = None;
}

/// JSON without a datacontenttype has one in a binary record (CE-CTX-19).
fn implied_json(seen: &mut EventFields) {
    seen.attributes.insert("datacontenttype".into(), "application/json".into());
}

/// All events of the table.
pub fn cases() -> Vec<Case> {
    let json = |text: &'static str| Some(Data::Json(text.into()));
    let typed_json = [("datacontenttype", "application/json")];
    let every_byte: Bytes = (0..=255).collect();
    let case = |name, event| Case { name, event, sdk_writes: true, sees: as_it_is };
    vec![
        case("no data", event(&[], None)),
        case("unicode", event(&[("subject", "Euro \u{20ac} \u{1f600} 50% %41 \"x\", =")], None)),
        case("names of people", event(&[("subject", "\u{15e}\u{fc}kr\u{fc} \u{10c}\u{e1}p \u{5d0}\u{5d1}")], None)),
        case("JSON", event(&typed_json, json("{\"b\":1.10,\"a\":\"\u{20ac}\",\"c\":[null,true,{}]}"))),
        case("a large number", event(&typed_json, json("{\"n\":12345678901234567890.5}"))),
        case("JSON string", event(&typed_json, json("\"een\""))),
        case("JSON null", event(&typed_json, json("null"))),
        case("parameters", event(&[("datacontenttype", "application/json; charset=utf-8")], json("[1]"))),
        case("suffix", event(&[("datacontenttype", "application/zgw+json")], json("{\"a\":1}"))),
        case("bytes", event(&[("datacontenttype", "application/octet-stream")], Some(Data::Binary(every_byte)))),
        Case {
            sees: empty_is_none,
            sdk_writes: false,
            ..case("empty text", event(&[("datacontenttype", "text/plain")], Some(Data::Text(Bytes::new()))))
        },
        case(
            "text",
            event(&[("datacontenttype", "text/xml; charset=utf-8")], Some(Data::Text("<a>\u{e9}\n</a>".into()))),
        ),
        Case { sees: implied_json, ..case("JSON without type", event(&[], json("{\"a\":1}"))) },
        case("dataschema", event(&[("dataschema", "https://example.nl/schema?v=1#x")], None)),
        case("time with fraction", event(&[("time", "2024-02-29T23:59:59.123456789+02:00")], None)),
        case("time in UTC", event(&[("time", "2024-02-29T00:00:00Z")], None)),
        case("partitionkey", event(&[("partitionkey", "zaak-1"), ("sequence", "0000001")], None)),
        case("long", event(&[("id", &"x".repeat(4_000)), ("subject", &"\u{e9}".repeat(2_000))], None)),
        case(
            "types",
            typed(&[
                ("yes", Value::Boolean(true)),
                ("no", Value::Boolean(false)),
                ("most", Value::Integer(i32::MAX)),
                ("least", Value::Integer(i32::MIN)),
                ("text", Value::text("5").expect("a value")),
                ("uri", Value::text("https://example.nl/a?b=c#d").expect("a value")),
                ("moment", Value::text("2024-02-29T00:00:00.5Z").expect("a value")),
                ("bin", Value::text("AAEC/w==").expect("a value")),
            ]),
        ),
        // In binary mode its record is that of the inner event; we write it in structured mode for that reason.
        Case {
            sdk_writes: false,
            ..case(
                "an event in an event",
                event(
                    &[("datacontenttype", "application/cloudevents+json")],
                    json("{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/s\",\"type\":\"t\"}"),
                ),
            )
        },
    ]
}
