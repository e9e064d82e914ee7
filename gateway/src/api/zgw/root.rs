//! `/api/v1/`: where the resources are; public.

use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::fields::json_answer;
use crate::app::App;

/// The resources.
pub async fn root(State(app): State<App>, headers: HeaderMap) -> impl IntoResponse {
    let base = format!("{}/api/v1", app.public_url(&headers));
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
pub async fn redirect(State(app): State<App>, headers: HeaderMap) -> impl IntoResponse {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, format!("{}/api/v1/", app.public_url(&headers)))])
}
