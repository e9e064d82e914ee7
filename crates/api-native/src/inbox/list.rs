//! `GET /v1/inbox`: the messages of the person that calls, newest first.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Person, problem::Problem};

use super::{FILTERS, filter, inbox, refused, view::MessageView};
use crate::{Api, list::Query};

/// Messages on a page when nothing is asked.
const DEFAULT_SIZE: usize = 50;
/// Most messages on a page.
const MAX_SIZE: usize = 100;

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboxList)]
pub struct InboxListView {
    /// The next page. It can have fewer messages than `pageSize`, or none, although there is another one.
    pub next: Option<String>,
    /// What a stream takes as `Last-Event-ID` to bring everything that happens after this list was made.
    pub position: String,
    /// The messages.
    pub results: Vec<MessageView>,
}

/// Lists the messages of the person that calls: those for everybody, without a subscription, and those for this person alone.
///
/// Messages that expired, and those that are not due yet, are not there.
#[utoipa::path(
    get, path = "/v1/inbox", tag = "inbox", operation_id = "listInbox",
    params(
        ("kanaal" = Option<String>, Query, description = "Only of this kanaal"),
        ("state" = Option<String>, Query, description = "Only `new`, `read` or `deleted` ones; without it new and read ones"),
        ("from" = Option<String>, Query, description = "Only those that can be seen since this moment or later"),
        ("until" = Option<String>, Query, description = "Only those that can be seen since before this moment"),
        ("pageSize" = Option<u32>, Query, description = "Messages on a page, at most 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where the page begins; from `next`"),
    ),
    responses(
        (status = 200, description = "The messages", body = InboxListView),
        (status = 404, description = "This gateway has no inbox"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<InboxListView>, Problem> {
    let [kanaal, state, from, until] = FILTERS;
    let query = Query::read(&api, &headers, &uri, &[kanaal, state, from, until, "pageSize", "cursor"])?;
    let (filter, inbox) = (filter(&query)?, inbox(&api)?);
    let size = query.typed("pageSize", "must be a whole number from 1 to 100", |text| {
        text.parse().ok().filter(|size| (1..=MAX_SIZE).contains(size))
    })?;
    let digest = inbox.person(&person.issuer, &person.subject);
    let page = inbox.list(digest, &filter, query.text("cursor"), size.unwrap_or(DEFAULT_SIZE)).await;
    let page = page.map_err(refused)?;
    let messages = page.messages.iter().map(MessageView::new).collect::<Result<Vec<_>, _>>()?;
    let list = query.list_from(messages, page.next.as_deref());
    Ok(Json(InboxListView { next: list.next, position: page.position, results: list.results }))
}
