//! `POST /api/v1/cloudevents`: publishes CloudEvents at the path that publishers of Open Notificaties use. 201 with the
//! events as they were read; binary and batched mode are accepted besides structured.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use translator::cloudevents::{Mode, batch, structured};
use web::{
    auth::Caller,
    problem::{
        Problem,
        publishing::{problem, submission},
    },
    {kanaal_header, language::Language, query},
};

use super::body::receive;
use crate::Api;

/// Publish one event or a batch.
pub async fn publish(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    api.web.admit(&caller)?;
    expect_event(&parts.headers)?;
    let kanaal = query::first(&parts.uri, "kanaal");
    let body = receive(&api, &parts.headers, body).await?;
    let rules = api.publishing.settings.cloudevents;
    let submission = submission(&parts.headers, &body, kanaal.as_deref(), rules)?;
    let taken = api.publishing.publish_events(&caller.client_id, submission).await;
    // This API speaks Dutch, whatever a client prefers.
    let taken = taken.map_err(|error| problem(error, Language::Dutch))?;
    api.web.count_events(&caller, taken.events.len());
    let named = kanaal_header(&taken);
    let (kind, echo) = match (taken.mode, taken.events.as_slice()) {
        (Mode::Structured | Mode::Binary, [taken]) => (structured::CONTENT_TYPE, structured::encode(&taken.event)),
        (_, events) => (batch::CONTENT_TYPE, batch::encode(events.iter().map(|taken| &taken.event))),
    };
    let mut response = (StatusCode::CREATED, [(header::CONTENT_TYPE, kind)], echo).into_response();
    response.headers_mut().extend(named);
    Ok(response)
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
