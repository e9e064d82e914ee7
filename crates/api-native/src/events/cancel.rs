//! `DELETE /v1/events/{id}/mailings`: cancels what people would get of an event that waits for its moment (CH-98).

use ::inbox::{Cancelled, Error};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode, Uri};
use model::{Actor, KanaalName, addressee::EventReference};
use people::administration::MailingCancel;
use web::{
    auth::Caller,
    problem::{Fault, Problem, ProblemType},
};

use crate::{Api, inbox::refused, list::Query};

/// Cancels what people would get of an event with `deliverafter`, by mail, text message and inbox, before that moment.
///
/// For the client that published it. Webhooks got the event when it was published. Its mailings are known within a second of that.
#[utoipa::path(
    delete, path = "/v1/events/{id}/mailings", tag = "events", operation_id = "cancelEventMailings",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = String, Query, description = "`source` of the event"),
        ("kanaal" = String, Query, description = "The kanaal of the event"),
    ),
    responses(
        (status = 204, description = "It is cancelled, and nobody gets it"),
        (status = 400, description = "A parameter is missing"),
        (status = 404, description = "No such event of this client that people get"),
        (status = 409, description = "Its moment is there, or it was cancelled or replaced before"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<StatusCode, Problem> {
    let event = waiting_event(&api, &headers, &uri, id)?;
    let actor = caller.actor();
    let mailings = match api.people_administration.as_deref() {
        Some(administration) => administration.cancel_event(&actor, &event).await?,
        None => MailingCancel::Unknown,
    };
    // Where the mailings cannot be cancelled, the message stays as it is.
    if mailings == MailingCancel::NotHere {
        return Err(not_here());
    }
    // Also when the mailings were cancelled before: the request before this one may have failed in between.
    match (mailings, cancel_message(&api, &actor, &event).await?) {
        (MailingCancel::Started, _) | (_, Cancelled::Appeared) => Err(started()),
        (MailingCancel::Cancelled, _) | (_, Cancelled::Done) => Ok(StatusCode::NO_CONTENT),
        _ => Err(unknown()),
    }
}

/// The event of a request: its source and kanaal are in the query.
pub(super) fn waiting_event(api: &Api, headers: &HeaderMap, uri: &Uri, id: String) -> Result<EventReference, Problem> {
    let query = Query::read(api, headers, uri, &["source", "kanaal"])?;
    let required = |name: &'static str| Problem::invalid(vec![Fault::new(name, "is required")]);
    let source = query.text("source").ok_or_else(|| required("source"))?.to_owned();
    let kanaal = query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?;
    Ok(EventReference { kanaal: kanaal.ok_or_else(|| required("kanaal"))?, source, id })
}

async fn cancel_message(api: &Api, actor: &Actor, event: &EventReference) -> Result<Cancelled, Problem> {
    let Some(inbox) = &api.inbox else { return Ok(Cancelled::Unknown) };
    match inbox.cancel(actor, event).await {
        Err(Error::Unknown) => Ok(Cancelled::Unknown),
        cancelled => cancelled.map_err(refused),
    }
}

pub(super) fn started() -> Problem {
    Problem::new(
        ProblemType::MailingStarted,
        "The moment of the event is there, or it was cancelled or replaced before.",
    )
}

pub(super) fn not_here() -> Problem {
    let detail = "The mailings of the event do not wait at this node, or their channel is not configured.";
    Problem::new(ProblemType::MailingStarted, detail)
}

pub(super) fn unknown() -> Problem {
    Problem::not_found("There is no such event that people get.")
}
