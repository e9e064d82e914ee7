//! `POST /v1/events/{id}/redeliver`: sends one event again, to one subscription or to all of the caller's that want it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, StatusCode, Uri};
use model::{
    Subscription,
    decide::Command,
    run::{Run, RunId, RunSelection},
};
use serde::Serialize;
use storage::journal::EventRow;
use utoipa::ToSchema;

use super::{find, stored};
use crate::{
    api::v1::{
        members::{self, Faults, Members},
        runs::RunView,
        subscriptions::access,
    },
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::Problem,
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
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    Payload(body): Payload,
) -> Result<(StatusCode, Json<Redelivered>), Problem> {
    let (_, source) = find::source(&app, &headers, &uri, &[])?;
    let only = read(&body)?;
    let place = find::places(&app, &caller, &id, source).await?.into_iter().next();
    let place = place.ok_or_else(|| Problem::not_found("There is no such event."))?;
    let subscriptions = match only {
        Some(id) => vec![access::find(&app, &caller, &id)?],
        None => wanting(&app, &caller, &place).await?,
    };
    let mut runs = Vec::new();
    for subscription in subscriptions {
        let run = Run {
            id: RunId(app.random.uuid()),
            subscription: subscription.id,
            what: RunSelection::Records(vec![(place.kanaal.clone(), place.partition, place.position)]),
            asked_by: caller.client_id.to_string(),
            created: app.clock.now(),
        };
        app.control.submit(Command::StartRun(run.clone())).await??;
        runs.push(app.runs.started(&run, &subscription));
    }
    Ok((StatusCode::ACCEPTED, Json(Redelivered { runs })))
}

fn read(body: &[u8]) -> Result<Option<String>, Problem> {
    let object = members::object(body, true)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["subscription"]);
    faults.check(top.text("subscription").map(str::to_owned))
}

async fn wanting(app: &App, caller: &Caller, place: &EventRow) -> Result<Vec<Arc<Subscription>>, Problem> {
    let record = stored::at(app, &place.kanaal, place.partition, place.position).await?;
    let Some(accepted) = record.as_ref().and_then(stored::event) else {
        return Err(Problem::not_found("The event is no longer kept."));
    };
    let own = find::own(app, caller);
    let candidates = own.iter().map(|subscription| (subscription, &subscription.selection));
    Ok(stored::wanted(&place.kanaal, &accepted, candidates).into_iter().cloned().collect())
}
