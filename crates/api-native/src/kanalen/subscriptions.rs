//! `GET /v1/kanalen/{naam}/subscriptions`: the subscriptions to a kanaal, for its owner, oldest first. Secrets of
//! subscribers (headers, the query of a sink) are not shown.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use management::kanalen::ApprovalFilter;
use web::{auth::Caller, problem::Problem};

use crate::{
    Api,
    list::{List, Query},
    subscriptions::view::SubscriptionView,
};

/// The words of the query parameter `approval`.
const STATES: [(&str, ApprovalFilter); 4] = [
    ("awaiting", ApprovalFilter::Awaiting),
    ("approved", ApprovalFilter::Approved),
    ("rejected", ApprovalFilter::Rejected),
    ("none", ApprovalFilter::None),
];

/// Lists the subscriptions of a kanaal.
#[utoipa::path(
    get, path = "/v1/kanalen/{naam}/subscriptions", tag = "kanalen", operation_id = "listKanaalSubscriptions",
    params(
        ("naam" = String, Path, description = "The kanaal"),
        ("approval" = Option<String>, Query, description = "Only in this state: awaiting, approved, rejected or none"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", body = List<SubscriptionView>),
        (status = 400, description = "A query parameter breaks a rule"),
        (status = 403, description = "Not the owner of the kanaal"),
        (status = 404, description = "No such kanaal"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(naam): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<SubscriptionView>>, Problem> {
    let actor = caller.actor();
    api.management.find_own_kanaal(&actor, &naam)?;
    let query = Query::read(&api, &headers, &uri, &["approval", "page", "pageSize"])?;
    let paging = query.paging()?;
    let rule = format!("must be one of: {}", STATES.map(|(word, _)| word).join(", "));
    let filter = query.typed("approval", &rule, |text| STATES.into_iter().find(|(word, _)| *word == text))?;
    let filter = filter.map(|(_, filter)| filter);
    let (kanaal, found) = api.management.list_subscriptions_of_kanaal(&actor, &naam, filter)?;
    let count = found.len() as u64;
    let mut rows = Vec::new();
    for subscription in found.iter().skip(paging.skip()).take(paging.take()) {
        rows.push(super::subscription_view(&api, &kanaal, subscription).await);
    }
    Ok(Json(query.list(paging, rows, Some(count))))
}
