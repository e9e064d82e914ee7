//! `GET /v1/dead-letters/{id}`: one dead letter with its event, which it keeps even when the log no longer does.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::value::RawValue;
use translator::cloudevents::structured;
use web::{auth::Caller, problem::Problem};

use super::{DeadLetterView, record::RecordView};
use crate::Api;

/// Shows a dead letter.
#[utoipa::path(
    get, path = "/v1/dead-letters/{id}", tag = "dead-letters", operation_id = "readDeadLetter",
    params(("id" = String, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The dead letter", body = DeadLetterView),
        (status = 404, description = "No such dead letter of this client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterView>, Problem> {
    let shown = api.management.read_dead_letter(&caller.actor(), super::id(&id)?).await?;
    let view = DeadLetterView::new(&shown.letter);
    if shown.letter.is_unreadable() {
        let record = Some(RecordView::new(&shown.letter.record));
        return Ok(Json(DeadLetterView { record, ..view }));
    }
    let body = shown.event.map(|accepted| structured::encode(&accepted.event));
    let text = body.and_then(|body| String::from_utf8(body.to_vec()).ok());
    let cloudevent = text.and_then(|text| RawValue::from_string(text).ok());
    Ok(Json(DeadLetterView { cloudevent, ..view }))
}
