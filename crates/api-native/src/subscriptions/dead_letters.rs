//! `GET /v1/subscriptions/{id}/dead-letters`: what could not be delivered to a subscription.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::journal::DeadLetterQuery;
use web::{accept, auth::Caller, problem::Problem};

use super::access;
use crate::{
    Api,
    dead_letters::{self, DeadLetterView},
    list::{List, Query},
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
        (status = 200, description = "A page", content((List<DeadLetterView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let actor = caller.actor();
    let subscription = Some(api.management.find_subscription(&actor, access::id_of(&id)?)?.id);
    let query = Query::read(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let wanted = DeadLetterQuery { subscription, ..DeadLetterQuery::default() };
    if accept::prefers_csv(&headers) {
        return dead_letters::in_csv(api, actor, wanted).await;
    }
    let (rows, count) = api.management.list_dead_letters(&actor, wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeadLetterView::new).collect(), Some(count))).into_response())
}
