//! Encodes an accepted event as a record.

use std::ops::Range;

use bytes::Bytes;
use model::{
    Data, Event, Value,
    event::{AcceptedEvent, PublishedAs, SPECVERSION},
    media_type::MediaType,
};

use super::{BORN, CONTENT_TYPE, DATA, IMPLIED, PUBLISHER, RECEIVED, RecordParts, TYPES, VERSION, VERSION_HEADER};
use crate::{cloudevents::structured, form::Form};

/// The record of an event. An event whose payload has a CloudEvents media type becomes a structured record, since a
/// reader of a binary one would take the payload for the envelope (GW-10, CE-KAFKA-15).
pub fn encode(accepted: &AcceptedEvent) -> RecordParts {
    let event = &accepted.event;
    let mut headers = Headers::with_room_for(event);
    let media_type = event.datacontenttype().and_then(MediaType::parse);
    let value = if media_type.is_some_and(|media_type| media_type.is_cloudevents()) {
        headers.add(CONTENT_TYPE, "", structured::CONTENT_TYPE);
        Some(structured::encode(event))
    } else {
        binary(event, media_type.as_ref(), &mut headers)
    };
    headers.add(VERSION_HEADER, "", &format!("event/{VERSION}"));
    if accepted.published_as == PublishedAs::Notificatie {
        headers.add(BORN, "", "notificatie");
    }
    if let Some(received) = accepted.received {
        headers.add(RECEIVED, "", &received.as_micros().to_string());
    }
    if let Some(publisher) = &accepted.publisher {
        headers.add(PUBLISHER, "", publisher);
    }
    let key = headers.put(event.key());
    headers.finish(key, value)
}

/// Adds the headers of the attributes, and the `gw_` headers that name types which the binding cannot express; returns
/// the payload.
fn binary(event: &Event, media_type: Option<&MediaType<'_>>, headers: &mut Headers) -> Option<Bytes> {
    headers.add("ce_", "specversion", SPECVERSION);
    let mut types = String::new();
    for (name, value) in event.attributes() {
        let hint = match value {
            Value::Text(text) if name.as_str() == "datacontenttype" => {
                headers.add(CONTENT_TYPE, "", text);
                continue;
            }
            Value::Text(text) => {
                headers.add("ce_", name.as_str(), text);
                continue;
            }
            Value::Integer(_) => ":i",
            Value::Boolean(_) => ":b",
        };
        headers.add("ce_", name.as_str(), &value.canonical());
        if !types.is_empty() {
            types.push(',');
        }
        types.push_str(name.as_str());
        types.push_str(hint);
    }
    if !types.is_empty() {
        headers.add(TYPES, "", &types);
    }
    let data = event.data()?;
    let form = Form::of(data);
    if media_type.is_none() && form == Form::Json {
        headers.add(CONTENT_TYPE, "", "application/json");
        headers.add(IMPLIED, "", "json");
    } else if form != Form::of_type(media_type) {
        headers.add(DATA, "", form_name(data));
    }
    Some(data.bytes().clone())
}

fn form_name(data: &Data) -> &'static str {
    match data {
        Data::Json(_) => "json",
        Data::Text(_) => "text",
        Data::Binary(_) => "binary",
    }
}

/// Names and values in one buffer, of which the headers are slices.
struct Headers {
    buffer: Vec<u8>,
    ranges: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    fn with_room_for(event: &Event) -> Self {
        let attributes = event.attributes();
        let texts: usize =
            attributes.iter().map(|(name, value)| name.as_str().len() + value.as_text().map_or(11, str::len) + 3).sum();
        Self { buffer: Vec::with_capacity(texts + 192), ranges: Vec::with_capacity(attributes.len() + 8) }
    }

    /// Appends a text to the buffer and returns its place.
    fn put(&mut self, text: &str) -> Range<usize> {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(text.as_bytes());
        start..self.buffer.len()
    }

    /// Adds the header `<prefix><name>`.
    fn add(&mut self, prefix: &str, name: &str, value: &str) {
        let start = self.put(prefix).start;
        let end = self.put(name).end;
        let value = self.put(value);
        self.ranges.push((start..end, value));
    }

    fn finish(self, key: Range<usize>, value: Option<Bytes>) -> RecordParts {
        let buffer = Bytes::from(self.buffer);
        let slice = |range| buffer.slice(range);
        RecordParts {
            headers: self.ranges.into_iter().map(|(name, value)| (slice(name), slice(value))).collect(),
            key: buffer.slice(key),
            value,
        }
    }
}
