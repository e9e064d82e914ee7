//! Why an input is not an event: one error type for all CloudEvents formats.

mod dutch;

use std::borrow::Cow;

use compact_str::CompactString;
use model::event::{EventError, Fault};

use crate::json::SyntaxError;

/// The member that violates a rule, the rule, and the location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct Rejection {
    /// The invalid attribute or member; `body` for the input as a whole.
    pub member: CompactString,
    /// Its location.
    pub place: Place,
    /// The violated rule.
    pub reason: Reason,
    /// Further errors of the same event, at most one per member (ADR-19).
    pub more: Vec<Rejection>,
}

/// A location in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the body; empty for the whole body.
    Pointer(String),
    /// The header with this name.
    Header(CompactString),
    /// A body that is not JSON.
    Body,
}

/// The violated rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The text is no JSON (CE-JSON-25).
    #[error("{0}")]
    Json(SyntaxError),
    /// The JSON value is no object where an event must be one.
    #[error("an event in JSON format must be an object")]
    NotAnObject,
    /// The JSON value is no array where a batch must be one (CE-BATCH-01).
    #[error("a batch must be an array of events")]
    NotAnArray,
    /// A rule of CloudEvents core.
    #[error("{0}")]
    Attribute(Fault),
    /// An attribute with a registered type has a value of another one (CE-CTX-29, CE-CTX-33).
    #[error("must be {0}")]
    Registered(Registered),
    /// `data` and `data_base64` together (CE-JSON-15).
    #[error("data and data_base64 exclude each other")]
    BothData,
    /// `data_base64` is no standard base64 text (CE-JSON-19).
    #[error("must be base64 text (RFC 4648)")]
    Base64,
    /// `data` is not a string although `datacontenttype` is not JSON (CE-JSON-22); strict only.
    #[error("must be a string, since datacontenttype is not JSON")]
    DataNotText,
    /// The payload is not JSON although its content type is (CE-JSON-14); strict only.
    #[error("the content type is JSON, but {0}")]
    DataNotJson(SyntaxError),
    /// The payload is JSON in another encoding than UTF-8 (CE-KAFKA-23).
    #[error("JSON must be UTF-8")]
    Charset,
    /// A body without a content type (CE-WH-21).
    #[error("a body needs a Content-Type")]
    NoContentType,
    /// An unpaired surrogate (CE-CTX-32).
    #[error("an unpaired surrogate is no character")]
    Surrogate,
    /// `%` without two hexadecimal digits (CE-HTTP-28); strict only.
    #[error("a percent sign must be followed by two hexadecimal digits")]
    Percent,
    /// Bytes outside US-ASCII in a header value (CE-HTTP-29); strict only.
    #[error("a header value must be percent-encoded US-ASCII")]
    NotAscii,
    /// A header value is not UTF-8 after decoding (CE-HTTP-27).
    #[error("must be UTF-8")]
    Utf8,
    /// A header that repeats `Content-Type` under another name (CE-HTTP-09); strict only.
    #[error("must not be sent: Content-Type carries datacontenttype")]
    DatacontenttypeHeader,
    /// More attributes than the limit.
    #[error("more than {0} attributes")]
    TooManyAttributes(usize),
}

/// The type of a documented extension attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Registered {
    /// Binary.
    #[error("base64 text (RFC 4648)")]
    Binary,
    /// Timestamp.
    #[error("an RFC 3339 date and time with offset")]
    Timestamp,
}

impl Rejection {
    pub(crate) fn new(member: &str, place: Place, reason: Reason) -> Self {
        Self { member: CompactString::new(member), place, reason, more: Vec::new() }
    }

    /// This rejection and all in `more`.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.more)
    }

    /// The short name of the rule, for problem documents and metrics.
    pub fn rule(&self) -> &'static str {
        match &self.reason {
            Reason::Json(_) => "not-json",
            Reason::NotAnObject => "not-an-object",
            Reason::NotAnArray => "not-an-array",
            Reason::Attribute(fault) => match fault {
                Fault::Missing => "required",
                Fault::Empty => "empty",
                Fault::NotText => "not-text",
                Fault::Duplicate => "duplicate",
                Fault::Specversion => "unsupported-specversion",
                Fault::UriReference => "not-a-uri-reference",
                Fault::AbsoluteUri => "not-an-absolute-uri",
                Fault::Timestamp => "not-a-timestamp",
                Fault::MediaType => "not-a-media-type",
                Fault::Name(_) => "attribute-name",
                Fault::Value(_) => "attribute-value",
                Fault::Type(_) => "attribute-type",
            },
            Reason::Registered(_) => "registered-type",
            Reason::BothData => "data-and-data-base64",
            Reason::Base64 => "not-base64",
            Reason::DataNotText => "data-not-text",
            Reason::DataNotJson(_) => "data-not-json",
            Reason::Charset => "charset",
            Reason::NoContentType => "no-content-type",
            Reason::Surrogate => "unpaired-surrogate",
            Reason::Percent => "percent-encoding",
            Reason::NotAscii => "header-not-ascii",
            Reason::Utf8 => "not-utf-8",
            Reason::DatacontenttypeHeader => "ce-datacontenttype",
            Reason::TooManyAttributes(_) => "too-many-attributes",
        }
    }

    /// The rule in Dutch.
    pub fn text_nl(&self) -> Cow<'static, str> {
        dutch::text(&self.reason)
    }

    /// The location as text: a JSON pointer, `header <name>` or `body`.
    pub fn place_text(&self) -> String {
        match &self.place {
            Place::Pointer(pointer) if pointer.is_empty() => "body".into(),
            Place::Pointer(pointer) => pointer.clone(),
            Place::Header(name) => format!("header {name}"),
            Place::Body => "body".into(),
        }
    }
}

/// The rejection of an attribute, whose location `place` derives from its name.
pub(crate) fn at_attribute(error: EventError, place: impl FnOnce(&str) -> Place) -> Rejection {
    let place = place(&error.member);
    Rejection { member: error.member, place, reason: Reason::Attribute(error.fault), more: Vec::new() }
}

/// Most rejections reported for one event.
const MAX_REPORTED: usize = 20;

/// The rejections found while an event is read.
#[derive(Debug, Default)]
pub(crate) struct Rejections(Vec<Rejection>);

impl Rejections {
    /// Adds a rejection; only the first per member.
    pub(crate) fn add(&mut self, rejection: Rejection) {
        if self.0.len() < MAX_REPORTED && self.0.iter().all(|known| known.member != rejection.member) {
            self.0.push(rejection);
        }
    }

    /// The value, or `None` after adding the rejection.
    pub(crate) fn check<T>(&mut self, result: Result<T, Rejection>) -> Option<T> {
        result.map_err(|rejection| self.add(rejection)).ok()
    }

    /// The first rejection with the others in `more`; `None` if there are none.
    pub(crate) fn into_first(self) -> Option<Rejection> {
        let mut list = self.0.into_iter();
        list.next().map(|first| Rejection { more: list.collect(), ..first })
    }
}

/// `name` as one step of a JSON pointer.
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
