//! `PUT /v1/events/{id}/mailings`: replaces an event that waits for its moment by another one (CH-98).

use axum::{
    Json,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use model::{Actor, addressee::EventReference};
use people::administration::{Administration, EventReplace, PublishedEvent};
use web::{
    auth::Caller,
    body, kanaal_header,
    language::Language,
    problem::{
        Problem,
        publishing::{problem, submission},
    },
};

use super::{
    cancel::{not_here, started, unknown, waiting_event},
    report::{EventReport, Report},
};
use crate::{Api, inbox::refused};

/// Replaces an event with `deliverafter` by the event in the body, before that moment.
///
/// For the client that published it. The new event has the same `source`, another `id` and a moment that is to come. Webhooks get both.
#[utoipa::path(
    put, path = "/v1/events/{id}/mailings", tag = "events", operation_id = "replaceEventMailings",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = String, Query, description = "`source` of the event"),
        ("kanaal" = String, Query, description = "The kanaal of the event"),
        ("Accept-Language" = Option<String>, Header, description = "`nl` for problems in Dutch"),
    ),
    request_body(content((serde_json::Value = "application/cloudevents+json"))),
    responses(
        (status = 200, description = "It is replaced, and the new event is accepted", body = Report, headers(("Gateway-Kanaal" = String))),
        (status = 400, description = "A parameter is missing, or the new event is invalid or refused; the other one waits as before", body = web::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope, or the client may not publish the new event"),
        (status = 404, description = "No such event of this client that people get"),
        (status = 409, description = "Its moment is there, or it was cancelled or replaced before"),
        (status = 413, description = "Body too large"),
        (status = 415, description = "Media type of events that is not supported"),
        (status = 503, description = "Storage did not confirm it; whether the event is replaced is not known"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    api.web.admit(&caller)?;
    let event = waiting_event(&api, &parts.headers, &parts.uri, id)?;
    let administration = api.people_administration.as_deref().ok_or_else(unknown)?;
    let published = published_event(&api, administration, &caller.actor(), &event).await?;
    let body = body::receive(&api.web, &parts.headers, body).await?;
    let rules = api.publishing.settings.events;
    let submission = submission(&parts.headers, &body, Some(event.kanaal.as_str()), rules)?;
    // An administrator replaces it for its publisher, who can replace it again.
    let publisher = Some(published.publisher.as_str()).filter(|publisher| !publisher.is_empty());
    let publisher = publisher.unwrap_or(&caller.client_id);
    let prepared = api.publishing.prepare_replacement(publisher, submission, (&event.source, &event.id)).await;
    let prepared = prepared.map_err(|error| problem(error, Language::of(&parts.headers)))?;
    match administration.replace_event(&event, &published, &prepared.record).await? {
        EventReplace::Replaced => {}
        EventReplace::Started => return Err(started()),
        EventReplace::NotHere => return Err(not_here()),
        EventReplace::Unknown => return Err(unknown()),
    }
    api.publishing.replaced(publisher, &prepared);
    api.web.count_events(&caller, prepared.examined.events.len());
    let headers: HeaderMap = kanaal_header(&prepared.examined).into_iter().collect();
    let events = prepared.examined.events.iter().map(|candidate| EventReport::new(candidate, None)).collect();
    Ok((StatusCode::OK, headers, Json(Report { dry_run: false, events })).into_response())
}

/// The event, which has mailings or a message of the inbox.
async fn published_event(
    api: &Api,
    administration: &Administration,
    actor: &Actor,
    event: &EventReference,
) -> Result<PublishedEvent, Problem> {
    if let Some(published) = administration.published_event(actor, event).await? {
        return Ok(published);
    }
    match &api.inbox {
        None => Err(unknown()),
        Some(inbox) => match inbox.published_event(actor, event).await {
            Err(::inbox::Error::Unknown) => Err(unknown()),
            published => published.map_err(refused),
        },
    }
}
