//! `GET /v1/runs/{id}`: whether a replay or redrive is still going on.

use axum::{
    Json,
    extract::{Path, State},
};

use super::RunView;
use crate::{app::App, auth::Caller, problem::Problem};

/// Shows a run.
#[utoipa::path(
    get, path = "/v1/runs/{id}", tag = "runs", operation_id = "readRun",
    params(("id" = String, Path, description = "The run")),
    responses(
        (status = 200, description = "The run", body = RunView),
        (status = 404, description = "No such run of this client"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<RunView>, Problem> {
    Ok(Json(super::find(&app, &caller, &id)?.1))
}
