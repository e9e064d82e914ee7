//! `GET /v1/kanalen/{naam}/subscriptions`: the subscriptions to a kanaal, for its owner, oldest first. Secrets of
//! subscribers (headers, the query of a sink) are not shown.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::kanalen::ApprovalFilter;
use web::{accept, auth::Caller, csv, problem::Problem};

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
        (status = 200, description = "A page", content((List<SubscriptionView> = "application/json"), (String = "text/csv"))),
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
) -> Result<Response, Problem> {
    let actor = caller.actor();
    api.management.find_own_kanaal(&actor, &naam)?;
    let query = Query::read(&api, &headers, &uri, &["approval", "page", "pageSize"])?;
    let paging = query.paging()?;
    let rule = format!("must be one of: {}", STATES.map(|(word, _)| word).join(", "));
    let filter = query.typed("approval", &rule, |text| STATES.into_iter().find(|(word, _)| *word == text))?;
    let filter = filter.map(|(_, filter)| filter);
    let (kanaal, found) = api.management.list_subscriptions_of_kanaal(&actor, &naam, filter)?;
    if accept::prefers_csv(&headers) {
        let found = Arc::new(found);
        return csv::answer("subscriptions", &COLUMNS, move |offset, limit| {
            let (api, kanaal, found) = (api.clone(), Arc::clone(&kanaal), Arc::clone(&found));
            async move {
                let mut rows = Vec::new();
                let skip = usize::try_from(offset).unwrap_or(usize::MAX);
                for subscription in found.iter().skip(skip).take(limit as usize) {
                    rows.push(cells(super::subscription_view(&api, &kanaal, subscription).await));
                }
                Ok(rows)
            }
        })
        .await;
    }
    let count = found.len() as u64;
    let mut rows = Vec::new();
    for subscription in found.iter().skip(paging.skip()).take(paging.take()) {
        rows.push(super::subscription_view(&api, &kanaal, subscription).await);
    }
    Ok(Json(query.list(paging, rows, Some(count))).into_response())
}

/// The columns of [`cells`].
const COLUMNS: [&str; 11] = [
    "id",
    "name",
    "contact",
    "owner",
    "sink",
    "state",
    "lag",
    "approval",
    "approvalReason",
    "approvalBy",
    "approvalAt",
];

/// A row of the list as CSV. The last four are empty without an approval of the kanaal.
fn cells(view: SubscriptionView) -> csv::Row {
    let approval = view.approvals.into_iter().next();
    let (state, reason, by, at) = approval.map_or_else(Default::default, |own| (own.state, own.reason, own.by, own.at));
    vec![
        view.id,
        view.config.name.unwrap_or_default(),
        view.config.contact.unwrap_or_default(),
        view.owner,
        view.sink,
        view.status.state.to_owned(),
        view.status.lag.events.to_string(),
        state.to_owned(),
        reason.unwrap_or_default(),
        by.unwrap_or_default(),
        at.unwrap_or_default(),
    ]
}
