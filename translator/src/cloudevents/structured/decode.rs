//! Decodes one event in JSON format in one pass; the payload remains a slice of the body.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use model::{
    AttributeName, Data, Event, Value,
    attribute::NameError,
    event::{Fault, SPECVERSION},
    media_type::MediaType,
};

use crate::{
    Limits, Strictness,
    cloudevents::conclude,
    json::{Kind, Raw, Scanner, SyntaxError},
    rejection::{Place, Reason, Rejection, Rejections, pointer_step},
};

/// Decodes `body` as one event.
///
/// A null attribute is absent (CE-JSON-04), a null `data` is a payload (CE-JSON-16); the payload shares the memory of
/// `body`.
pub fn decode(body: &Bytes, strictness: Strictness, limits: &Limits) -> Result<Event, Rejection> {
    let whole = |reason| Rejection::new("body", Place::Pointer(String::new()), reason);
    let syntax = |error: SyntaxError| whole(Reason::Json(error));
    let mut scanner = Scanner::new(body, limits.depth).map_err(syntax)?;
    if scanner.peek() != Some(b'{') {
        scanner.value().and_then(|_| scanner.end()).map_err(syntax)?;
        return Err(whole(Reason::NotAnObject));
    }
    let event = read_event(&mut scanner, body, strictness, limits, "").map_err(syntax)?;
    scanner.end().map_err(syntax)?;
    event
}

/// Reads the event at the scanner's position. A violated rule does not stop the scan, so that the caller can continue
/// behind the object; a syntax error does. `pointer` is the location of the object in the body.
pub(crate) fn read_event(
    scanner: &mut Scanner<'_>,
    body: &Bytes,
    strictness: Strictness,
    limits: &Limits,
    pointer: &str,
) -> Result<Result<Event, Rejection>, SyntaxError> {
    if !scanner.open(b'{')? {
        scanner.value()?;
        return Ok(Err(Rejection::new("body", Place::Pointer(pointer.to_owned()), Reason::NotAnObject)));
    }
    let mut draft = Draft::default();
    let mut rejections = Rejections::default();
    let mut first = true;
    while let Some(name) = scanner.member(&mut first)? {
        let value = scanner.value()?;
        rejections.check(draft.take(name, value, limits));
    }
    Ok(draft.finish(rejections, body, strictness).map_err(|mut rejection| {
        move_under(pointer, &mut rejection);
        rejection
    }))
}

/// Prefixes locations with `pointer`, the location of the event in the body.
fn move_under(pointer: &str, rejection: &mut Rejection) {
    if let Place::Pointer(own) = &mut rejection.place {
        own.insert_str(0, pointer);
    }
    for other in &mut rejection.more {
        move_under(pointer, other);
    }
}

/// The attributes and errors found so far.
#[derive(Debug, Default)]
struct Draft<'a> {
    specversion: Option<Raw<'a>>,
    attributes: Vec<(AttributeName, Value)>,
    /// Members that are null: absent, but they must not be repeated.
    nulls: Vec<AttributeName>,
    data: Option<Raw<'a>>,
    data_base64: Option<Raw<'a>>,
}

fn reject(member: &str, reason: Reason) -> Rejection {
    Rejection::new(member, Place::Pointer(pointer_step(member)), reason)
}

fn fault(member: &str, fault: Fault) -> Rejection {
    reject(member, Reason::Attribute(fault))
}

impl<'a> Draft<'a> {
    fn take(&mut self, name: Raw<'a>, value: Raw<'a>, limits: &Limits) -> Result<(), Rejection> {
        let Ok(name) = name.content() else {
            return Err(fault(name.text, Fault::Name(NameError::Character)));
        };
        let slot = match name.as_ref() {
            "specversion" => Some(&mut self.specversion),
            "data" => Some(&mut self.data),
            "data_base64" => Some(&mut self.data_base64),
            _ => None,
        };
        if let Some(slot) = slot {
            return match slot.replace(value) {
                None => Ok(()),
                Some(_) => Err(fault(&name, Fault::Duplicate)),
            };
        }
        if self.attributes.len() + self.nulls.len() >= limits.attributes {
            return Err(reject("body", Reason::TooManyAttributes(limits.attributes)));
        }
        let attribute = AttributeName::new(&name).map_err(|error| fault(&name, Fault::Name(error)))?;
        match attribute_value(value).map_err(|reason| reject(&name, reason))? {
            Some(value) => {
                if self.attributes.is_empty() {
                    self.attributes.reserve(12);
                }
                self.attributes.push((attribute, value));
            }
            None => self.nulls.push(attribute),
        }
        Ok(())
    }

