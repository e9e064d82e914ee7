//! `DELETE /v1/dead-letters/{id}`: throws a dead letter away.

use axum::extract::{Path, State};
use http::StatusCode;

use crate::{app::App, auth::Caller, problem::Problem};

/// Throws a dead letter away.
#[utoipa::path(
    delete, path = "/v1/dead-letters/{id}", tag = "dead-letters", operation_id = "deleteDeadLetter",
    params(("id" = String, Path, description = "The dead letter")),
    responses(
        (status = 204, description = "Gone"),
        (status = 404, description = "No such dead letter of this client"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let letter = super::find(&app, &caller, &id).await?;
    app.journal.remove_dead_letters(vec![letter.id]).await?;
    Ok(StatusCode::NO_CONTENT)
}
