//! `POST /v1/subscriptions/{id}/revalidate`: asks the sink for consent again; the only way back after 410 Gone (CE-WH-15).

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::{access, view::SubscriptionView};
use crate::Api;

/// Starts the handshake anew.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/revalidate", tag = "subscriptions", operation_id = "revalidateSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The handshake starts", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "An agreement replaces its handshake"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = api.management.revalidate_subscription(&caller.actor(), access::id_of(&id)?).await?;
    Ok(access::show(&api, StatusCode::OK, &subscription).await)
}
