//! `POST /v1/inbox/{id}/undo`: undoes the deletion of a message (CH-5).

use axum::{
    Json,
    extract::{Path, State},
};
use model::inbox::Change;
use web::{auth::Person, problem::Problem};

use super::{id, inbox, refused, view::MessageView};
use crate::Api;

/// Undoes the deletion of a message: it is new or read, as it was before. Nothing happens to one that is not deleted.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/undo", tag = "inbox", operation_id = "undoInboxDeletion",
    params(("id" = String, Path, description = "The message")),
    responses(
        (status = 200, description = "The message as it is now", body = MessageView),
        (status = 404, description = "There is no such message of this person"),
        (status = 410, description = "The deletion cannot be undone any more"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    Path(text): Path<String>,
) -> Result<Json<MessageView>, Problem> {
    let inbox = inbox(&api)?;
    let digest = inbox.person(&person.issuer, &person.subject);
    let shown = inbox.change(digest, id(&text)?, Change::Restore).await.map_err(refused)?;
    Ok(Json(MessageView::new(&shown)?))
}
