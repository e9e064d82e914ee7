//! `POST /v1/subscriptions/{id}/resume`: continues a paused or suspended subscription where it stopped.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::{access, view::SubscriptionView};
use crate::Api;

/// Resumes a subscription; resuming an active one changes nothing.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/resume", tag = "subscriptions", operation_id = "resumeSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "Active", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Its sink is gone: revalidate it, or give it another sink"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = api.management.resume_subscription(&caller.actor(), access::id_of(&id)?).await?;
    Ok(access::show(&api, StatusCode::OK, &subscription).await)
}
