//! `GET /v1/runs/{id}`: how far a replay or redrive is.

use axum::{
    Json,
    extract::{Path, State},
};
use web::{auth::Caller, problem::Problem};

use super::RunView;
use crate::Api;

/// Shows a run.
#[utoipa::path(
    get, path = "/v1/runs/{id}", tag = "runs", operation_id = "readRun",
    params(("id" = String, Path, description = "The run")),
    responses(
        (status = 200, description = "The run", body = RunView),
        (status = 404, description = "No such run of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Json<RunView>, Problem> {
    Ok(Json(api.management.find_run(&caller.actor(), super::id(&id)?).await?.into()))
}
