//! `OPTIONS /v1/events`: the gateway as the target of another system's webhook (CE-WHV-01, CE-WHV-22..24).

use axum::extract::State;
use http::{HeaderMap, StatusCode};

use crate::Api;

/// Answer the handshake of a sender that wants to deliver here.
///
/// Consent headers are given only to origins on `target.allowed_origins`.
#[utoipa::path(
    options,
    path = "/v1/events",
    tag = "events",
    responses((status = 200, description = "Allow, and for an allowed origin WebHook-Allowed-Origin and -Rate"))
)]
pub async fn options(State(api): State<Api>, headers: HeaderMap) -> (StatusCode, HeaderMap) {
    (StatusCode::OK, api.consent.answer(&headers))
}
