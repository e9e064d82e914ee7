//! `GET /v1/dead-letters/{id}`: one dead letter with its event, which it keeps even when the log no longer does.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::DeadLetterView;
use crate::{api::v1::events::stored, app::App, auth::Caller, problem::Problem};

/// A dead letter with its event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetterWithEvent {
    /// The dead letter.
    #[serde(flatten)]
    pub letter: DeadLetterView,
    /// The event as a structured CloudEvent; null when it cannot be read.
    #[schema(value_type = Option<Object>)]
    pub cloudevent: Option<Box<RawValue>>,
}

/// Shows a dead letter.
#[utoipa::path(
    get, path = "/v1/dead-letters/{id}", tag = "dead-letters", operation_id = "readDeadLetter",
    params(("id" = String, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The dead letter", body = DeadLetterWithEvent),
        (status = 404, description = "No such dead letter of this client"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterWithEvent>, Problem> {
    let letter = super::find(&app, &caller, &id).await?;
    let cloudevent = stored::structured(&letter.record)
        .and_then(|body| RawValue::from_string(String::from_utf8(body.to_vec()).ok()?).ok());
    Ok(Json(DeadLetterWithEvent { letter: DeadLetterView::new(&letter), cloudevent }))
}
