//! `POST /api/v1/cloudevents`: CloudEvents in at the path publishers of Open Notificaties know. 201 with the events as
//! they were taken in; binary and batched mode are accepted besides structured.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use translator::cloudevents::{Mode, batch, structured};

use super::body::receive;
use crate::{
    app::App,
    auth::Caller,
    inbound::query,
    ingest::{self, examine::Posted},
    problem::Problem,
};

/// Publish one event or a batch.
pub async fn publish(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // This API speaks Dutch, whatever a client prefers.
    parts.headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("nl"));
    ingest::admit(&app.rate, &caller, app.clock.now())?;
    expect_event(&parts.headers)?;
    let kanaal = query::first(&parts.uri, "kanaal");
    let body = receive(&app, &parts.headers, body).await?;
    let posted =
        Posted { headers: &parts.headers, body: &body, kanaal: kanaal.as_deref(), judge: app.ingest.cloudevents };
    let taken = ingest::cloudevents::take(&app, &caller, posted).await?;
    let (kind, echo) = match (taken.mode, taken.events.as_slice()) {
        (Mode::Structured | Mode::Binary, [taken]) => (structured::CONTENT_TYPE, structured::encode(&taken.event)),
        (_, events) => (batch::CONTENT_TYPE, batch::encode(events.iter().map(|taken| &taken.event))),
    };
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, kind)], echo).into_response())
}

/// 415 for what is neither a CloudEvents media type nor has any `ce-` header.
fn expect_event(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let structured = kind.get(..23).is_some_and(|start| start.eq_ignore_ascii_case("application/cloudevents"));
    if structured || headers.keys().any(|name| name.as_str().starts_with("ce-")) {
        return Ok(());
    }
    Err(Problem::unsupported_media_type(format!("Ongeldig media type \"{kind}\" in aanvraag.")))
}
