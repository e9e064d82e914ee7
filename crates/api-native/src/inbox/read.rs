//! `GET /v1/inbox/{id}`: one message of the person that calls. Reading it does not mark it as read.

use axum::{
    Json,
    extract::{Path, State},
};
use web::{auth::Person, problem::Problem};

use super::{id, inbox, refused, view::MessageView};
use crate::Api;

/// Shows a message, also a deleted one as long as that can be undone.
#[utoipa::path(
    get, path = "/v1/inbox/{id}", tag = "inbox", operation_id = "readInboxMessage",
    params(("id" = String, Path, description = "The message")),
    responses(
        (status = 200, description = "The message", body = MessageView),
        (status = 404, description = "There is no such message of this person"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    Path(text): Path<String>,
) -> Result<Json<MessageView>, Problem> {
    let inbox = inbox(&api)?;
    let shown = inbox.read(inbox.person(&person.issuer, &person.subject), id(&text)?).await.map_err(refused)?;
    Ok(Json(MessageView::new(&shown)?))
}
