//! `DELETE /v1/inbox`: erases what the gateway keeps of the person that calls (CH-135). The audit trail has an entry without the
//! person.

use axum::{Extension, extract::State, http::StatusCode};
use model::{
    Actor, Grants, Interface, Origin,
    audit::{Action, Object, ObjectKind},
};
use web::{auth::Person, problem::Problem};

use super::{inbox, refused};
use crate::Api;

/// Erases the states that this person gave messages, and the messages for this person alone. Messages for everybody are new again;
/// events stay in the log of their kanaal until its retention ends.
#[utoipa::path(
    delete, path = "/v1/inbox", tag = "inbox", operation_id = "eraseInbox",
    responses(
        (status = 204, description = "Erased"),
        (status = 404, description = "This gateway has no inbox"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    origin: Option<Extension<Origin>>,
) -> Result<StatusCode, Problem> {
    let inbox = inbox(&api)?;
    inbox.erase(inbox.person(&person.issuer, &person.subject)).await.map_err(refused)?;
    // The trail has no personal data: neither who it is, nor from where.
    let origin = origin.map(|Extension(own)| own).unwrap_or_default();
    let origin = Origin { address: None, interface: Interface::People, ..origin };
    let actor = Actor::person("people", "inbox", Grants::default()).with_origin(origin);
    let object = Object::new(ObjectKind::Addressee, "inbox");
    api.web.recorder.record(&actor, Action::AddresseeErase, object).await?;
    Ok(StatusCode::NO_CONTENT)
}
