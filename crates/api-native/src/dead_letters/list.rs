//! `GET /v1/dead-letters`: the caller's dead letters, newest first, counted.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::journal::DeadLetterQuery;
use web::{accept, auth::Caller, problem::Problem};

use super::{DeadLetterView, filter};
use crate::{
    Api,
    list::{List, Query},
};

/// Lists dead letters.
#[utoipa::path(
    get, path = "/v1/dead-letters", tag = "dead-letters", operation_id = "listDeadLetters",
    params(
        ("subscription" = Option<String>, Query, description = "Only of this subscription"),
        ("kanaal" = Option<String>, Query, description = "Only of events on this kanaal"),
        ("type" = Option<String>, Query, description = "Only of events of this type"),
        ("status" = Option<u16>, Query, description = "Only with this last status"),
        ("unreadable" = Option<bool>, Query, description = "Only of records that nobody can read"),
        ("from" = Option<String>, Query, description = "Only at or after this moment"),
        ("until" = Option<String>, Query, description = "Only before this moment"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<DeadLetterView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let names = ["subscription", "kanaal", "type", "status", "unreadable", "from", "until", "page", "pageSize"];
    let query = Query::read(&api, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let wanted = DeadLetterQuery {
        subscription: filter::subscription(&query)?,
        kanaal: query.typed("kanaal", "must be the name of a kanaal", filter::kanaal)?,
        kind: query.text("type").map(str::to_owned),
        code: query.typed("status", "must be an HTTP status", |text| text.parse().ok())?,
        from: query.timestamp("from")?,
        until: query.timestamp("until")?,
        ..DeadLetterQuery::default()
    };
    if accept::prefers_csv(&headers) {
        let actor = caller.actor();
        return super::in_csv(api, actor, wanted).await;
    }
    let (letters, count) = api.management.list_dead_letters(&caller.actor(), wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, letters.iter().map(DeadLetterView::new).collect(), Some(count))).into_response())
}
