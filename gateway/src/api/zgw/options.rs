//! `OPTIONS` as deployed clients know it: refused on the resources whatever the token, and on `/notificaties` a
//! description of what can be posted. A preflight of a browser is answered before, and nothing here is consent.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{fields::json_answer, problem};
use crate::problem::Problem;

/// No scope allows it.
pub async fn refuse() -> Problem {
    problem::permission_denied()
}

/// What `/notificaties` takes and gives.
pub async fn notificaties() -> Response {
    metadata("Notificatie", "Publiceer een notificatie op een kanaal.")
}

/// What `/callbacks` takes.
pub async fn callbacks() -> Response {
    metadata("Callback", "Ontvang een notificatie voor de gateway zelf.")
}

fn metadata(name: &str, description: &str) -> Response {
    let body = json!({
        "name": name,
        "description": description,
        "renders": ["application/json"],
        "parses": ["application/json"],
    });
    let allow = [(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"))];
    (allow, json_answer(StatusCode::OK, &body)).into_response()
}
