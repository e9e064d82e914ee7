//! Decodes a record of the log: the gateway's own, and those of other CloudEvents producers.

use bytes::Bytes;
use compact_str::{CompactString, format_compact};
use model::{
    AttributeName, Data, Event, Timestamp, Value,
    event::{AcceptedEvent, Fault, PublishedAs, SPECVERSION},
    media_type::MediaType,
};

use super::{BORN, CONTENT_TYPE, DATA, IMPLIED, PUBLISHER, RECEIVED, TYPES, VERSION, VERSION_HEADER};
use crate::{
    Limits, Strictness,
    cloudevents::{self, Mode, structured},
    form::Form,
    json::Scanner,
    rejection::{Place, Reason, Rejection, at_attribute},
};

/// Why a record cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A newer program wrote it; this one must not skip it.
    #[error("the record has version {found}; this program knows up to {known}")]
    NewerVersion {
        /// Its version.
        found: u32,
        /// The newest known version.
        known: u32,
    },
    /// A `gw_` header is malformed.
    #[error("the header {0} of the record is malformed")]
    Malformed(&'static str),
    /// It is not a CloudEvent (CE-KAFKA-16).
    #[error("the record is no CloudEvent")]
    NotAnEvent,
    /// It has an event format that records may not have.
    #[error("the content type of the record is not supported: {0}")]
    Format(String),
    /// It is not a valid CloudEvent.
    #[error("the record is no valid CloudEvent: {0}")]
    Invalid(Rejection),
}

/// Decodes a record; the payload shares its memory with `value`. The key is not needed, since it is derived from the
/// event.
///
/// A record without the gateway's headers is an event published as CloudEvent with unknown time of receipt; its other
/// `gw_` headers are ignored.
pub fn decode(headers: &[(Bytes, Bytes)], value: Option<&Bytes>) -> Result<AcceptedEvent, Unreadable> {
    let hints = Hints::read(headers)?;
    let content_type = match hints.content_type {
        Some(raw) => {
            Some(std::str::from_utf8(raw).map_err(|_| invalid(CONTENT_TYPE, "datacontenttype", Reason::Utf8))?)
        }
        None => None,
    };
    let event = match cloudevents::mode(content_type) {
        Ok(Mode::Structured) => {
            let body = value.ok_or(Unreadable::NotAnEvent)?;
            structured::decode(body, Strictness::Lenient, &Limits::STORED).map_err(Unreadable::Invalid)?
        }
        Ok(Mode::Binary) => binary(headers, value, content_type, &hints)?,
        Ok(Mode::Batch) => return Err(Unreadable::Format(content_type.unwrap_or_default().to_owned())),
        Err(error) => return Err(Unreadable::Format(error.to_string())),
    };
    Ok(AcceptedEvent {
        event,
        published_as: if hints.is_notificatie { PublishedAs::Notificatie } else { PublishedAs::CloudEvent },
        received: hints.received,
        publisher: hints.publisher,
    })
}

/// The values of the headers outside `ce_`.
#[derive(Debug, Default)]
struct Hints<'a> {
    is_ours: bool,
    content_type: Option<&'a [u8]>,
    is_notificatie: bool,
    types: &'a str,
    is_implied: bool,
    form: Option<Form>,
    received: Option<Timestamp>,
    publisher: Option<CompactString>,
}

impl<'a> Hints<'a> {
    fn read(headers: &'a [(Bytes, Bytes)]) -> Result<Self, Unreadable> {
        let mut hints = Self::default();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case(CONTENT_TYPE.as_bytes()) && hints.content_type.is_none() {
                hints.content_type = Some(value);
            } else if name.as_ref() == VERSION_HEADER.as_bytes() {
                check_version(value)?;
                hints.is_ours = true;
            }
        }
        if !hints.is_ours {
            return Ok(hints);
        }
        for (name, value) in headers.iter().filter(|(name, _)| name.starts_with(b"gw_")) {
            let Ok(name) = std::str::from_utf8(name) else { continue };
            match name {
                BORN => hints.is_notificatie = value.as_ref() == b"notificatie",
                TYPES => hints.types = text(TYPES, value)?,
                IMPLIED => hints.is_implied = value.as_ref() == b"json",
                DATA => hints.form = Some(form(value).ok_or(Unreadable::Malformed(DATA))?),
                RECEIVED => {
                    let micros = text(RECEIVED, value)?.parse().map_err(|_| Unreadable::Malformed(RECEIVED))?;
                    hints.received = Some(Timestamp::from_micros(micros));
                }
                PUBLISHER => hints.publisher = Some(text(PUBLISHER, value)?.into()),
                _ => {}
            }
        }
        Ok(hints)
    }

    /// The value of attribute `name` with its recorded type.
    fn typed_value(&self, name: &str, text: &str) -> Result<Option<Value>, Unreadable> {
        let Some(kind) = self.types.split(',').find_map(|hint| hint.strip_prefix(name)?.strip_prefix(':')) else {
            return Ok(None);
        };
        let value = match kind {
            "i" => text.parse().ok().map(Value::Integer),
            "b" => text.parse().ok().map(Value::Boolean),
            _ => None,
        };
        value.map(Some).ok_or(Unreadable::Malformed(TYPES))
    }
}

