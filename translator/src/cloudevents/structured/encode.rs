//! Encodes one event in JSON format: attributes in their original order, the payload unchanged.

use bytes::Bytes;
use model::{Data, Event, Value, event::SPECVERSION};

use crate::json::Writer;

/// The event in JSON format, to be sent as [`super::CONTENT_TYPE`].
pub fn encode(event: &Event) -> Bytes {
    let mut out = Writer::with_capacity(size_hint(event));
    write_event(&mut out, event);
    out.finish()
}

/// Appends the event to `out` as a JSON object.
pub(crate) fn write_event(out: &mut Writer, event: &Event) {
    out.raw("{").name("specversion").string(SPECVERSION);
    for (name, value) in event.attributes() {
        out.name(name.as_str());
        match value {
            Value::Text(text) => out.string(text),
            typed => out.raw(typed.canonical()),
        };
    }
    match event.data() {
        None => {}
        Some(Data::Json(json)) => drop(out.name("data").raw(json)),
        Some(Data::Text(text)) => match std::str::from_utf8(text) {
            Ok(text) => drop(out.name("data").string(text)),
            Err(_) => drop(out.name("data_base64").base64(text)),
        },
        Some(Data::Binary(bytes)) => drop(out.name("data_base64").base64(bytes)),
    }
    out.raw("}");
}

/// A capacity that suffices for most events: the payload, base64-encoded if needed, and typical attributes.
pub(crate) fn size_hint(event: &Event) -> usize {
    let payload = event.data().map_or(0, |data| match data {
        Data::Json(bytes) | Data::Text(bytes) => bytes.len(),
        Data::Binary(bytes) => bytes.len() / 3 * 4 + 4,
    });
    let attributes: usize = event
        .attributes()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.as_text().map_or(12, str::len) + 8)
        .sum();
    payload + attributes + 48
}
