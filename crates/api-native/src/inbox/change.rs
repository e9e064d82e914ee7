//! `PATCH /v1/inbox/{id}`: the state that the person gives a message, and nothing else (CH-6).

use axum::{
    Json,
    extract::{Path, State},
};
use model::inbox::Change;
use utoipa::ToSchema;
use web::{auth::Person, body::Payload, problem::Problem};

use super::{id, inbox, refused, view::MessageView};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// What a person can change of a message.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct InboxChange {
    /// `new`, `read` or `deleted`. Of a deleted message it stays `deleted`, so that another device does not bring it back.
    #[schema(pattern = "^(new|read|deleted)$")]
    state: String,
}

/// Changes the state of a message, for this person alone. Any other member is refused.
#[utoipa::path(
    patch, path = "/v1/inbox/{id}", tag = "inbox", operation_id = "patchInboxMessage",
    params(("id" = String, Path, description = "The message")),
    request_body(content = InboxChange, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The message as it is now", body = MessageView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "There is no such message of this person"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    Path(text): Path<String>,
    Payload(body): Payload,
) -> Result<Json<MessageView>, Problem> {
    let (inbox, change) = (inbox(&api)?, read(&body)?);
    let digest = inbox.person(&person.issuer, &person.subject);
    let shown = inbox.change(digest, id(&text)?, change).await.map_err(refused)?;
    Ok(Json(MessageView::new(&shown)?))
}

fn read(body: &[u8]) -> Result<Change, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["state"]);
    let state = top.word("state", &[("new", Change::Unread), ("read", Change::Read), ("deleted", Change::Delete)]);
    if object.get("state").is_none_or(serde_json::Value::is_null) {
        top.fault("state", "is required");
    }
    faults.check(state.unwrap_or(Change::Read))
}
