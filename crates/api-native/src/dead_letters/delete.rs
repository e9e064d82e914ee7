//! `DELETE /v1/dead-letters/{id}`: deletes a dead letter.

use axum::extract::{Path, State};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use crate::Api;

/// Deletes a dead letter.
#[utoipa::path(
    delete, path = "/v1/dead-letters/{id}", tag = "dead-letters", operation_id = "deleteDeadLetter",
    params(("id" = String, Path, description = "The dead letter")),
    responses(
        (status = 204, description = "Gone"),
        (status = 404, description = "No such dead letter of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    api.management.delete_dead_letter(&caller.actor(), super::id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
