//! `GET /v1/inbox/count`: how many messages the list has, by the same rule (CH-10).

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Person, problem::Problem};

use super::{FILTERS, filter, inbox, refused};
use crate::{Api, list::Query};

/// How many messages there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboxCount)]
pub struct InboxCountView {
    /// Their number.
    pub count: u64,
    /// Whether all are counted; at most 20,000 are examined.
    pub complete: bool,
}

/// Counts the messages of the person that calls.
#[utoipa::path(
    get, path = "/v1/inbox/count", tag = "inbox", operation_id = "countInbox",
    params(
        ("kanaal" = Option<String>, Query, description = "Only of this kanaal"),
        ("state" = Option<String>, Query, description = "Only `new`, `read` or `deleted` ones; without it new and read ones"),
        ("from" = Option<String>, Query, description = "Only those that can be seen since this moment or later"),
        ("until" = Option<String>, Query, description = "Only those that can be seen since before this moment"),
    ),
    responses(
        (status = 200, description = "Their number", body = InboxCountView),
        (status = 404, description = "This gateway has no inbox"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    person: Person,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<InboxCountView>, Problem> {
    let query = Query::read(&api, &headers, &uri, &FILTERS)?;
    let (filter, inbox) = (filter(&query)?, inbox(&api)?);
    let count = inbox.count(inbox.person(&person.issuer, &person.subject), &filter).await.map_err(refused)?;
    Ok(Json(InboxCountView { count: count.count, complete: count.is_complete }))
}
