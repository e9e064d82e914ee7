//! An event in the gateway: a CloudEvent with its attributes in their original order and types, and the payload as the
//! publisher's bytes.
//!
//! [`Event::new`] is the only constructor, so that every `Event` obeys CloudEvents 1.0 core (CE-CTX-01 to CE-CTX-36).
//! Findings of the NL GOV profile are not errors; see [`crate::profile`].

use bytes::Bytes;
use compact_str::{CompactString, format_compact};
use fluent_uri::{Uri, UriRef};
use uuid::Uuid;

use crate::{
    AttributeName, Timestamp, Value,
    attribute::{NameError, ValueError},
    media_type::MediaType,
};

/// The only supported version of CloudEvents (CE-CTX-13, CE-CTX-14).
pub const SPECVERSION: &str = "1.0";

/// A valid CloudEvent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `id`, `source`, `type` and the other attributes in their original order; without `specversion`.
    attributes: Vec<(AttributeName, Value)>,
    data: Option<Data>,
}

/// A payload: the publisher's bytes, and how an event format represents them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A JSON value as text, with its original white space and number format.
    Json(Bytes),
    /// UTF-8 text of a type other than JSON; a string in the JSON format.
    Text(Bytes),
    /// Other bytes; base64 in the JSON format.
    Binary(Bytes),
}

impl Data {
    /// The payload as the body of a binary message.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Json(bytes) | Self::Text(bytes) | Self::Binary(bytes) => bytes,
        }
    }
}

/// The form in which an event was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PublishedAs {
    /// A classic ZGW notification; the payload is that notification, byte for byte.
    Notificatie,
    /// A CloudEvent.
    CloudEvent,
}

/// An event with the circumstances of its receipt; one entry of the log of a kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedEvent {
    /// The event itself.
    pub event: Event,
    /// The form in which it was published.
    pub published_as: PublishedAs,
    /// When the gateway received it; `None` for a record of another producer.
    pub received: Option<Timestamp>,
    /// The `client_id` of the publisher, if known.
    pub publisher: Option<CompactString>,
}

/// The member that makes a CloudEvent invalid, and the violated rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {fault}")]
pub struct EventError {
    /// The attribute, or the text of an invalid name.
    pub member: CompactString,
    /// The violated rule.
    pub fault: Fault,
}

/// A violated rule of CloudEvents core.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A required attribute is not there (CE-CTX-01..04).
    #[error("is required")]
    Missing,
    /// The value is empty where it must not be (CE-CTX-05..08, 20, 21).
    #[error("must not be empty")]
    Empty,
    /// The value is not text where it must be (CE-CTX-05..08, 21, 22).
    #[error("must be text")]
    NotText,
    /// It is there twice (CE-CTX-28).
    #[error("appears more than once")]
    Duplicate,
    /// Not version 1.0 (CE-CTX-13).
    #[error("must be \"1.0\"")]
    Specversion,
    /// Not an RFC 3986 URI-reference (CE-CTX-09).
    #[error("must be a URI-reference (RFC 3986)")]
    UriReference,
    /// Not an absolute URI (CE-CTX-20).
    #[error("must be an absolute URI (RFC 3986)")]
    AbsoluteUri,
    /// Not an RFC 3339 timestamp (CE-CTX-22).
    #[error("must be an RFC 3339 date and time with offset")]
    Timestamp,
    /// Not a media type (CE-CTX-16).
    #[error("must be a media type (RFC 2046)")]
    MediaType,
    /// The name is illegal (CE-CTX-24, 26, 27).
    #[error("{0}")]
    Name(NameError),
    /// The value is illegal (CE-CTX-31, 32).
    #[error("{0}")]
    Value(ValueError),
    /// The JSON value cannot be an attribute value (CE-CTX-30, CE-CTX-34).
    #[error("{0}")]
    Type(&'static str),
}

impl EventError {
    /// The violation of a rule by `member`.
    pub fn new(member: &str, fault: Fault) -> Self {
        Self { member: CompactString::new(member), fault }
    }
}

impl Event {
    /// Checks attributes and payload by the rules of CloudEvents core.
    ///
    /// `attributes` are all attributes in order, without `specversion`, which the caller has checked.
    ///
    /// # Errors
    /// The first violation.
    pub fn new(attributes: Vec<(AttributeName, Value)>, data: Option<Data>) -> Result<Self, EventError> {
        Self::checked(attributes, data).map_err(|(first, _)| first)
    }

