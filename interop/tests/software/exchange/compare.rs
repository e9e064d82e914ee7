//! Compares what a receiver read with what was sent: attribute by attribute, then the payload. JSON is compared as JSON,
//! since most SDKs serialise it again; timestamps as points in time; everything else byte for byte.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::sdk::Sender;
use super::table::{Event, Expected};

/// A payload as an SDK shows it.
#[derive(Debug, Clone)]
pub enum Payload {
    Json(Value),
    Bytes(Vec<u8>),
}

/// One event as a receiver read it: one line of its output.
pub struct ReadEvent {
    pub id: String,
    line: Value,
}

/// One member of one event that came out otherwise than it should.
pub struct Difference {
    pub case: String,
    /// The attribute, `data`, or `event` when there is no event at all.
    pub member: String,
    /// The SDK that sends, and its mode.
    pub sender: (&'static str, &'static str),
    /// SDK and format; none when the event did not even reach the gateway.
    pub receiver: Option<(&'static str, &'static str)>,
    pub detail: String,
}

impl ReadEvent {
    /// The sink of a receiver's line, and the rest.
    pub fn read(line: &Value) -> (String, ReadEvent) {
        let mut line = line.clone();
        let sink = line["sink"].take();
        let id = if line["error"].is_null() { &line["attributes"]["id"] } else { &line["id"] };
        let id = id.as_str().unwrap_or_default().to_owned();
        (sink.as_str().unwrap_or_default().to_owned(), ReadEvent { id, line })
    }

    /// The whole line, for an exact comparison.
    pub fn same(&self) -> &Value {
        &self.line
    }

    fn payload(&self) -> Option<Payload> {
        let data = &self.line["data"];
        if let Some(text) = data["json"].as_str() {
            return Some(Payload::Json(serde_json::from_str(text).expect("a receiver prints JSON")));
        }
        let text = data["base64"].as_str()?;
        Some(Payload::Bytes(BASE64_STANDARD.decode(text).expect("a receiver prints base64")))
    }
}

/// All differences of one event between one sender and one sink.
pub fn against(
    expected: &Expected,
    read_event: Option<&ReadEvent>,
    sender: &Sender,
    receiver: (&'static str, &'static str),
    event: &Event,
) -> Vec<Difference> {
    let difference = |member: &str, detail: String| Difference {
        case: event.case.clone(),
        member: member.to_owned(),
        sender: (sender.sdk.name, sender.mode),
        receiver: Some(receiver),
        detail,
    };
    let Some(read_event) = read_event else {
        return vec![difference("id", "under another id, or not at all".to_owned())];
    };
    if let Some(error) = read_event.line["error"].as_str() {
        return vec![difference("event", error.to_owned())];
    }
    let empty = serde_json::Map::new();
    let attributes = read_event.line["attributes"].as_object().unwrap_or(&empty);
    let names: BTreeSet<&String> = expected.attributes.keys().chain(attributes.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let (wanted, got) = (expected.attributes.get(name), attributes.get(name));
        let equal = match (wanted, got) {
            (Some(wanted), Some(got)) if event.is_moment(name) => {
                moment(wanted).is_some() && moment(wanted) == moment(got)
            }
            (wanted, got) => wanted == got,
        };
        if !equal {
            found.push(difference(name, format!("{} instead of {}", shown(got), shown(wanted))));
        }
    }
    let payload = read_event.payload();
    // In binary mode an empty payload cannot be distinguished from none.
    let binary = sender.mode == "binary" || receiver.1 == "binary";
    let equal = match (&expected.data, &payload) {
        (None, None) => true,
        (Some(Payload::Bytes(empty)), None) if binary => empty.is_empty(),
        (Some(Payload::Bytes(wanted)), Some(Payload::Bytes(got))) => wanted == got,
        (Some(Payload::Json(wanted)), Some(Payload::Json(got))) => same_json(wanted, got),
        (Some(Payload::Json(wanted)), Some(Payload::Bytes(got))) => {
            serde_json::from_slice(got).is_ok_and(|got| same_json(wanted, &got))
        }
        _ => false,
    };
    if !equal {
        found.push(difference("data", format!("{payload:?} instead of {:?}", expected.data)));
    }
    found
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

fn moment(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()
}

/// Equal values, however their numbers are written: 1e3 is 1000.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_json(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get(name).is_some_and(|other| same_json(value, other));
            one.len() == other.len() && one.iter().all(same)
        }
        (one, other) => one == other,
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

#[test]
fn json_is_compared_by_value() {
    for (one, other, expected) in [
        ("1e3", "1000", true),
        ("1.0", "1", true),
        ("9223372036854775807", "9223372036854775806", false),
        ("9223372036854775807", "9223372036854776000", false),
        (r#"{"a": 1, "b": [null]}"#, r#"{"b": [null], "a": 1.0}"#, true),
        (r#"{"a": 1}"#, r#"{"a": 1, "b": null}"#, false),
        ("[1]", "[1, 1]", false),
        (r#""1""#, "1", false),
    ] {
        let parse = |text| serde_json::from_str(text).expect("JSON");
        assert_eq!(same_json(&parse(one), &parse(other)), expected, "{one} {other}");
    }
}
