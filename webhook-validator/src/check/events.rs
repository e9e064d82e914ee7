//! Builds the messages that are sent: one event in every format, and variations of it. It does not send them.

use crate::probe::TEST_NOTIFICATION;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::check::options::{Format, Options};

/// The size in bytes that every receiver should accept.
const LARGE: usize = 64 * 1024;

/// The bytes that are percent-encoded in a header of binary mode (CE-HTTP-20).
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Headers and body of a request; credentials are added later.
#[derive(Clone)]
pub struct Message {
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The event from which all messages are made.
pub struct Events {
    event: Map<String, Value>,
    format: Format,
    ours: bool,
    /// The start of the ids, which differs between runs.
    run: String,
    made: u32,
}

impl Events {
    /// The event of the options, or a small built-in one.
    pub fn new(options: &Options) -> Self {
        let format = options.format;
        let event = match (&options.event, format) {
            (Some(event), _) => event.clone(),
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
        Self { event, format, ours: options.event.is_none(), run: options.run.clone(), made: 0 }
    }

    /// The event in the receiver's usual format. Each message has an id of its own, which differs between runs.
    pub fn plain(&mut self) -> Option<Message> {
        let event = self.next();
        in_format(self.format, &event)
    }

    /// The event in another format; `None` if that format cannot represent it.
    pub fn in_format(&mut self, format: Format) -> Option<Message> {
        let event = self.next();
        in_format(format, &event)
    }

    /// With an unknown extension attribute.
    pub fn extended(&mut self) -> Option<Message> {
        let mut event = self.next();
        event.insert("validatorunknown".to_owned(), json!("ignore me"));
        in_format(self.format, &event)
    }

    /// Without the required member `id`.
    pub fn without_id(&mut self) -> Option<Message> {
        let mut event = self.next();
        event.remove("id");
        in_format(self.format, &event)
    }

    /// 64 KiB long: more data in the built-in event, white space between the tokens of another one.
    pub fn large(&mut self) -> Option<Message> {
        let mut event = self.next();
        let message = in_format(self.format, &event)?;
        let data = event.get_mut("data").and_then(Value::as_object_mut).filter(|_| self.ours);
        if let Some(data) = data {
            let name = "filling";
            // The name, its quotes and the punctuation.
            let room = LARGE.saturating_sub(message.body.len() + name.len() + 6);
            data.insert(name.to_owned(), json!("x".repeat(room)));
            return in_format(self.format, &event);
        }
        let mut body = message.body.to_vec();
        body.resize(LARGE.max(body.len()), b' ');
        Some(Message { body: body.into(), ..message })
    }

    /// With the media type in other case and with a parameter.
    pub fn with_other_media_type_spelling(&mut self) -> Option<Message> {
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

    /// A valid event with an unknown media type.
    pub fn with_unknown_media_type(&mut self) -> Message {
        let event = self.next();
        message("application/cloudevents+unheard-of", Value::Object(event).to_string().into())
    }

    fn next(&mut self) -> Map<String, Value> {
        self.made += 1;
        let mut event = self.event.clone();
        if self.format != Format::Legacy {
            let id = format!("webhook-validator-{}-{}", self.run, self.made);
            event.insert("id".to_owned(), Value::String(id));
        }
        event
    }
}

/// A batch without events.
pub fn empty_batch() -> Message {
    message("application/cloudevents-batch+json", Bytes::from_static(b"[]"))
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

/// The event in binary mode, which requires data and a media type (CE-WH-03, CE-WH-04).
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
    use super::*;

    fn events(format: Format) -> Events {
        Events::new(&Options { format, ..Options::new("gateway.example".parse().unwrap()) })
    }

    #[test]
    fn large_is_64_kib_in_every_format_ce_ctx_40() {
        for format in [Format::Structured, Format::Batch, Format::Legacy] {
            let message = events(format).large().unwrap();
            assert_eq!(message.body.len(), 65_536, "{format:?}");
            assert!(serde_json::from_slice::<Value>(&message.body).is_ok());
        }
        assert_eq!(events(Format::Binary).large().unwrap().body.len(), 65_536);
    }

    #[test]
    fn attributes_become_headers_ce_http_20() {
        let mut event = events(Format::Binary).next();
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
