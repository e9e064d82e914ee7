//! `/api/v1/`: where the resources are; public.

use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::fields::json_answer;
use crate::Api;

/// Lists the addresses of the resources.
pub async fn root(State(api): State<Api>, headers: HeaderMap) -> impl IntoResponse {
    let base = format!("{}/api/v1", api.public_url(&headers));
    json_answer(
        StatusCode::OK,
        &json!({
            "abonnement": format!("{base}/abonnement"),
            "kanaal": format!("{base}/kanaal"),
            "cloudevents": format!("{base}/cloudevents"),
        }),
    )
}

/// The root is the one path with a slash at its end.
pub async fn redirect(State(api): State<Api>, headers: HeaderMap) -> impl IntoResponse {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, format!("{}/api/v1/", api.public_url(&headers)))])
}
