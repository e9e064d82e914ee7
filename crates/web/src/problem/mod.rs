//! Problem documents (RFC 9457): how a refusal is answered, and the one map from the errors of the crates below.
//!
//! A [`Problem`] travels in the extensions of a response. [`crate::edge`] writes it out in the face of the route
//! ([`crate::Face`]), so that a handler does not know the form of the document.

pub mod kind;
mod map;
pub mod publishing;

use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
};

use axum::response::{IntoResponse, Response};
use compact_str::CompactString;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::kind::ProblemType;

/// A rule that a member of the input breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// The member (JSON member, attribute, header or query parameter).
    pub member: String,
    /// The rule.
    pub rule: String,
    /// Where in the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

impl Fault {
    /// The rule that `member` breaks.
    pub fn new(member: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { member: member.into(), rule: rule.into(), pointer: None }
    }

    /// Adds the place in the body.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

/// A refusal, as it is answered.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

/// The contents of a [`Problem`].
#[derive(Debug, Clone)]
pub struct Details {
    /// The type, which decides status and title.
    pub kind: ProblemType,
    /// The HTTP status, that of its type unless set otherwise.
    pub status: StatusCode,
    /// The title, that of its type unless it is in another language.
    pub title: Cow<'static, str>,
    /// Why this request was refused, as a sentence.
    pub detail: String,
    /// The members that break a rule.
    pub errors: Vec<Fault>,
    /// Members of this problem beside those of RFC 9457.
    pub extra: Map<String, Value>,
    /// Headers that the answer has because of this problem.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The code on the paths of the Notificaties API, where it is not the one of the status.
    pub zgw_code: Option<&'static str>,
    /// The client that is refused, for the log line and the audit trail only.
    pub client: Option<CompactString>,
    /// The client that a refused token names, not verified, and why it is refused, for the audit trail only.
    pub token: Option<(CompactString, &'static str)>,
}

impl Problem {
    /// A problem of this type, with its status and title.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            status: kind.status(),
            title: Cow::Borrowed(kind.title()),
            detail: detail.into(),
            errors: Vec::new(),
            extra: Map::new(),
            headers: Vec::new(),
            zgw_code: None,
            client: None,
            token: None,
        }))
    }

    /// 400: the request breaks these rules.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.member, one.rule),
            many => format!("The request breaks {} rules.", many.len()),
        };
        Self::new(ProblemType::InvalidRequest, detail).with_errors(errors)
    }

    /// 401 with the challenge.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Unauthenticated, detail)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Forbidden, detail)
    }

    /// 404: nothing that the caller may see.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::NotFound, detail)
    }

    /// 410: the resource existed before.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Gone, detail)
    }

    /// 412: `If-Match` does not fit.
    pub fn precondition_failed() -> Self {
        Self::new(
            ProblemType::PreconditionFailed,
            "If-Match names another version than the present one; read it again.",
        )
    }

    /// 428: `If-Match` is missing.
    pub fn precondition_required() -> Self {
        Self::new(
            ProblemType::PreconditionRequired,
            "Say in If-Match which state this is about: the ETag of the answer that showed it.",
        )
        .fault("If-Match", "is required")
    }

    /// 413: the body has more than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(ProblemType::TooLarge, format!("The body is larger than {limit} bytes."))
            .with_errors(vec![Fault::new("body", format!("must have at most {limit} bytes"))])
    }

    /// 415: a body that is not read.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::UnsupportedMediaType, detail)
    }

    /// 503 with `Retry-After`, in whole seconds, at least 1.
    pub fn unavailable(detail: impl Into<String>, retry_after: std::time::Duration) -> Self {
        Self::new(ProblemType::Unavailable, detail).with_retry_after(retry_after)
    }

    /// 500: our fault. The detail has nothing of the cause; the log has.
    pub fn internal() -> Self {
        Self::new(ProblemType::Internal, "The gateway failed; its log says how.")
    }

    /// The title in another language than English.
    #[must_use]
    pub fn with_title(mut self, title: &'static str) -> Self {
        self.title = Cow::Borrowed(title);
        self
    }

    /// Another status than that of the type.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds a broken rule.
    #[must_use]
    pub fn fault(mut self, member: impl Into<String>, rule: impl Into<String>) -> Self {
        self.errors.push(Fault::new(member, rule));
        self
    }

    /// Replaces the broken rules.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds a header of the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a member of the document.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }

    /// The code on the paths of the Notificaties API.
    #[must_use]
    pub fn with_zgw_code(mut self, code: &'static str) -> Self {
        self.zgw_code = Some(code);
        self
    }

    /// The client that a refused token names, not verified, and why it is refused, for the audit trail only.
    #[must_use]
    pub fn with_token(mut self, client: CompactString, reason: &'static str) -> Self {
        self.token = Some((client, reason));
        self
    }

    /// The client that is refused, for the log line and the audit trail only.
    #[must_use]
    pub fn with_client(mut self, client: CompactString) -> Self {
        self.client = Some(client);
        self
    }

    /// `Retry-After`, rounded up to whole seconds, at least 1.
    #[must_use]
    pub fn with_retry_after(self, wait: std::time::Duration) -> Self {
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The body in the native shape.
    pub fn document(&self, instance: &str) -> Value {
        let mut document = Map::new();
        document.insert("type".into(), self.kind.urn().into());
        document.insert("title".into(), self.title.as_ref().into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("detail".into(), self.detail.as_str().into());
        document.insert("instance".into(), instance.into());
        if !self.errors.is_empty() {
            document.insert("errors".into(), serde_json::to_value(&self.errors).unwrap_or_default());
        }
        document.extend(self.extra.clone());
        Value::Object(document)
    }
}

/// The shape of a problem document, for the API description.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// `urn:nl-gov-event-gateway:problem:<name>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem it is.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here.
    pub detail: String,
    /// This occurrence, `urn:uuid:…`.
    pub instance: String,
    /// Rules that were broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl Deref for Problem {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_document_names_member_and_rule_adr_17() {
        let problem = Problem::invalid(vec![Fault::new("naam", "is required").at("/naam")]);
        let document = problem.document("urn:uuid:1");
        assert_eq!(document["type"], "urn:nl-gov-event-gateway:problem:invalid-request");
        assert_eq!(document["status"], 400);
        assert_eq!(document["errors"][0]["member"], "naam");
        assert_eq!(document["errors"][0]["pointer"], "/naam");
    }

    #[test]
    fn unavailable_storage_says_when_to_come_back() {
        let error =
            storage::Error::Unavailable { reason: "disk full".into(), retry_after: Duration::from_millis(1_500) };
        let problem = Problem::from(error);
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(problem.headers, [(header::RETRY_AFTER, HeaderValue::from(2_u64))]);
        assert!(!problem.detail.contains("disk"), "nothing of the machine in the answer (ADR-07)");
    }
}
