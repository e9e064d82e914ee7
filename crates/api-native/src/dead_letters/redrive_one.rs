//! `POST /v1/dead-letters/{id}/redrive`: delivers one dead letter again. It stays until that succeeds.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use crate::{Api, runs::RunView};

/// Redrives a dead letter.
#[utoipa::path(
    post, path = "/v1/dead-letters/{id}/redrive", tag = "dead-letters", operation_id = "redriveDeadLetter",
    params(("id" = String, Path, description = "The dead letter")),
    responses(
        (status = 202, description = "Started", body = RunView),
        (status = 404, description = "No such dead letter of this client"),
        (status = 409, description = "Its subscription was deleted, or nobody can read the record"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let run = api.management.redrive_one(&caller.actor(), super::id(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(RunView::started(&run))))
}
