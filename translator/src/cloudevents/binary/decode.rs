//! Reading one event in binary mode.

use std::borrow::Cow;

use bytes::Bytes;
use compact_str::CompactString;
use model::{
    AttributeName, Data, Event, Value,
    event::{Fault, SPECVERSION},
    media_type::MediaType,
};

use super::value;
use crate::{
    Limits, Strictness,
    cloudevents::registered,
    form::Form,
    json::{Scanner, SyntaxKind},
    rejection::{Place, Reason, Rejection, at_attribute},
};

/// Reads a message in binary mode: all its headers, of which only `Content-Type` and those that start with `ce-`
/// (any case) count, and its body. An empty body is no payload (CE-HTTP-35).
pub fn decode<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    body: Bytes,
    strictness: Strictness,
    limits: &Limits,
) -> Result<Event, Rejection> {
    let mut attributes = Vec::with_capacity(12);
    let mut specversion = None;
    let mut content_type = None;
    for (header, raw) in headers {
        if header.eq_ignore_ascii_case("content-type") {
            if content_type.replace(raw).is_some() {
                return Err(at_header("datacontenttype", Reason::Attribute(Fault::Duplicate)));
            }
            continue;
        }
        let Some(name) = strip_prefix(header) else { continue };
        let reject = |reason| Rejection::new(&name, Place::Header(header.into()), reason);
        if name == "datacontenttype" {
            match strictness {
                Strictness::Strict => return Err(reject(Reason::DatacontenttypeHeader)),
                Strictness::Lenient => continue,
            }
        }
        let text = value::decode(raw, strictness).map_err(reject)?;
        if name == "specversion" {
            if specversion.replace(text).is_some() {
                return Err(reject(Reason::Attribute(Fault::Duplicate)));
            }
            continue;
        }
        if attributes.len() >= limits.attributes {
            return Err(Rejection::new("body", Place::Body, Reason::TooManyAttributes(limits.attributes)));
        }
        let attribute = AttributeName::new(&name).map_err(|error| reject(Reason::Attribute(Fault::Name(error))))?;
        let value = Value::text(&text).map_err(|error| reject(Reason::Attribute(Fault::Value(error))))?;
        attributes.push((attribute, value));
    }
    check_specversion(specversion.as_deref())?;
    let data = match content_type {
        Some(raw) => {
            let text = content_type_text(raw)?;
            let media_type = MediaType::parse(&text)
                .ok_or_else(|| at_header("datacontenttype", Reason::Attribute(Fault::MediaType)))?;
            let data = data(&media_type, body, strictness, limits)?;
            attributes.push((datacontenttype()?, Value::Text(text)));
            data
        }
        None if body.is_empty() => None,
        None => return Err(Rejection::new("body", Place::Body, Reason::NoContentType)),
    };
    let event = Event::new(attributes, data).map_err(|error| at_attribute(error, header_of))?;
    match registered::check(&event, strictness) {
        Some((name, reason)) => Err(Rejection::new(name, header_of(name), reason)),
        None => Ok(event),
    }
}

/// The payload that a body of this type is; `None` for an empty body.
fn data(
    media_type: &MediaType<'_>,
    body: Bytes,
    strictness: Strictness,
    limits: &Limits,
) -> Result<Option<Data>, Rejection> {
    if body.is_empty() {
        return Ok(None);
    }
    let reject = |reason| Err(Rejection::new("data", Place::Body, reason));
    match Form::of_type(Some(media_type)) {
        Form::Json => {}
        Form::Text if std::str::from_utf8(&body).is_ok() => return Ok(Some(Data::Text(body))),
        Form::Text | Form::Binary => return Ok(Some(Data::Binary(body))),
    }
    if !media_type.is_utf8() {
        return reject(Reason::Charset);
    }
    match Scanner::whole(&body, limits.depth) {
        Ok(_) => Ok(Some(Data::Json(body))),
        Err(error) if error.kind == SyntaxKind::Depth => reject(Reason::Json(error)),
        Err(error) if strictness == Strictness::Strict => reject(Reason::DataNotJson(error)),
        Err(_) => Ok(Some(Data::Binary(body))),
    }
}

/// The attribute name behind the prefix `ce-`, in lower case; `None` for other headers.
fn strip_prefix(header: &str) -> Option<Cow<'_, str>> {
    let (prefix, name) = header.split_at_checked(3)?;
    if !prefix.eq_ignore_ascii_case("ce-") {
        return None;
    }
    let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_lower { Cow::Borrowed(name) } else { Cow::Owned(name.to_ascii_lowercase()) })
}

fn check_specversion(text: Option<&str>) -> Result<(), Rejection> {
    let fault = match text {
        Some(SPECVERSION) => return Ok(()),
        None => Fault::Missing,
        Some("") => Fault::Empty,
        Some(_) => Fault::Specversion,
    };
    Err(at_header("specversion", Reason::Attribute(fault)))
}

fn content_type_text(raw: &[u8]) -> Result<CompactString, Rejection> {
    let text = std::str::from_utf8(raw.trim_ascii()).map_err(|_| at_header("datacontenttype", Reason::Utf8))?;
    let legal = model::attribute::check_text(text);
    legal.map_err(|error| at_header("datacontenttype", Reason::Attribute(Fault::Value(error))))?;
    Ok(text.into())
}

fn datacontenttype() -> Result<AttributeName, Rejection> {
    AttributeName::new("datacontenttype")
        .map_err(|error| at_header("datacontenttype", Reason::Attribute(Fault::Name(error))))
}

fn at_header(member: &str, reason: Reason) -> Rejection {
    Rejection::new(member, header_of(member), reason)
}

/// The header that carries an attribute.
fn header_of(member: &str) -> Place {
    Place::Header(if member == "datacontenttype" {
        CompactString::const_new("content-type")
    } else {
        compact_str::format_compact!("ce-{member}")
    })
}
