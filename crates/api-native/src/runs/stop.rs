//! `DELETE /v1/runs/{id}`: stops a replay or redrive; what it delivered stays delivered.

use axum::extract::{Path, State};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use crate::Api;

/// Stops a run; stopping one that is over changes nothing.
#[utoipa::path(
    delete, path = "/v1/runs/{id}", tag = "runs", operation_id = "stopRun",
    params(("id" = String, Path, description = "The run")),
    responses(
        (status = 204, description = "It is over"),
        (status = 404, description = "No such run of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    api.management.stop_run(&caller.actor(), super::id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
