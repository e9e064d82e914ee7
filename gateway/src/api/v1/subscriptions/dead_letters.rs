//! `GET /v1/subscriptions/{id}/dead-letters`: what could not be delivered to a subscription.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use storage::journal::DeadLetterQuery;

use super::access;
use crate::{
    api::v1::{
        dead_letters::DeadLetterView,
        list::{List, Query},
    },
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Lists the dead letters of a subscription.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}/dead-letters", tag = "dead-letters", operation_id = "listSubscriptionDeadLetters",
    params(
        ("id" = String, Path, description = "The subscription"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", body = List<DeadLetterView>),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<DeadLetterView>>, Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    let query = Query::read(&app, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let wanted = DeadLetterQuery { subscription: Some(subscription.id), ..DeadLetterQuery::default() };
    let count = app.journal.count_dead_letters(wanted.clone()).await?;
    let rows = app.journal.dead_letters(wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeadLetterView::new).collect(), Some(count))))
}
