//! Errors as the outside sees them: one problem document (RFC 9457) and the one map from every error of the
//! crates below to it.
//!
//! A [`Problem`] travels in the response's extensions and is written out by [`crate::inbound::outer`], which knows
//! whether the path wants the native or the Notificaties API shape (`api::zgw::problem`).

use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
};

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use model::decide::Rejection;
use serde::Serialize;
use serde_json::{Map, Value};

/// The prefix of every problem type.
pub const TYPE_PREFIX: &str = "urn:nl-gov-event-gateway:problem:";

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

    /// The same with the place in the body.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

/// A refusal, as told to the client.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

/// What a [`Problem`] tells.
#[derive(Debug, Clone)]
pub struct Details {
    /// The HTTP status.
    pub status: StatusCode,
    /// The last part of the problem type.
    pub name: &'static str,
    /// What kind of problem it is, the same for all of its type.
    pub title: Cow<'static, str>,
    /// What happened here.
    pub detail: String,
    /// Rules that were broken.
    pub errors: Vec<Fault>,
    /// Further members.
    pub extra: Map<String, Value>,
    /// Headers of the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The code on the paths of the Notificaties API, where it is not the one of the status.
    pub zgw_code: Option<&'static str>,
}

impl Problem {
    /// A problem of type `name`.
    pub fn new(
        status: StatusCode,
        name: &'static str,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            status,
            name,
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            extra: Map::new(),
            headers: Vec::new(),
            zgw_code: None,
        }))
    }

    /// 400: the request breaks these rules.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.member, one.rule),
            many => format!("The request breaks {} rules.", many.len()),
        };
        Self::new(StatusCode::BAD_REQUEST, "invalid-request", "Invalid request", detail).with_errors(errors)
    }

    /// 400 for something that has no member to name.
    pub fn bad_request(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, "Invalid request", detail)
    }

    /// 401 with the challenge.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "No valid token", detail)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 409.
    pub fn conflict(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, name, "Conflict with the present state", detail)
    }

    /// 410.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "gone", "No longer there", detail)
    }

    /// 412.
    pub fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
            "It was changed in the meantime",
            "If-Match names another version than the present one; read it again.",
        )
    }

    /// 413: the body has more than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Body too large",
            format!("The body is larger than {limit} bytes."),
        )
        .with_errors(vec![Fault::new("body", format!("must have at most {limit} bytes"))])
    }

    /// 415.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type", detail)
    }

    /// 503 with `Retry-After`, in whole seconds, at least 1.
    pub fn unavailable(detail: impl Into<String>, retry_after: std::time::Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable", detail)
            .with_retry_after(retry_after)
    }

    /// 500: our fault; the detail says nothing about it, the log does.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            "The gateway failed; its log says how.",
        )
    }

    /// One more broken rule.
    #[must_use]
    pub fn fault(mut self, member: impl Into<String>, rule: impl Into<String>) -> Self {
        self.errors.push(Fault::new(member, rule));
        self
    }

    /// These broken rules.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// One more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// One more member.
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

    /// `Retry-After`, rounded up to whole seconds, at least 1.
    #[must_use]
    pub fn with_retry_after(self, wait: std::time::Duration) -> Self {
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The body in the native shape.
    pub fn document(&self, instance: &str) -> Value {
        let mut document = Map::new();
        document.insert("type".into(), format!("{TYPE_PREFIX}{}", self.name).into());
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

impl From<storage::Error> for Problem {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable { reason, retry_after } => {
                tracing::warn!(%reason, "storage is unavailable");
                Self::unavailable("Storage did not confirm this; it is not accepted. Send it again later.", retry_after)
            }
            storage::Error::TooLarge { limit, .. } => Self::too_large(limit),
            other => {
                tracing::error!(error = %other, "storage failed");
                Self::unavailable(
                    "Storage did not confirm this; it is not accepted. Send it again later.",
                    std::time::Duration::from_secs(10),
                )
            }
        }
    }
}

impl From<crate::secrets::Error> for Problem {
    fn from(error: crate::secrets::Error) -> Self {
        tracing::error!(%error, "a secret cannot be sealed or opened");
        Self::internal()
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let text = rejection.to_string();
        match rejection {
            Rejection::KanaalExists(_) => Self::conflict("kanaal-exists", text),
            Rejection::UnknownKanaal(_) => {
                Self::bad_request("unknown-kanaal", text.clone()).with_errors(vec![Fault::new("kanalen", text)])
            }
            Rejection::KanaalInUse { .. } => Self::conflict("kanaal-in-use", text),
            Rejection::SubscriptionExists(_) => Self::conflict("subscription-exists", text),
            Rejection::UnknownSubscription(_)
            | Rejection::UnknownRun(_)
            | Rejection::UnknownSchema(_)
            | Rejection::NotCovered { .. } => Self::not_found(text),
            Rejection::Conflict(_) => Self::precondition_failed(),
            Rejection::OutOfDate(_) => Self::conflict("out-of-date", text),
            Rejection::Gone(_) => Self::conflict("subscription-gone", text),
            Rejection::SchemaExists(_) => Self::conflict("schema-exists", text),
            Rejection::SchemaTaken { .. } => Self::conflict("schema-taken", text),
            Rejection::TooManySchemas => Self::conflict("too-many-schemas", text),
            Rejection::Expired(_) => Self::conflict("subscription-expired", text),
            Rejection::CreateKeyTaken(_) => Self::conflict("key-taken", text),
            Rejection::OlderRevision { .. } => Self::conflict("older-revision", text),
        }
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
