//! `GET /v1/subscriptions/{id}/deliveries`: what was delivered to a subscription, with every attempt.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use model::{outcome::Outcome, run::RunId};
use storage::journal::DeliveryQuery;

use super::access;
use crate::{
    api::v1::{
        delivery::DeliveryView,
        list::{List, Query},
    },
    app::App,
    auth::Caller,
    problem::Problem,
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
        (status = 200, description = "A page", body = List<DeliveryView>),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<DeliveryView>>, Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    let names = ["event", "outcome", "run", "from", "until", "page", "pageSize"];
    let query = Query::read(&app, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let known = Outcome::ALL.map(Outcome::label).join(", ");
    let wanted = DeliveryQuery {
        subscription: Some(subscription.id),
        event_id: query.text("event").map(str::to_owned),
        outcome: query.typed("outcome", &format!("must be one of: {known}"), Outcome::from_label)?,
        run: query.uuid("run")?.map(RunId),
        from: query.moment("from")?,
        until: query.moment("until")?,
    };
    let rows = app.journal.deliveries(wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(DeliveryView::new).collect(), None)))
}
