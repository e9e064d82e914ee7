//! The refusals of the Notificaties API, in Dutch. How they are written out is the face [`web::Face::Zgw`].
//!
//! Validation of a notificatie answers otherwise: a bare map of texts by field, see [`bare_map`].

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use management::Error;
use model::decide::Rejection;
use serde_json::{Map, Value, json};

use web::problem::{Problem, ProblemType};

/// One entry of `invalidParams`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidParam {
    /// The field, dotted, camelCase.
    pub name: String,
    /// The rule, as a code.
    pub code: &'static str,
    /// The rule, in Dutch.
    pub reason: String,
}

impl InvalidParam {
    /// The rule that a field breaks.
    pub fn new(name: impl Into<String>, code: &'static str, reason: impl Into<String>) -> Self {
        Self { name: name.into(), code, reason: reason.into() }
    }
}

/// 400 with `invalidParams`.
pub fn invalid(params: &[InvalidParam]) -> Problem {
    let params: Vec<Value> =
        params.iter().map(|param| json!({"name": param.name, "code": param.code, "reason": param.reason})).collect();
    Problem::new(ProblemType::InvalidRequest, "Ongeldige invoerwaarde.")
        .with_zgw_code("invalid")
        .with_member("invalidParams", params.into())
}

/// 400: the body is no JSON.
pub fn parse_error(why: &str) -> Problem {
    let why = why.strip_prefix("JSON parse error - ").unwrap_or(why);
    Problem::new(ProblemType::InvalidJson, format!("JSON parse error - {why}")).with_zgw_code("parse_error")
}

/// 403 of a caller that is known but may not.
pub fn permission_denied() -> Problem {
    Problem::forbidden("Je hebt geen toestemming om deze actie uit te voeren.")
}

/// 404: there is no such resource.
pub fn not_found() -> Problem {
    Problem::not_found("Niet gevonden.")
}

/// An error of a use case, with the texts of this API for what is not there and what is not allowed.
pub fn of_management(error: Error) -> Problem {
    match error {
        Error::NotFound(_) | Error::Rejected(Rejection::UnknownKanaal(_)) => not_found(),
        Error::Forbidden(_) => permission_denied(),
        other => other.into(),
    }
}

/// 400 as validation of a notificatie answers: texts by field, no codes.
pub fn bare_map(fields: Map<String, Value>) -> Response {
    let body = Value::Object(fields).to_string();
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
