//! `GET /v1/subscriptions/{id}/deliveries`: what was delivered to a subscription, with every attempt.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::journal::{DeliveryQuery, Page};
use model::{outcome::Outcome, run::RunId};
use web::{accept, auth::Caller, csv, problem::Problem};

use super::access;
use crate::{
    Api,
    delivery::DeliveryView,
    list::{List, Query},
};

/// Lists deliveries.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}/deliveries", tag = "deliveries", operation_id = "listDeliveries",
    params(
        ("id" = String, Path, description = "The subscription"),
        ("event" = Option<String>, Query, description = "Only of the event with this id"),
        ("outcome" = Option<String>, Query, description = "Only with this outcome"),
        ("run" = Option<String>, Query, description = "Only of this run"),
        ("from" = Option<String>, Query, description = "Only settled at or after this moment"),
        ("until" = Option<String>, Query, description = "Only settled before this moment"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<DeliveryView> = "application/json"), (String = "text/csv"))),
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
    let id = api.management.find_subscription(&actor, access::id_of(&id)?)?.id;
    let names = ["event", "outcome", "run", "from", "until", "page", "pageSize"];
    let query = Query::read(&api, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let known = Outcome::ALL.map(Outcome::label).join(", ");
    let wanted = DeliveryQuery {
        event_id: query.text("event").map(str::to_owned),
        outcome: query.typed("outcome", &format!("must be one of: {known}"), Outcome::from_label)?,
        run: query.uuid("run")?.map(RunId),
        from: query.timestamp("from")?,
        until: query.timestamp("until")?,
        ..DeliveryQuery::default()
    };
    if accept::prefers_csv(&headers) {
        // Deliveries that end meanwhile do not move the others to another page.
        let until = Some(wanted.until.unwrap_or_else(|| api.management.clock.now()));
        let wanted = DeliveryQuery { until, ..wanted };
        return csv::answer("deliveries", &DeliveryView::COLUMNS, move |offset, limit| {
            let (management, actor, wanted) = (api.management.clone(), actor.clone(), wanted.clone());
            async move {
                let rows = management.list_deliveries(&actor, id, wanted, Page { offset, limit }).await?;
                Ok(rows.iter().map(|row| DeliveryView::new(row).cells()).collect())
            }
        })
        .await;
    }
    let rows = api.management.list_deliveries(&actor, id, wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeliveryView::new).collect(), None)).into_response())
}
