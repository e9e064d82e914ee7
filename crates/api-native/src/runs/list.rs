//! `GET /v1/runs`: replays, redrives and redeliveries with their progress, newest first.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::{RunFilter, journal::Page};
use model::SubscriptionId;
use web::{accept, auth::Caller, csv, problem::Problem};

use super::RunView;
use crate::{
    Api,
    list::{List, Query},
};

/// Lists runs.
#[utoipa::path(
    get, path = "/v1/runs", tag = "runs", operation_id = "listRuns",
    params(
        ("subscription" = Option<String>, Query, description = "Only of this subscription"),
        ("running" = Option<bool>, Query, description = "Only those that go on, or only those that have ended"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<RunView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["subscription", "running", "page", "pageSize"])?;
    let paging = query.paging()?;
    let filter = RunFilter {
        subscription: query.uuid("subscription")?.map(SubscriptionId),
        running: query.typed("running", "must be true or false", |text| text.parse().ok())?,
    };
    let actor = caller.actor();
    if accept::prefers_csv(&headers) {
        return csv::answer("runs", &RunView::COLUMNS, move |offset, limit| {
            let (management, actor) = (api.management.clone(), actor.clone());
            async move {
                let rows = management.list_runs(&actor, filter, Page { offset, limit }).await?;
                Ok(rows.into_iter().map(|state| RunView::from(state).cells()).collect())
            }
        })
        .await;
    }
    let rows = api.management.list_runs(&actor, filter, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.into_iter().map(RunView::from).collect(), None)).into_response())
}
