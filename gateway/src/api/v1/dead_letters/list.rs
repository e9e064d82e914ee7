//! `GET /v1/dead-letters`: the caller's dead letters, newest first, counted.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use storage::journal::DeadLetterQuery;

use super::{DeadLetterView, filter};
use crate::{
    api::v1::{
        list::{List, Query},
        scan,
    },
    app::App,
    auth::Caller,
    problem::Problem,
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
    responses((status = 200, description = "A page", body = List<DeadLetterView>)),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<DeadLetterView>>, Problem> {
    let names = ["subscription", "kanaal", "type", "status", "unreadable", "from", "until", "page", "pageSize"];
    let query = Query::read(&app, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let wanted = DeadLetterQuery {
        ids: vec![],
        subscription: filter::subscription(&query)?,
        kanaal: query.typed("kanaal", "must be the name of a kanaal", filter::kanaal)?,
        kind: query.text("type").map(str::to_owned),
        status: query.typed("status", "must be an HTTP status", |text| text.parse().ok())?,
        from: query.moment("from")?,
        until: query.moment("until")?,
    };
    let visible = filter::visible(&app, &caller, wanted.clone())?;
    let count = filter::count(&app, &visible).await?;
    let letters = match visible.as_slice() {
        [one] => app.journal.dead_letters(one.clone(), paging.rows()).await?,
        _ if count == 0 => vec![],
        _ => {
            let fetch = |page| app.journal.dead_letters(wanted.clone(), page);
            let keep = |letter| {
                let own = super::owns(&app, &caller, &letter);
                async move { Ok(own.then_some(letter)) }
            };
            scan::page(paging, fetch, keep).await?
        }
    };
    Ok(Json(query.list(paging, letters.iter().map(DeadLetterView::new).collect(), Some(count))))
}
