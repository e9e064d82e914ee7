//! `GET /v1/subscriptions`: the caller's subscriptions, newest first; an administrator sees all (CE-SUB-05).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use model::Subscription;

use super::{access, status::StatusView, view::SubscriptionView};
use crate::{
    api::v1::list::{List, Query},
    app::App,
    auth::Caller,
    problem::{Fault, Problem},
};

const STATES: [&str; 12] = [
    "awaiting-approval",
    "rejected",
    "validating",
    "pending-callback",
    "granted",
    "throttled",
    "outage",
    "refused",
    "paused",
    "suspended",
    "expired",
    "gone",
];

/// Lists subscriptions.
#[utoipa::path(
    get, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "listSubscriptions",
    params(
        ("sink" = Option<String>, Query, description = "Only with this sink"),
        ("owner" = Option<String>, Query, description = "Only of this client"),
        ("state" = Option<String>, Query, description = "Only in this state"),
        ("kanaal" = Option<String>, Query, description = "Only those that events of this kanaal can match"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses((status = 200, description = "A page", body = List<SubscriptionView>)),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<SubscriptionView>>, Problem> {
    let query = Query::read(&app, &headers, &uri, &["sink", "owner", "state", "kanaal", "page", "pageSize"])?;
    let paging = query.paging()?;
    let state = query.text("state");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(Problem::invalid(vec![Fault::new("state", format!("must be one of: {}", STATES.join(", ")))]));
    }
    let mut found: Vec<Arc<Subscription>> = {
        let registry = app.registry.read();
        let kanaal = query.text("kanaal").map(|naam| registry.kanaal(naam).map(|kanaal| kanaal.naam.clone()));
        let wanted = |subscription: &&Arc<Subscription>| {
            access::owns(&caller, subscription)
                && query.text("owner").is_none_or(|owner| owner == subscription.owner)
                && query.text("sink").is_none_or(|sink| sink == subscription.sink)
                && match &kanaal {
                    None => true,
                    Some(None) => false,
                    Some(Some(naam)) => subscription.selection.covers(naam),
                }
        };
        registry.subscriptions().filter(wanted).cloned().collect()
    };
    if let Some(state) = state {
        let mut kept = Vec::new();
        for subscription in found {
            if StatusView::now(&app, &subscription).await.state == state {
                kept.push(subscription);
            }
        }
        found = kept;
    }
    found.sort_by_key(|subscription| std::cmp::Reverse((subscription.created, subscription.id)));
    let count = found.len() as u64;
    let mut rows = Vec::new();
    for subscription in found.iter().skip(paging.skip()).take(paging.take()) {
        rows.push(SubscriptionView::new(subscription, StatusView::now(&app, subscription).await));
    }
    Ok(Json(query.list(paging, rows, Some(count))))
}