    /// As [`Self::new`], with all violations as the error: the first, and the others in the order of the attributes
    /// (ADR-19).
    pub fn checked(
        attributes: Vec<(AttributeName, Value)>,
        data: Option<Data>,
    ) -> Result<Self, (EventError, Vec<EventError>)> {
        let mut faults = faults(&attributes);
        if let Some(first) = faults.next() {
            return Err((first, faults.collect()));
        }
        drop(faults);
        Ok(Self { attributes, data })
    }

    /// `id`: identifies the event together with `source`.
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// `source`: the context in which the event happened.
    pub fn source(&self) -> &str {
        self.text("source").unwrap_or_default()
    }

    /// `type`: what happened.
    pub fn kind(&self) -> &str {
        self.text("type").unwrap_or_default()
    }

    /// `subject`, if set.
    pub fn subject(&self) -> Option<&str> {
        self.text("subject")
    }

    /// The payload; `None` if there is none, which differs from a JSON null.
    pub fn datacontenttype(&self) -> Option<&str> {
        self.text("datacontenttype")
    }

    /// The attributes in their original order, without `specversion`.
    pub fn attributes(&self) -> &[(AttributeName, Value)] {
        &self.attributes
    }

    /// The value of an attribute other than `specversion`.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(own, _)| own.as_str() == name).map(|(_, value)| value)
    }

    /// The payload; `None` when the event has none (which differs from a JSON null).
    pub fn data(&self) -> Option<&Data> {
        self.data.as_ref()
    }

    /// The partition key, which keeps events of one object in order: `partitionkey`, else `hoofdobject`, else
    /// `subject`, else `source` (MAP-14).
    pub fn key(&self) -> &str {
        ["partitionkey", "hoofdobject", "subject", "source"]
            .iter()
            .find_map(|name| self.text(name).filter(|text| !text.is_empty()))
            .unwrap_or_default()
    }

    /// The same event with fewer attributes, and without payload unless `data`. The required attributes stay,
    /// whatever `keep` says.
    #[must_use]
    pub fn without_undisclosed(&self, keep: impl Fn(&str) -> bool, data: bool) -> Self {
        let stays = |name: &str| matches!(name, "id" | "source" | "type") || keep(name);
        let attributes = self.attributes.iter().filter(|(name, _)| stays(name.as_str())).cloned();
        Self { attributes: attributes.collect(), data: self.data.clone().filter(|_| data) }
    }

    /// The same event with another `id`: a new event with the same content.
    #[must_use]
    pub fn with_id(&self, id: Uuid) -> Self {
        let mut attributes = self.attributes.clone();
        // Every event has an id, and a UUID is a valid one.
        for (_, value) in attributes.iter_mut().filter(|(name, _)| name.as_str() == "id") {
            *value = Value::Text(format_compact!("{id}"));
        }
        Self { attributes, data: self.data.clone() }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attribute(name).and_then(Value::as_text)
    }
}

/// The missing attributes, then the violations of the present ones.
fn faults(attributes: &[(AttributeName, Value)]) -> impl Iterator<Item = EventError> {
    let missing = |required: &&str| !attributes.iter().any(|(name, _)| name.as_str() == *required);
    let missing = ["id", "source", "type"].into_iter().filter(missing);
    let mut seen = 0;
    let broken = attributes.iter().enumerate().filter_map(move |(at, (name, value))| {
        // A name whose mark is new cannot be a repeat, so few names are compared with all earlier ones.
        let mark = mark(name.as_str());
        let may_repeat = seen & mark != 0;
        seen |= mark;
        let fault = if may_repeat && attributes[..at].iter().any(|(earlier, _)| earlier == name) {
            Fault::Duplicate
        } else {
            check_attribute(name.as_str(), value).err()?
        };
        Some(EventError::new(name.as_str(), fault))
    });
    missing.map(|required| EventError::new(required, Fault::Missing)).chain(broken)
}

/// One of 64 bits for a name; different names may share a bit.
fn mark(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let ends = bytes.first().zip(bytes.last()).map_or(0, |(first, last)| u32::from(*first) * 5 + u32::from(*last));
    1 << ((ends + 7 * bytes.len() as u32) % u64::BITS)
}

/// Checks the rules of core and documented extensions for one attribute; [`Event::new`] applies them to all.
pub fn check_attribute(name: &str, value: &Value) -> Result<(), Fault> {
    let named = matches!(
        name,
        "id" | "source"
            | "type"
            | "subject"
            | "time"
            | "datacontenttype"
            | "dataschema"
            | "dataref"
            | "sequence"
            | "sequencetype"
            | "partitionkey"
    );
    if !named {
        return Ok(());
    }
    let text = value.as_text().ok_or(Fault::NotText)?;
    if text.is_empty() {
        return Err(if name == "datacontenttype" { Fault::MediaType } else { Fault::Empty });
    }
    match name {
        "source" | "dataref" if UriRef::parse(text).is_err() => Err(Fault::UriReference),
        "dataschema" if Uri::parse(text).is_err() => Err(Fault::AbsoluteUri),
        "time" if !is_rfc3339(text) => Err(Fault::Timestamp),
        "datacontenttype" if MediaType::parse(text).is_none() => Err(Fault::MediaType),
        _ => Ok(()),
    }
}

