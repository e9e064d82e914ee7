//! `GET /v1/subscriptions/{id}`: one subscription (CE-SUB-01).

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::{access, view::SubscriptionView};
use crate::Api;

/// Shows a subscription.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "readSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The subscription", body = SubscriptionView, headers(("ETag" = String))),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = api.management.find_subscription(&caller.actor(), access::id_of(&id)?)?;
    Ok(access::show(&api, StatusCode::OK, &subscription).await)
}
