//! `OPTIONS` as deployed clients expect it: refused on the resources whatever the token, and on `/notificaties` a
//! description of what can be posted. A preflight of a browser is answered before, and nothing here is consent.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use web::problem::Problem;

use super::{fields::json_answer, problem};

/// Refuses `OPTIONS` with 403: no scope allows it.
pub async fn refuse() -> Problem {
    problem::permission_denied()
}

/// The description of `POST /notificaties`.
pub async fn notificaties() -> Response {
    metadata("Notificatie", "Publiceer een notificatie op een kanaal.")
}

/// The description of `POST /callbacks`.
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
