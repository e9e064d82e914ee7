//! Why an input is no event: one error for all CloudEvents forms.

mod dutch;

use std::borrow::Cow;

use compact_str::CompactString;
use model::event::{EventError, Fault};

use crate::json::SyntaxError;

/// Why an input was refused: which member broke which rule, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct Rejection {
    /// The attribute or member at fault; `body` when it is the input as a whole.
    pub member: CompactString,
    /// Where it stands.
    pub place: Place,
    /// The rule.
    pub reason: Reason,
    /// What else is wrong with the same event, each member once (ADR-19).
    pub more: Vec<Rejection>,
}

/// Where something stands in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a JSON body, as a JSON pointer (RFC 6901); empty for the whole.
    Pointer(String),
    /// In the header of this name.
    Header(CompactString),
    /// In a body that is not JSON.
    Body,
}

/// The rule that was broken.
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
    /// `data` is no string though `datacontenttype` is not JSON (CE-JSON-22); strict only.
    #[error("must be a string, since datacontenttype is not JSON")]
    DataNotText,
    /// The payload is no JSON though its content type says so (CE-JSON-14); strict only.
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

/// The type that a documented extension attribute has.
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

    /// This one and all others.
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

    /// The place as one text: a JSON pointer, `header <name>` or `body`.
    pub fn place_text(&self) -> String {
        match &self.place {
            Place::Pointer(pointer) if pointer.is_empty() => "body".into(),
            Place::Pointer(pointer) => pointer.clone(),
            Place::Header(name) => format!("header {name}"),
            Place::Body => "body".into(),
        }
    }
}

/// The fault of an attribute at a place that `place` makes of its name.
pub(crate) fn at_attribute(error: EventError, place: impl FnOnce(&str) -> Place) -> Rejection {
    let place = place(&error.member);
    Rejection { member: error.member, place, reason: Reason::Attribute(error.fault), more: Vec::new() }
}

/// Most things that are told of one event.
const MOST: usize = 20;

/// What is wrong with an event, while it is read.
#[derive(Debug, Default)]
pub(crate) struct Rejections(Vec<Rejection>);

impl Rejections {
    /// Takes note; of each member only the first.
    pub(crate) fn add(&mut self, rejection: Rejection) {
        if self.0.len() < MOST && self.0.iter().all(|known| known.member != rejection.member) {
            self.0.push(rejection);
        }
    }

    /// The value, or takes note of why there is none.
    pub(crate) fn note<T>(&mut self, result: Result<T, Rejection>) -> Option<T> {
        result.map_err(|rejection| self.add(rejection)).ok()
    }

    /// The first, with the others in it; `None` when nothing is wrong.
    pub(crate) fn leading(self) -> Option<Rejection> {
        let mut list = self.0.into_iter();
        list.next().map(|first| Rejection { more: list.collect(), ..first })
    }
}

/// `name` as one step of a JSON pointer.
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
