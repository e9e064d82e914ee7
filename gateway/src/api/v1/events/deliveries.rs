//! `GET /v1/events/{id}/deliveries`: what became of one event, over all subscriptions of the caller.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use storage::journal::{DeliveryQuery, DeliveryRow};

use super::find;
use crate::{
    api::v1::{delivery::DeliveryView, list::List, scan, subscriptions::access},
    app::App,
    auth::Caller,
    problem::Problem,
};

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
        (status = 200, description = "A page", body = List<DeliveryView>),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<DeliveryView>>, Problem> {
    let (query, source) = find::source(&app, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let places = find::places(&app, &caller, &id, source).await?;
    let wanted = DeliveryQuery { event_id: Some(id), ..DeliveryQuery::default() };
    let fetch = |page| app.journal.deliveries(wanted.clone(), page);
    let keep = |row: DeliveryRow| {
        let here = places.iter().any(|place| {
            (&place.kanaal, place.partition, place.position)
                == (&row.delivery.kanaal, row.delivery.partition, row.delivery.position)
        });
        let registry = app.registry.read();
        let subscription = registry.subscription(row.delivery.subscription);
        let own = caller.is_beheer() || subscription.is_some_and(|subscription| access::owns(&caller, subscription));
        std::future::ready(Ok((here && own).then_some(row)))
    };
    let rows = scan::page(paging, fetch, keep).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeliveryView::new).collect(), None)))
}
