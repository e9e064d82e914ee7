//! The messages that are sent: one event in every format, and variations of it. They are made here and sent elsewhere.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};
use webhook_validator::probe::TEST_NOTIFICATION;

use crate::arguments::{Arguments, Format};
use crate::text::Said;

/// What every receiver should accept, in bytes.
const LARGE: usize = 64 * 1024;

/// What is percent-encoded in a header of binary mode (CE-HTTP-20).
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Headers and body of a request; credentials come later.
#[derive(Clone)]
pub struct Message {
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The event all messages are made of.
pub struct Events {
    event: Map<String, Value>,
    format: Format,
    ours: bool,
    made: u32,
}

impl Events {
    /// The event of `--event`, or a small one that says what it is.
    pub fn new(arguments: &Arguments) -> Result<Self, Said> {
        let format = arguments.format;
        let event = match (&arguments.event, format) {
            (Some(path), _) => read(path).map_err(|problem| Said::plain(format!("{}: {problem}", path.display())))?,
            (None, Format::Legacy) => serde_json::from_slice(TEST_NOTIFICATION).unwrap_or_default(),
            (None, _) => [
                ("specversion", json!("1.0")),
                ("id", json!("")),
                ("source", json!("urn:example:webhook-validator")),
                ("type", json!("example.webhook-validator.test")),
                ("datacontenttype", json!("application/json")),
                ("data", json!({ "test": true })),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
        };
        Ok(Self { event, format, ours: arguments.event.is_none(), made: 0 })
    }

    /// The event as the receiver is used to it. Each has an id of its own, which differs from run to run.
    pub fn plain(&mut self) -> Option<Message> {
        let event = self.next();
        in_format(self.format, &event)
    }

    /// The event in another format; nothing when it cannot travel so.
    pub fn in_format(&mut self, format: Format) -> Option<Message> {
        let event = self.next();
        in_format(format, &event)
    }

    /// With an attribute nobody knows.
    pub fn extended(&mut self) -> Option<Message> {
        let mut event = self.next();
        event.insert("validatorunknown".to_owned(), json!("ignore me"));
        in_format(self.format, &event)
    }

    /// Without the member that everything else needs.
    pub fn without_id(&mut self) -> Option<Message> {
        let mut event = self.next();
        event.remove("id");
        in_format(self.format, &event)
    }

    /// Of 64 KiB: more data in our own event, and space between the tokens in that of others.
    pub fn large(&mut self) -> Option<Message> {
        let mut event = self.next();
        let message = in_format(self.format, &event)?;
        let data = event.get_mut("data").and_then(Value::as_object_mut).filter(|_| self.ours);
        if let Some(data) = data {
            let name = "filling";
            // The name, its quotes, and the punctuation beside them.
            let room = LARGE.saturating_sub(message.body.len() + name.len() + 6);
            data.insert(name.to_owned(), json!("x".repeat(room)));
            return in_format(self.format, &event);
        }
        let mut body = message.body.to_vec();
        body.resize(LARGE.max(body.len()), b' ');
        Some(Message { body: body.into(), ..message })
    }

    /// The media type with other letters and a parameter.
    pub fn respelled(&mut self) -> Option<Message> {
        let mut message = self.plain()?;
        let text = message.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned();
        let spelled = match &*text {
            "application/cloudevents+json" => "Application/CloudEvents+JSON; Charset=UTF-8",
            "application/cloudevents-batch+json" => "Application/CloudEvents-Batch+JSON; Charset=UTF-8",
            "application/json" => "Application/JSON; Charset=UTF-8",
            _ => return None,
        };
        message.headers.insert(CONTENT_TYPE, HeaderValue::from_static(spelled));
        Some(message)
    }

    /// Half a JSON document.
    pub fn broken(&self) -> Message {
        let media_type = match self.format {
            Format::Legacy => "application/json",
            Format::Batch => "application/cloudevents-batch+json",
            Format::Structured | Format::Binary => "application/cloudevents+json",
        };
        message(media_type, Bytes::from_static(b"{\"specversion\": \"1.0\", \"id\": "))
    }

    /// A good event under a media type that nobody has.
    pub fn unheard_of(&mut self) -> Message {
        let event = self.next();
        message("application/cloudevents+unheard-of", Value::Object(event).to_string().into())
    }

    fn next(&mut self) -> Map<String, Value> {
        self.made += 1;
        let mut event = self.event.clone();
        if self.format != Format::Legacy {
            let id = format!("webhook-validator-{}-{}", std::process::id(), self.made);
            event.insert("id".to_owned(), Value::String(id));
        }
        event
    }
}

/// A batch with nothing in it.
pub fn empty_batch() -> Message {
    message("application/cloudevents-batch+json", Bytes::from_static(b"[]"))
}

fn read(path: &std::path::Path) -> Result<Map<String, Value>, String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn message(media_type: &'static str, body: Bytes) -> Message {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Message { headers, body }
}

fn in_format(format: Format, event: &Map<String, Value>) -> Option<Message> {
    let json = || Bytes::from(Value::Object(event.clone()).to_string());
    match format {
        Format::Structured => Some(message("application/cloudevents+json", json())),
        Format::Batch => {
            let batch = Value::Array(vec![Value::Object(event.clone())]).to_string();
            Some(message("application/cloudevents-batch+json", batch.into()))
        }
        Format::Legacy => Some(message("application/json", json())),
        Format::Binary => binary(event),
    }
}

/// Binary mode needs data and its media type to travel by (CE-WH-03, CE-WH-04).
fn binary(event: &Map<String, Value>) -> Option<Message> {
    let data = event.get("data")?;
    let media_type = event.get("datacontenttype").map_or(Some("application/json"), Value::as_str)?;
    let body = match data {
        Value::String(text) if !media_type.contains("json") => text.clone(),
        data => data.to_string(),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media_type).ok()?);
    for (name, value) in event.iter().filter(|(name, _)| !matches!(&***name, "data" | "datacontenttype")) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let encoded = utf8_percent_encode(&text, ENCODED).to_string();
        let name = HeaderName::try_from(format!("ce-{name}")).ok()?;
        headers.insert(name, HeaderValue::try_from(encoded).ok()?);
    }
    Some(Message { headers, body: body.into() })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn events(format: &str) -> Events {
        Events::new(&Arguments::parse_from(["webhook-validator", "https://h/", "--format", format])).unwrap()
    }

    #[test]
    fn large_is_64_kib_in_every_format_ce_ctx_40() {
        for format in ["structured", "batch", "legacy"] {
            let message = events(format).large().unwrap();
            assert_eq!(message.body.len(), 65_536, "{format}");
            assert!(serde_json::from_slice::<Value>(&message.body).is_ok());
        }
        assert_eq!(events("binary").large().unwrap().body.len(), 65_536);
    }

    #[test]
    fn attributes_become_headers_ce_http_20() {
        let mut event = events("binary").next();
        event.insert("subject".to_owned(), json!("naïef \"100%\""));
        event.insert("nummer".to_owned(), json!(3));
        let message = binary(&event).unwrap();
        assert_eq!(message.headers["ce-subject"], "na%C3%AFef%20%22100%25%22");
        assert_eq!(
            (&message.headers["ce-nummer"], &message.headers["content-type"]),
            (&"3".parse().unwrap(), &"application/json".parse().unwrap())
        );
        assert_eq!(message.body, r#"{"test":true}"#);
        event.remove("data");
        assert!(binary(&event).is_none(), "nothing to send as payload");
    }
}