fn check_version(value: &[u8]) -> Result<(), Unreadable> {
    let malformed = Unreadable::Malformed(VERSION_HEADER);
    let Some(found) = text(VERSION_HEADER, value)?.strip_prefix("event/").and_then(|version| version.parse().ok())
    else {
        return Err(malformed);
    };
    match found {
        0 => Err(malformed),
        1..=VERSION => Ok(()),
        _ => Err(Unreadable::NewerVersion { found, known: VERSION }),
    }
}

fn text<'a>(header: &'static str, value: &'a [u8]) -> Result<&'a str, Unreadable> {
    std::str::from_utf8(value).map_err(|_| Unreadable::Malformed(header))
}

fn form(value: &[u8]) -> Option<Form> {
    match value {
        b"json" => Some(Form::Json),
        b"text" => Some(Form::Text),
        b"binary" => Some(Form::Binary),
        _ => None,
    }
}

fn invalid(header: &str, member: &str, reason: Reason) -> Unreadable {
    Unreadable::Invalid(Rejection::new(member, Place::Header(header.into()), reason))
}

fn binary(
    headers: &[(Bytes, Bytes)],
    value: Option<&Bytes>,
    content_type: Option<&str>,
    hints: &Hints<'_>,
) -> Result<Event, Unreadable> {
    let mut attributes = Vec::with_capacity(headers.len() + 1);
    let mut specversion = None;
    let mut has_attributes = false;
    for (header, raw) in headers {
        if hints.is_ours && header.as_ref() == CONTENT_TYPE.as_bytes() && !hints.is_implied {
            push_content_type(&mut attributes, content_type)?;
            continue;
        }
        let Some(name) = header.strip_prefix(b"ce_") else { continue };
        has_attributes = true;
        let name = std::str::from_utf8(name).map_err(|_| invalid("ce_", "attribute", Reason::Utf8))?;
        let reject = |reason| invalid(&format!("ce_{name}"), name, reason);
        let text = std::str::from_utf8(raw).map_err(|_| reject(Reason::Utf8))?;
        match name {
            "specversion" if specversion.replace(text).is_some() => {
                return Err(reject(Reason::Attribute(Fault::Duplicate)));
            }
            // It has a header of its own; a copy is ignored.
            "specversion" | "datacontenttype" => continue,
            _ => {}
        }
        let attribute = AttributeName::new(name).map_err(|error| reject(Reason::Attribute(Fault::Name(error))))?;
        let value = match hints.typed_value(name, text)? {
            Some(typed) => typed,
            None => Value::text(text).map_err(|error| reject(Reason::Attribute(Fault::Value(error))))?,
        };
        attributes.push((attribute, value));
    }
    if !has_attributes {
        return Err(Unreadable::NotAnEvent);
    }
    match specversion {
        Some(SPECVERSION) => {}
        Some(_) => return Err(invalid("ce_specversion", "specversion", Reason::Attribute(Fault::Specversion))),
        None => return Err(invalid("ce_specversion", "specversion", Reason::Attribute(Fault::Missing))),
    }
    if !hints.is_ours {
        push_content_type(&mut attributes, content_type)?;
    }
    let data = value.map(|bytes| data(bytes, content_type, hints));
    let place = |member: &str| Place::Header(format_compact!("ce_{member}"));
    Event::new(attributes, data).map_err(|error| Unreadable::Invalid(at_attribute(error, place)))
}

fn push_content_type(attributes: &mut Vec<(AttributeName, Value)>, text: Option<&str>) -> Result<(), Unreadable> {
    const NAME: &str = "datacontenttype";
    let Some(text) = text else { return Ok(()) };
    let reject = |fault| invalid(CONTENT_TYPE, NAME, Reason::Attribute(fault));
    let name = AttributeName::new(NAME).map_err(|error| reject(Fault::Name(error)))?;
    let value = Value::text(text).map_err(|error| reject(Fault::Value(error)))?;
    attributes.push((name, value));
    Ok(())
}

/// The payload. The gateway's records state its form; for others it is determined from the content.
fn data(bytes: &Bytes, content_type: Option<&str>, hints: &Hints<'_>) -> Data {
    let implied = Form::of_type(content_type.and_then(MediaType::parse).as_ref());
    if hints.is_ours {
        return hints.form.unwrap_or(implied).data(bytes.clone());
    }
    let holds = match implied {
        Form::Json => Scanner::whole(bytes, Limits::STORED.depth).is_ok(),
        Form::Text => std::str::from_utf8(bytes).is_ok(),
        Form::Binary => true,
    };
    if holds { implied.data(bytes.clone()) } else { Data::Binary(bytes.clone()) }
}
