//! `GET /v1/events/{id}`: an event as it is stored, as a structured CloudEvent.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri, header};
use translator::cloudevents::structured::CONTENT_TYPE;

use super::{find, stored};
use crate::{app::App, auth::Caller, problem::Problem};

/// Shows an event.
#[utoipa::path(
    get, path = "/v1/events/{id}", tag = "events", operation_id = "readEvent",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = Option<String>, Query, description = "`source` of the event; needed when several have the id"),
    ),
    responses(
        (status = 200, description = "The event", body = Object, content_type = "application/cloudevents+json"),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (_, source) = find::source(&app, &headers, &uri, &[])?;
    for place in find::places(&app, &caller, &id, source).await? {
        let record = stored::at(&app, &place.kanaal, place.partition, place.position).await?;
        if let Some(body) = record.as_ref().and_then(stored::structured) {
            return Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response());
        }
    }
    Err(Problem::not_found("The event is no longer kept."))
}