    fn finish(self, mut rejections: Rejections, body: &Bytes, strictness: Strictness) -> Result<Event, Rejection> {
        rejections.check(self.check_specversion());
        for (at, null) in self.nulls.iter().enumerate() {
            if self.nulls[..at].contains(null) || self.attributes.iter().any(|(name, _)| name == null) {
                rejections.add(fault(null.as_str(), Fault::Duplicate));
            }
        }
        let data = rejections.check(self.data(body, strictness)).flatten();
        conclude(rejections, self.attributes, data, |member| Place::Pointer(pointer_step(member)))
    }

    fn check_specversion(&self) -> Result<(), Rejection> {
        let rule = match self.specversion {
            None => Fault::Missing,
            Some(raw) => match raw.kind {
                Kind::Null => Fault::Missing,
                Kind::String => match raw.content() {
                    Ok(text) if text == SPECVERSION => return Ok(()),
                    Ok(text) if text.is_empty() => Fault::Empty,
                    _ => Fault::Specversion,
                },
                _ => Fault::NotText,
            },
        };
        Err(fault("specversion", rule))
    }

    fn data(&self, body: &Bytes, strictness: Strictness) -> Result<Option<Data>, Rejection> {
        let base64 = self.data_base64.filter(|raw| raw.kind != Kind::Null);
        match (self.data, base64) {
            (Some(data), Some(_)) if data.kind != Kind::Null => Err(reject("data_base64", Reason::BothData)),
            (_, Some(raw)) => decode_base64(raw).map(|bytes| Some(Data::Binary(bytes))),
            (Some(raw), None) => self.json_data(raw, body, strictness).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The payload from member `data`: JSON unchanged, or the content of a string for another type.
    fn json_data(&self, raw: Raw<'_>, body: &Bytes, strictness: Strictness) -> Result<Data, Rejection> {
        let json = || Data::Json(body.slice(raw.start..raw.start + raw.text.len()));
        let content_type = self.attributes.iter().find(|(name, _)| name.as_str() == "datacontenttype");
        let Some(text) = content_type.and_then(|(_, value)| value.as_text()) else {
            return Ok(json());
        };
        let Some(media_type) = MediaType::parse(text) else {
            return Err(fault("datacontenttype", Fault::MediaType));
        };
        if media_type.is_json() {
            return Ok(json());
        }
        match raw.kind {
            Kind::String => text_data(raw, body),
            // Nothing was encoded, so passing it on loses nothing.
            _ if strictness == Strictness::Lenient => Ok(json()),
            _ => Err(reject("data", Reason::DataNotText)),
        }
    }
}

/// The content of a string; shares the body's memory if the string has no escapes.
fn text_data(raw: Raw<'_>, body: &Bytes) -> Result<Data, Rejection> {
    match raw.content() {
        Ok(Cow::Borrowed(text)) => Ok(Data::Text(body.slice(raw.start + 1..raw.start + 1 + text.len()))),
        Ok(Cow::Owned(text)) => Ok(Data::Text(text.into())),
        Err(_) => Err(reject("data", Reason::Surrogate)),
    }
}

/// The value of an attribute; `None` for null.
fn attribute_value(raw: Raw<'_>) -> Result<Option<Value>, Reason> {
    let type_fault = |text| Reason::Attribute(Fault::Type(text));
    match raw.kind {
        Kind::Null => Ok(None),
        Kind::Boolean => Ok(Some(Value::Boolean(raw.text == "true"))),
        Kind::Number => raw
            .text
            .parse()
            .map(|number| Some(Value::Integer(number)))
            .map_err(|_| type_fault("must be a whole number of 32 bits, without fraction or exponent")),
        Kind::String => {
            let text = raw.content().map_err(|_| Reason::Surrogate)?;
            Value::text(&text).map(Some).map_err(|error| Reason::Attribute(Fault::Value(error)))
        }
        Kind::Object | Kind::Array => Err(type_fault("must be text, a whole number or a boolean")),
    }
}

fn decode_base64(raw: Raw<'_>) -> Result<Bytes, Rejection> {
    let text = (raw.kind == Kind::String).then(|| raw.content().ok()).flatten();
    text.and_then(|text| STANDARD.decode(text.as_bytes()).ok())
        .map(Bytes::from)
        .ok_or_else(|| reject("data_base64", Reason::Base64))
}
