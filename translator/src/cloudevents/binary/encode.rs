//! Encodes one event in binary mode, if a webhook can carry it in that mode.

use bytes::Bytes;
use compact_str::{CompactString, format_compact};
use model::{Data, Event, Value, event::SPECVERSION, media_type::MediaType};

use super::value;

/// A message in binary mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// The `ce-` headers, names in lower case, values in printable US-ASCII.
    pub headers: Vec<(CompactString, String)>,
    /// The `Content-Type`.
    pub content_type: CompactString,
    /// The body, never empty.
    pub body: Bytes,
}

/// Why an event cannot be sent in binary mode over a webhook; it is then sent structured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBinary {
    /// There is no payload, or an empty one, and a delivery must have one (CE-WH-03).
    #[error("the event has no payload")]
    NoPayload,
    /// The payload has no content type, and none may be invented (CE-WH-04, CE-JSON-10).
    #[error("the payload has no content type")]
    NoContentType,
    /// The payload itself would be taken for the envelope (GW-10).
    #[error("the payload is of a CloudEvents media type")]
    CloudEvents,
    /// The content type promises another charset than the text has (CE-JSON-13).
    #[error("the content type declares a charset that the payload is not in")]
    Charset,
    /// The payload is a JSON value though its content type is not JSON (CE-JSON-22).
    #[error("the payload is a JSON value of another content type")]
    Form,
    /// The content type is not valid in a header.
    #[error("the content type is not printable US-ASCII")]
    ContentTypeText,
}

/// The event in binary mode. JSON without content type is sent as `application/json` (CE-CTX-19).
pub fn encode(event: &Event) -> Result<Binary, NotBinary> {
    let data = event.data().filter(|data| !data.bytes().is_empty()).ok_or(NotBinary::NoPayload)?;
    let content_type = content_type(event, data)?;
    let mut headers = Vec::with_capacity(event.attributes().len());
    headers.push((CompactString::const_new("ce-specversion"), SPECVERSION.to_owned()));
    for (name, value) in event.attributes() {
        if name.as_str() == "datacontenttype" {
            continue;
        }
        let text = match value {
            Value::Text(text) => value::encode(text),
            typed => typed.canonical().into(),
        };
        headers.push((format_compact!("ce-{name}"), text));
    }
    Ok(Binary { headers, content_type, body: data.bytes().clone() })
}

fn content_type(event: &Event, data: &Data) -> Result<CompactString, NotBinary> {
    let is_json = matches!(data, Data::Json(_));
    let text = match event.datacontenttype() {
        Some(text) => text,
        None if is_json => return Ok(CompactString::const_new("application/json")),
        None => return Err(NotBinary::NoContentType),
    };
    let media_type = MediaType::parse(text).ok_or(NotBinary::NoContentType)?;
    if media_type.is_cloudevents() {
        return Err(NotBinary::CloudEvents);
    }
    if is_json && !media_type.is_json() {
        return Err(NotBinary::Form);
    }
    if !matches!(data, Data::Binary(_)) && !media_type.is_utf8() {
        return Err(NotBinary::Charset);
    }
    if !text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Err(NotBinary::ContentTypeText);
    }
    Ok(text.into())
}
