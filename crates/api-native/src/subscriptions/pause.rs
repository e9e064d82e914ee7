//! `POST /v1/subscriptions/{id}/pause`: stops deliveries and keeps the position.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::{access, view::SubscriptionView};
use crate::Api;

/// Pauses a subscription; pausing a paused one changes nothing.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/pause", tag = "subscriptions", operation_id = "pauseSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "Paused", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Its sink is gone"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = api.management.pause_subscription(&caller.actor(), access::id_of(&id)?).await?;
    Ok(access::show(&api, StatusCode::OK, &subscription).await)
}
