//! `GET /v1/inbox/stream`: server-sent events of the inbox of the person that calls (CH-12).
//!
//! Types of messages: `message` (it appeared, or this person changed its state), `deleted` (this person deleted it). A comment is
//! sent when nothing happened for 15 seconds.

use ::inbox::{Viewer, ViewerMessage};
use axum::{extract::State, response::Response};
use futures_util::stream;
use http::{HeaderMap, Uri};
use serde_json::json;
use web::{LAST_EVENT_ID, auth::Person, event_stream, problem::Problem};

use super::{inbox, refused, view::MessageView};
use crate::{Api, list::Query};

/// Follows the inbox: messages as they appear, and their states as this person changes them on any device.
///
/// It ends with the token, and after an hour at most; who continues with `Last-Event-ID` misses nothing and gets nothing twice.
#[utoipa::path(
    get, path = "/v1/inbox/stream", tag = "inbox", operation_id = "followInbox",
    params(("Last-Event-ID" = Option<String>, Header, description = "Continue after this message, or after the list with this `position`; without it, from now on")),
    responses(
        (status = 200, description = "Server-sent events of the types message (InboxMessage) and deleted", content_type = "text/event-stream", body = String),
        (status = 404, description = "This gateway has no inbox"),
        (status = 409, description = "Too many streams are open"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    Query::read(&api, &headers, &uri, &[])?;
    let inbox = inbox(&api)?;
    let last = headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or_default());
    let valid = person.until.since(api.web.clock.now());
    let viewer = inbox.watch(inbox.person(&person.issuer, &person.subject), last, valid).await.map_err(refused)?;
    let start = viewer.start().map_err(refused)?;
    Ok(event_stream(&start, messages(viewer)))
}

fn messages(viewer: Viewer) -> impl stream::Stream<Item = String> {
    stream::unfold(viewer, async |mut viewer| Some((message(viewer.next().await?)?, viewer)))
}

/// One message. JSON in one line has no line breaks, so `data` is one field; `None` ends the stream.
fn message(brought: ViewerMessage) -> Option<String> {
    let (position, kind, data) = match brought {
        ViewerMessage::Idle => return Some(": idle\n\n".to_owned()),
        ViewerMessage::Deleted(position, id) => (position, "deleted", json!({ "id": id.to_string() }).to_string()),
        ViewerMessage::Message(position, shown) => {
            (position, "message", serde_json::to_string(&MessageView::new(&shown).ok()?).ok()?)
        }
    };
    // The payload is that of the publisher, who may have written JSON in several lines.
    let data = data.replace(['\r', '\n'], " ");
    Some(format!("id: {position}\nevent: {kind}\ndata: {data}\n\n"))
}
