//! The table of difficult events: what the senders are given, and what a receiver must understand.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::compare::Payload;

/// One row of `events.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub case: String,
    id: Option<String>,
    #[serde(default)]
    without: Vec<String>,
    modes: Option<Vec<String>>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub extensions: BTreeMap<String, Extension>,
    data: Option<Data>,
}

/// An extension attribute with its CloudEvents type.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    #[serde(rename = "type")]
    kind: Kind,
    value: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Boolean,
    Uri,
    UriReference,
    Timestamp,
    Binary,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Data {
    Json(String),
    Text(String),
    Base64(String),
}

/// What a receiver must read from an event.
pub struct Expected {
    pub attributes: BTreeMap<String, Value>,
    pub data: Option<Payload>,
}

const DEFAULTS: &[(&str, &str)] = &[
    ("source", "urn:nld:oin:00000001823288444000:systeem:interop"),
    ("type", "nl.overheid.interop.getest"),
    ("time", "2026-11-22T01:02:03Z"),
    ("datacontenttype", "application/json"),
];

pub fn read() -> Vec<Event> {
    #[derive(Deserialize)]
    struct Table {
        event: Vec<Event>,
    }
    let table: Table = toml::from_str(include_str!("../../../events.toml")).expect("events.toml is in order");
    let mut events = table.event;
    for event in &mut events {
        for (name, value) in DEFAULTS.iter().filter(|(name, _)| !event.without.iter().any(|one| one == name)) {
            event.attributes.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        if event.data.is_none() && !event.without.iter().any(|one| one == "data") {
            event.data = Some(Data::Json("{}".to_owned()));
        }
    }
    events
}

/// The file that the programs read.
pub fn for_senders(events: &[Event], mode: &str) -> String {
    let rows = events.iter().filter(|event| event.can_be_sent_in(mode)).map(|event| {
        let mut row = json!({ "case": event.case, "id": event.id(), "attributes": event.attributes });
        if !event.extensions.is_empty() {
            row["extensions"] = json!(event.extensions);
        }
        if let Some(data) = &event.data {
            row["data"] = json!(data);
        }
        row
    });
    Value::Array(rows.collect()).to_string()
}

impl Event {
    /// The id without the sender's prefix.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.case)
    }

    /// Whether senders in this mode can express this event.
    pub fn can_be_sent_in(&self, mode: &str) -> bool {
        self.modes.as_ref().is_none_or(|modes| modes.iter().any(|one| one == mode))
    }

    /// Whether the event has a `time`, so that senders do not add one.
    pub fn is_whole(&self) -> bool {
        self.attributes.contains_key("time")
    }

    /// What a receiver must read when the event is sent in one mode and delivered in another.
    pub fn expected(&self, id: &str, mode: &str, format: &str) -> Expected {
        let mut attributes: BTreeMap<String, Value> =
            self.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        attributes.insert("id".to_owned(), json!(id));
        attributes.insert("specversion".to_owned(), json!("1.0"));
        // A webhook carries no event without data in binary mode; headers have no types, and must give the media type.
        let headers = format == "binary" && self.data.is_some();
        for (name, extension) in &self.extensions {
            let typed = mode != "binary" && !headers || extension.value.is_string();
            let value = if typed { extension.value.clone() } else { json!(extension.value.to_string()) };
            attributes.insert(name.clone(), value);
        }
        if headers {
            attributes.entry("datacontenttype".to_owned()).or_insert_with(|| json!("application/json"));
        }
        let data = self.data.as_ref().map(|data| match data {
            Data::Json(text) => Payload::Json(serde_json::from_str(text).expect("JSON in events.toml")),
            Data::Text(text) => Payload::Bytes(text.clone().into_bytes()),
            Data::Base64(text) => Payload::Bytes(BASE64_STANDARD.decode(text).expect("base64 in events.toml")),
        });
        Expected { attributes, data }
    }

    /// Whether an attribute is a timestamp, which may be written in several ways.
    pub fn is_moment(&self, name: &str) -> bool {
        name == "time" || self.extensions.get(name).is_some_and(|extension| extension.kind == Kind::Timestamp)
    }
}
