//! `GET /v1/events/{id}/deliveries`: what became of one event, over all subscriptions of the caller.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::journal::Page;
use web::{accept, auth::Caller, csv, problem::Problem};

use super::find;
use crate::{Api, delivery::DeliveryView, list::List};

/// Lists the deliveries of an event.
#[utoipa::path(
    get, path = "/v1/events/{id}/deliveries", tag = "deliveries", operation_id = "listEventDeliveries",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = Option<String>, Query, description = "`source` of the event; needed when several have the id"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<DeliveryView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (query, source) = find::source(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let actor = caller.actor();
    if accept::prefers_csv(&headers) {
        return csv::answer("deliveries", &DeliveryView::COLUMNS, move |offset, limit| {
            let (management, actor) = (api.management.clone(), actor.clone());
            let (id, source) = (id.clone(), source.clone());
            async move {
                let rows = management.list_event_deliveries(&actor, &id, source, Page { offset, limit }).await?;
                Ok(rows.iter().map(|row| DeliveryView::new(row).cells()).collect())
            }
        })
        .await;
    }
    let rows = api.management.list_event_deliveries(&actor, &id, source, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeliveryView::new).collect(), None)).into_response())
}