fn is_rfc3339(text: &str) -> bool {
    matches!(text.as_bytes().get(10), Some(b'T' | b't')) && Timestamp::parse_rfc3339(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(extra: &[(&str, &str)]) -> Result<Event, EventError> {
        let mut attributes = vec![("id", "1"), ("source", "/s"), ("type", "t")];
        for (name, value) in extra {
            attributes.retain(|(own, _)| own != name);
            attributes.push((name, value));
        }
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
            .collect();
        Event::new(attributes, None)
    }

    fn fault(name: &str, value: &str) -> Option<Fault> {
        event(&[(name, value)]).err().map(|error| error.fault)
    }

    #[test]
    fn sources_ce_ctx_09() {
        for good in
            ["urn:nld:oin:00000001823288444000:systeem:BRP-component", "/a/b", "1-555-123-4567", "mailto:x@y.nl", "oz"]
        {
            assert_eq!(fault("source", good), None, "{good}");
        }
        for bad in ["http://[bad", "a b", "%zz"] {
            assert_eq!(fault("source", bad), Some(Fault::UriReference), "{bad}");
        }
        assert_eq!(fault("source", ""), Some(Fault::Empty));
    }

    #[test]
    fn dataschema_ce_ctx_20() {
        assert_eq!(fault("dataschema", "https://x.nl/s.json"), None);
        assert_eq!(fault("dataschema", "urn:x:y"), None);
        assert_eq!(fault("dataschema", ""), Some(Fault::Empty));
        assert_eq!(fault("dataschema", "/relative"), Some(Fault::AbsoluteUri));
        assert_eq!(fault("dataschema", "https:// x"), Some(Fault::AbsoluteUri));
    }

    #[test]
    fn times_ce_ctx_22() {
        for good in ["2018-04-05T17:31:00Z", "2018-04-05T17:31:00.123456789+02:00", "2018-04-05t17:31:00z"] {
            assert_eq!(fault("time", good), None, "{good}");
        }
        for bad in ["2018-04-05", "2018-04-05 17:31", "2018-04-05 17:31:00Z", "2018-13-01T00:00:00Z", "x"] {
            assert_eq!(fault("time", bad), Some(Fault::Timestamp), "{bad}");
        }
    }

    #[test]
    fn media_types_ce_ctx_16() {
        assert_eq!(fault("datacontenttype", "application/json; charset=utf-8"), None);
        for bad in ["json", "application/", ""] {
            assert_eq!(fault("datacontenttype", bad), Some(Fault::MediaType), "{bad}");
        }
    }

    #[test]
    fn required_ce_ctx_01_to_04() {
        let error = Event::new(vec![], None).unwrap_err();
        assert_eq!(error, EventError::new("id", Fault::Missing));
    }

    #[test]
    fn non_text_core_attributes_are_refused() {
        let attributes = vec![
            (AttributeName::new("id").unwrap(), Value::Integer(5)),
            (AttributeName::new("source").unwrap(), Value::text("/s").unwrap()),
            (AttributeName::new("type").unwrap(), Value::text("t").unwrap()),
        ];
        assert_eq!(Event::new(attributes, None).unwrap_err(), EventError::new("id", Fault::NotText));
    }

    #[test]
    fn twice_is_refused_ce_ctx_28() {
        let twice = vec![
            (AttributeName::new("id").unwrap(), Value::text("1").unwrap()),
            (AttributeName::new("source").unwrap(), Value::text("s").unwrap()),
            (AttributeName::new("type").unwrap(), Value::text("t").unwrap()),
            (AttributeName::new("id").unwrap(), Value::text("2").unwrap()),
        ];
        assert_eq!(Event::new(twice, None).unwrap_err().fault, Fault::Duplicate);
    }

    #[test]
    fn keys_map_14() {
        assert_eq!(event(&[]).unwrap().key(), "/s");
        assert_eq!(event(&[("subject", "9")]).unwrap().key(), "9");
        assert_eq!(event(&[("subject", "9"), ("hoofdobject", "h")]).unwrap().key(), "h");
        assert_eq!(event(&[("hoofdobject", "h"), ("partitionkey", "p")]).unwrap().key(), "p");
    }
}
