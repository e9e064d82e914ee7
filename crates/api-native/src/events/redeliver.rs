//! `POST /v1/events/{id}/redeliver`: sends one event again, to one subscription or to all of the caller's that want it.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, StatusCode, Uri};
use model::SubscriptionId;
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::find;
use crate::{
    Api,
    members::{self, Faults, Members},
    runs::RunView,
};

/// The body; may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct Redeliver {
    /// Only to this subscription, whether its filters want the event or not.
    subscription: Option<String>,
}

/// The runs that deliver the event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redelivered {
    /// One for each subscription.
    pub runs: Vec<RunView>,
}

/// Sends an event again.
#[utoipa::path(
    post, path = "/v1/events/{id}/redeliver", tag = "events", operation_id = "redeliverEvent",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = Option<String>, Query, description = "`source` of the event; needed when several have the id"),
    ),
    request_body = Option<Redeliver>,
    responses(
        (status = 202, description = "Started", body = Redelivered),
        (status = 404, description = "No such event or subscription that this client may see"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    Payload(body): Payload,
) -> Result<(StatusCode, Json<Redelivered>), Problem> {
    let (_, source) = find::source(&api, &headers, &uri, &[])?;
    let only = read(&body)?;
    let only =
        only.map(|id| id.parse().map(SubscriptionId).map_err(|_| Problem::not_found("There is no such subscription.")));
    let runs = api.management.redeliver_event(&caller.actor(), &id, source, only.transpose()?).await?;
    let runs = runs.iter().map(|run| RunView::started(run)).collect();
    Ok((StatusCode::ACCEPTED, Json(Redelivered { runs })))
}

fn read(body: &[u8]) -> Result<Option<String>, Problem> {
    let object = members::object(body, true)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["subscription"]);
    faults.check(top.text("subscription").map(str::to_owned))
}
