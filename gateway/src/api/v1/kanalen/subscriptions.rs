//! `GET /v1/kanalen/{naam}/subscriptions`: who takes events of a kanaal, for its owner, oldest first. Secrets of
//! subscribers (headers, the query of a sink) are not shown.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use model::{Subscription, approval::ApprovalState};

use super::judge;
use crate::{
    api::v1::{
        list::{List, Query},
        subscriptions::view::SubscriptionView,
    },
    app::App,
    auth::Caller,
    problem::Problem,
};

const STATES: [&str; 4] = ["awaiting", "approved", "rejected", "none"];

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
    State(app): State<App>,
    caller: Caller,
    Path(naam): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<SubscriptionView>>, Problem> {
    let kanaal = judge::own(&app, &caller, &naam)?;
    let query = Query::read(&app, &headers, &uri, &["approval", "page", "pageSize"])?;
    let paging = query.paging()?;
    let rule = format!("must be one of: {}", STATES.join(", "));
    let state = query.typed("approval", &rule, |text| STATES.into_iter().find(|state| *state == text))?;
    let wanted = |subscription: &&Arc<Subscription>| {
        subscription.selection.covers(&kanaal.naam)
            && state.is_none_or(|state| {
                let own = match subscription.approval(&kanaal.naam).map(|entry| &entry.state) {
                    None => "none",
                    Some(ApprovalState::Awaiting) => "awaiting",
                    Some(ApprovalState::Approved(_)) => "approved",
                    Some(ApprovalState::Rejected(_)) => "rejected",
                };
                own == state
            })
    };
    let mut found: Vec<Arc<Subscription>> = app.registry.read().subscriptions().filter(wanted).cloned().collect();
    found.sort_by_key(|subscription| (subscription.created, subscription.id));
    let count = found.len() as u64;
    let mut rows = Vec::new();
    for subscription in found.iter().skip(paging.skip()).take(paging.take()) {
        rows.push(judge::view(&app, &kanaal, subscription).await);
    }
    Ok(Json(query.list(paging, rows, Some(count))))
}
