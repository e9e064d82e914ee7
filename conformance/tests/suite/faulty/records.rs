//! Events of the small target as records and back, with a switch for one fault at a time. Pure; knows no broker.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use conformance::broker::Record;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::target::{self, Members};

/// What the target does wrong with topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    CompactsTopics,
    OneRecordForABatch,
    AddsALineBreak,
    LabelsEverythingJson,
    EncodesHeaders,
    RepeatsTheMediaType,
    EmptyInsteadOfNone,
    NeverStructured,
    KeysById,
    KeepsTheKey,
    MindsTheCaseOfMediaTypes,
    BelievesHeadersOfStructured,
    TakesOnlyKnownHeaders,
    EndsAtWhatIsNoEvent,
}

const STRUCTURED: &str = "application/cloudevents+json";

/// The records of what came in one request.
pub fn of_request(fault: Fault, events: &[Value]) -> Vec<Record> {
    if fault != Fault::OneRecordForABatch || events.len() == 1 {
        return events.iter().map(|event| of_event(fault, event)).collect();
    }
    let list: Vec<_> = events.iter().map(written).collect();
    let headers = vec![header("content-type", "application/cloudevents-batch+json")];
    vec![Record { headers, value: Some(format!("[{}]", list.join(",")).into_bytes()), ..Record::default() }]
}

fn of_event(fault: Fault, event: &Value) -> Record {
    let text = |name: &str| event[name].as_str().filter(|text| !text.is_empty());
    let by: &[&str] = if fault == Fault::KeysById { &["id"] } else { &["partitionkey", "subject", "source"] };
    let key = by.iter().find_map(|name| text(name)).map(|key| key.as_bytes().to_vec());
    let media_type = text("datacontenttype").unwrap_or_default();
    if media_type.starts_with("application/cloudevents") && fault != Fault::NeverStructured {
        let headers = vec![header("content-type", STRUCTURED)];
        return Record { key, headers, value: Some(written(event).into_bytes()), ..Record::default() };
    }
    let mut value = payload(event, media_type);
    if let (Some(bytes), Fault::AddsALineBreak) = (&mut value, fault) {
        bytes.push(b'\n');
    }
    if fault == Fault::EmptyInsteadOfNone {
        value.get_or_insert_default();
    }
    Record { key, headers: headers(fault, event), value, ..Record::default() }
}

fn headers(fault: Fault, event: &Value) -> Vec<(String, Vec<u8>)> {
    let mut headers = vec![];
    for (name, value) in event.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match name.as_str() {
            "data" | "data_base64" => {}
            "datacontenttype" => {
                let label = if fault == Fault::LabelsEverythingJson { "application/json" } else { &text };
                headers.push(header("content-type", label));
                if fault == Fault::RepeatsTheMediaType {
                    headers.push(header("ce_datacontenttype", &text));
                }
            }
            _ if fault == Fault::EncodesHeaders => headers.push(header(&format!("ce_{name}"), &encoded(&text))),
            _ => headers.push(header(&format!("ce_{name}"), &text)),
        }
    }
    headers
}

fn payload(event: &Value, media_type: &str) -> Option<Vec<u8>> {
    if let Some(base64) = event["data_base64"].as_str() {
        return BASE64_STANDARD.decode(base64).ok();
    }
    let json = event["data"].as_str()?;
    let text = media_type.starts_with("text/").then(|| serde_json::from_str::<String>(json).ok()).flatten();
    Some(text.unwrap_or_else(|| json.to_owned()).into_bytes())
}

/// The event of a record, when it is one.
pub fn event(fault: Fault, record: &Record) -> Option<Value> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let media_type = record.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| text(value));
    let media_type = media_type.unwrap_or_default();
    let seen =
        if fault == Fault::MindsTheCaseOfMediaTypes { media_type.clone() } else { media_type.to_ascii_lowercase() };
    let is_structured = seen.starts_with(STRUCTURED);
    let mut event = if is_structured {
        let members: Members = serde_json::from_slice(record.value.as_deref()?).ok()?;
        target::event(&members)
    } else {
        binary(&media_type, record.value.as_deref())
    };
    let members = event.as_object_mut()?;
    for (name, value) in &record.headers {
        let Some(name) = name.strip_prefix("ce_") else { continue };
        let is_known = matches!(name, "specversion" | "id" | "source" | "type" | "subject" | "time" | "dataschema");
        if (!is_structured || fault == Fault::BelievesHeadersOfStructured)
            && (is_known || fault != Fault::TakesOnlyKnownHeaders)
        {
            members.insert(name.to_owned(), text(value).into());
        }
    }
    if let (Some(key), Fault::KeepsTheKey) = (&record.key, fault) {
        members.insert("partitionkey".to_owned(), text(key).into());
    }
    target::wrong(&event).is_none().then_some(event)
}

fn binary(media_type: &str, value: Option<&[u8]>) -> Value {
    let mut event = Map::new();
    if !media_type.is_empty() {
        event.insert("datacontenttype".to_owned(), media_type.into());
    }
    if let Some(bytes) = value {
        match serde_json::from_slice::<Box<RawValue>>(bytes) {
            Ok(json) => event.insert("data".to_owned(), json.get().into()),
            Err(_) => event.insert("data_base64".to_owned(), BASE64_STANDARD.encode(bytes).into()),
        };
    }
    Value::Object(event)
}

fn written(event: &Value) -> String {
    target::written(target::Fault::None, event)
}

fn header(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_owned(), value.as_bytes().to_vec())
}

/// As headers of HTTP are written.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_graphic() && byte != b'%' && byte != b'"' {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(byte).collect()
}
