//! `GET /v1/subscriptions/{id}`: one subscription (CE-SUB-01).

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{access, view::SubscriptionView};
use crate::{app::App, auth::Caller, problem::Problem};

/// Shows a subscription.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "readSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The subscription", body = SubscriptionView, headers(("ETag" = String))),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    Ok(access::show(&app, StatusCode::OK, &subscription).await)
}
