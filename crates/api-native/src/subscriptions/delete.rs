//! `DELETE /v1/subscriptions/{id}`: ends a subscription; what was not delivered yet ends with it (CE-SUB-02).

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use web::{auth::Caller, problem::Problem};

use super::access;
use crate::{Api, if_match};

/// Deletes a subscription.
#[utoipa::path(
    delete, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "deleteSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let expected = if_match::precondition(&headers);
    api.management.delete_subscription(&caller.actor(), access::id_of(&id)?, &expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
