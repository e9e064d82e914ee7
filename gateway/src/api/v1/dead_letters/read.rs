//! `GET /v1/dead-letters/{id}`: one dead letter with its event, which it keeps even when the log no longer does.

use axum::{
    Json,
    extract::{Path, State},
};
use model::approval::Disclosure;
use serde_json::value::RawValue;

use super::{DeadLetterView, record::RecordView};
use crate::{api::v1::events::stored, app::App, auth::Caller, problem::Problem};

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
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterView>, Problem> {
    let letter = super::find(&app, &caller, &id).await?;
    if letter.is_unreadable() {
        let record = Some(RecordView::new(&letter.record));
        return Ok(Json(DeadLetterView { record, ..DeadLetterView::new(&letter) }));
    }
    let subscription = app.registry.read().subscription(letter.delivery.subscription).cloned();
    let disclosure = subscription.as_ref().and_then(|own| own.disclosure(&letter.delivery.kanaal));
    let disclosure = disclosure.filter(|_| !caller.is_beheer()).unwrap_or(&Disclosure::ALL);
    let admitted = subscription.as_ref().is_none_or(|own| own.is_admitted(&letter.delivery.kanaal));
    let seen = admitted || caller.is_beheer();
    let body = seen.then(|| stored::structured(&letter.record, disclosure)).flatten();
    let text = body.and_then(|body| String::from_utf8(body.to_vec()).ok());
    let cloudevent = text.and_then(|text| RawValue::from_string(text).ok());
    Ok(Json(DeadLetterView { cloudevent, ..DeadLetterView::new(&letter) }))
}
