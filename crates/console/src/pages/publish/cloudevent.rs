//! The fields of a CloudEvent: their values in the form, and the event in JSON format that they make.

use bytes::Bytes;
use management::{by_hand::Draft, types::EventType};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::{View, form::Form};

/// The attributes with a field of their own, in the order of the page.
pub const ATTRIBUTES: [&str; 7] = ["id", "source", "type", "subject", "time", "datacontenttype", "dataschema"];

/// The attributes that every event has.
pub const REQUIRED: [&str; 3] = ["id", "source", "type"];

/// The values of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The values of [`ATTRIBUTES`].
    pub attributes: [String; 7],
    /// The kanaal; empty: the routing rules choose it.
    pub kanaal: String,
    /// Extension attributes, `name=value` on a line each.
    pub extensions: String,
    /// The payload.
    pub data: String,
}

impl Fields {
    /// A new event, with the example of a type when one is chosen.
    pub fn start(view: &View, id: String, example: Option<&EventType>) -> Self {
        let mut fields = Self::default();
        fields.set("id", id);
        fields.set("time", view.now.to_rfc3339());
        fields.set("datacontenttype", "application/json".to_owned());
        if let Some(example) = example {
            fields.set("type", example.kind.clone());
            fields.set("dataschema", example.schema.uri.clone());
            fields.data = example.schema.example.clone().unwrap_or_default();
            fields.kanaal = example.kanaal.as_ref().map(|kanaal| kanaal.naam.to_string()).unwrap_or_default();
            if let Some(source) = example.kanaal.as_ref().and_then(|kanaal| kanaal.source.clone()) {
                fields.set("source", source);
            }
        }
        fields
    }

    /// The fields as posted.
    pub fn read(form: &Form) -> Self {
        Self {
            attributes: ATTRIBUTES.map(|name| form.text(name).to_owned()),
            kanaal: form.text("kanaal").to_owned(),
            extensions: form.text("uitbreidingen").to_owned(),
            data: form.text("data").to_owned(),
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> &str {
        ATTRIBUTES.iter().position(|own| *own == name).map_or("", |at| self.attributes[at].as_str())
    }

    fn set(&mut self, name: &str, value: String) {
        if let Some(at) = ATTRIBUTES.iter().position(|own| *own == name) {
            self.attributes[at] = value;
        }
    }

    /// The draft, or the fields with a fault. The payload stays as it was typed, byte for byte.
    pub fn draft(&self, view: &View) -> Result<Draft, Vec<(&'static str, String)>> {
        let text = &view.text.publish;
        let mut faults = Vec::new();
        for required in REQUIRED {
            if self.attribute(required).is_empty() {
                faults.push((required, (text.required)(required)));
            }
        }
        let mut event = Map::new();
        event.insert("specversion".to_owned(), Value::from("1.0"));
        for (name, value) in ATTRIBUTES.iter().zip(&self.attributes).filter(|(_, value)| !value.is_empty()) {
            event.insert((*name).to_owned(), Value::from(value.as_str()));
        }
        for line in self.extensions.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let pair = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            let new = pair.filter(|(name, _)| {
                !name.is_empty() && !matches!(*name, "data" | "data_base64") && !event.contains_key(*name)
            });
            match new {
                Some((name, value)) => drop(event.insert(name.to_owned(), Value::from(value))),
                None => faults.push(("uitbreidingen", (text.no_extension)(line))),
            }
        }
        let is_json = is_json(self.attribute("datacontenttype"));
        if is_json && !self.data.is_empty() && serde_json::from_str::<IgnoredAny>(&self.data).is_err() {
            faults.push(("data", text.no_json.to_owned()));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let kanaal = Some(self.kanaal.clone()).filter(|kanaal| !kanaal.is_empty());
        Ok(Draft::CloudEvent { body: self.body(event, is_json), kanaal })
    }

    fn body(&self, mut event: Map<String, Value>, is_json: bool) -> Bytes {
        if !is_json && !self.data.is_empty() {
            event.insert("data".to_owned(), Value::from(self.data.as_str()));
        }
        let mut body = Value::from(event).to_string();
        if is_json && !self.data.is_empty() {
            // An object with members: the payload becomes its last one.
            body.truncate(body.len() - 1);
            body = format!("{body},\"data\":{}}}", self.data);
        }
        body.into()
    }
}

/// Whether a payload of this media type is JSON; it is when there is none.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty() || essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_these_types_are_json() {
        for (media_type, expected) in [
            ("", true),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/hal+json", true),
            ("text/plain", false),
            ("application/jsonl", false),
        ] {
            assert_eq!(is_json(media_type), expected, "{media_type}");
        }
    }

    #[test]
    fn json_stays_as_it_was_typed_and_text_becomes_a_string() {
        let event = || {
            let mut event = Map::new();
            event.insert("id".to_owned(), Value::from("1"));
            event
        };
        for (data, is_json, body) in [
            ("{\"b\": 1.0, \"a\":2}", true, "{\"id\":\"1\",\"data\":{\"b\": 1.0, \"a\":2}}"),
            ("a \"b\"", false, "{\"data\":\"a \\\"b\\\"\",\"id\":\"1\"}"),
            ("", true, "{\"id\":\"1\"}"),
            ("", false, "{\"id\":\"1\"}"),
        ] {
            let fields = Fields { data: data.to_owned(), ..Fields::default() };
            let found: Value = serde_json::from_slice(&fields.body(event(), is_json)).unwrap();
            assert_eq!(found, serde_json::from_str::<Value>(body).unwrap(), "{data}");
        }
        let fields = Fields { data: "[1.00]".to_owned(), ..Fields::default() };
        assert_eq!(fields.body(event(), true), "{\"id\":\"1\",\"data\":[1.00]}");
    }
}
