//! `DELETE /v1/subscriptions/{id}`: ends a subscription; what was not delivered yet ends with it (CE-SUB-02).

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use model::decide::Command;

use super::access;
use crate::{app::App, auth::Caller, problem::Problem};

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
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    access::check_if_match(&app, &headers, &subscription)?;
    app.control.submit(Command::DeleteSubscription(subscription.id)).await??;
    Ok(StatusCode::NO_CONTENT)
}
