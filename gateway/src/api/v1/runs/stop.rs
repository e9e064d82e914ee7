//! `DELETE /v1/runs/{id}`: stops a replay or redrive; what it delivered stays delivered.

use axum::extract::{Path, State};
use http::StatusCode;
use model::decide::{Command, Rejection};

use crate::{app::App, auth::Caller, problem::Problem};

/// Stops a run; stopping one that is over changes nothing.
#[utoipa::path(
    delete, path = "/v1/runs/{id}", tag = "runs", operation_id = "stopRun",
    params(("id" = String, Path, description = "The run")),
    responses(
        (status = 204, description = "It is over"),
        (status = 404, description = "No such run of this client"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let (id, _) = super::find(&app, &caller, &id)?;
    match app.control.submit(Command::EndRun(id)).await? {
        Ok(_) | Err(Rejection::UnknownRun(_)) => Ok(StatusCode::NO_CONTENT),
        Err(other) => Err(other.into()),
    }
}
