//! Decodes one event in binary mode.

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
    cloudevents::conclude,
    form::Form,
    json::{Scanner, SyntaxKind},
    rejection::{Place, Reason, Rejection, Rejections},
};

/// Decodes a message in binary mode from its body and all its headers, of which only `Content-Type` and those that
/// start with `ce-` (case-insensitive) count. An empty body is no payload (CE-HTTP-35).
pub fn decode<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    body: Bytes,
    strictness: Strictness,
    limits: &Limits,
) -> Result<Event, Rejection> {
    let mut draft = Draft { attributes: Vec::with_capacity(12), ..Draft::default() };
    let mut rejections = Rejections::default();
    for (header, raw) in headers {
        rejections.check(draft.take(header, raw, strictness, limits));
    }
    rejections.check(check_specversion(draft.specversion.as_deref()));
    let data = rejections.check(draft.payload(body, strictness, limits)).flatten();
    conclude(rejections, draft.attributes, data, header_of)
}

/// The attributes and errors found so far.
#[derive(Debug, Default)]
struct Draft<'h> {
    specversion: Option<Cow<'h, str>>,
    attributes: Vec<(AttributeName, Value)>,
    content_type: Option<&'h [u8]>,
}

impl<'h> Draft<'h> {
    fn take(
        &mut self,
        header: &'h str,
        raw: &'h [u8],
        strictness: Strictness,
        limits: &Limits,
    ) -> Result<(), Rejection> {
        if header.eq_ignore_ascii_case("content-type") {
            return match self.content_type.replace(raw) {
                None => Ok(()),
                Some(_) => Err(at_header("datacontenttype", Reason::Attribute(Fault::Duplicate))),
            };
        }
        let Some(name) = strip_prefix(header) else { return Ok(()) };
        let reject = |reason| Rejection::new(&name, Place::Header(header.into()), reason);
        if name == "datacontenttype" {
            return match strictness {
                Strictness::Strict => Err(reject(Reason::DatacontenttypeHeader)),
                Strictness::Lenient => Ok(()),
            };
        }
        let text = value::decode(raw, strictness).map_err(reject)?;
        if name == "specversion" {
            return match self.specversion.replace(text) {
                None => Ok(()),
                Some(_) => Err(reject(Reason::Attribute(Fault::Duplicate))),
            };
        }
        if self.attributes.len() >= limits.attributes {
            return Err(Rejection::new("body", Place::Body, Reason::TooManyAttributes(limits.attributes)));
        }
        let attribute = AttributeName::new(&name).map_err(|error| reject(Reason::Attribute(Fault::Name(error))))?;
        let value = Value::text(&text).map_err(|error| reject(Reason::Attribute(Fault::Value(error))))?;
        self.attributes.push((attribute, value));
        Ok(())
    }

    /// The payload; its content type becomes an attribute.
    fn payload(&mut self, body: Bytes, strictness: Strictness, limits: &Limits) -> Result<Option<Data>, Rejection> {
        let Some(raw) = self.content_type else {
            if body.is_empty() {
                return Ok(None);
            }
            return Err(Rejection::new("body", Place::Body, Reason::NoContentType));
        };
        let text = content_type_text(raw)?;
        let media_type =
            MediaType::parse(&text).ok_or_else(|| at_header("datacontenttype", Reason::Attribute(Fault::MediaType)))?;
        let data = data(&media_type, body, strictness, limits)?;
        self.attributes.push((datacontenttype()?, Value::Text(text)));
        Ok(data)
    }
}

/// The payload for a body of this type; `None` for an empty body.
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

/// The header of an attribute.
fn header_of(member: &str) -> Place {
    Place::Header(if member == "datacontenttype" {
        CompactString::const_new("content-type")
    } else {
        compact_str::format_compact!("ce-{member}")
    })
}
