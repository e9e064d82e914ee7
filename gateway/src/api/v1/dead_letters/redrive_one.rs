//! `POST /v1/dead-letters/{id}/redrive`: delivers one dead letter again. It stays until that succeeds.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;

use super::start;
use crate::{api::v1::runs::RunView, app::App, auth::Caller, problem::Problem};

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
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let letter = super::find(&app, &caller, &id).await?;
    if letter.is_unreadable() {
        return Err(Problem::conflict("unreadable", "The record can be read by nobody; delete the dead letter."));
    }
    let delivery = letter.delivery;
    let record = (delivery.kanaal, delivery.partition, delivery.position);
    let places = start::Places::from([(delivery.subscription, [record].into())]);
    let run = start::runs(&app, &caller, places).await?.pop();
    let run = run.ok_or_else(|| Problem::conflict("subscription-deleted", "Its subscription was deleted."))?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}
