//! `POST /v1/events`: CloudEvents in, structured, batched or binary. 202 without a body once every event is durable.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode};
use model::profile::Finding;

use crate::{
    app::App,
    auth::Caller,
    inbound::{body, query},
    ingest::{self, cloudevents::Posted},
    problem::Problem,
};

/// Profile and mode that the events were held against (GW-03).
const PROFILE: HeaderName = HeaderName::from_static("gateway-profile");

/// Remarks on the events: `rule member`, separated by commas.
const FINDINGS: HeaderName = HeaderName::from_static("gateway-findings");

/// Most remarks that are named in the answer.
const MOST_FINDINGS: usize = 20;

/// Publish one event or a batch.
///
/// The mode follows from `Content-Type`: `application/cloudevents+json` (structured),
/// `application/cloudevents-batch+json` (batch), anything else with `ce-` headers (binary).
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "events",
    params(("kanaal" = Option<String>, Query, description = "The kanaal; else the routing rules choose it")),
    request_body(
        content(
            (serde_json::Value = "application/cloudevents+json"),
            (Vec<serde_json::Value> = "application/cloudevents-batch+json")
        )
    ),
    responses(
        (status = 202, description = "Every event is durable"),
        (status = 400, description = "An event is invalid; nothing was stored", body = crate::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "Body too large"),
        (status = 415, description = "Media type of events that is not supported"),
        (status = 429, description = "Too fast"),
        (status = 503, description = "Storage did not confirm it; it is not accepted"),
    )
)]
pub async fn publish(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    ingest::admit(&app.rate, &caller, app.clock.now())?;
    let kanaal = match parts.uri.query() {
        None => None,
        Some(_) => query::known(&parts.uri, &["kanaal"])?.into_iter().find(|(name, _)| name == "kanaal"),
    };
    let body = body::receive(&app, &parts.headers, body).await?;
    let posted = Posted {
        headers: &parts.headers,
        body: &body,
        kanaal: kanaal.as_ref().map(|(_, naam)| naam.as_str()),
        echo: false,
    };
    let taken = ingest::cloudevents::take(&app, &caller, posted).await?;
    let mut response = StatusCode::ACCEPTED.into_response();
    response.headers_mut().insert(PROFILE, HeaderValue::from_static(app.ingest.label()));
    if let Some(findings) = name(&taken.findings) {
        response.headers_mut().insert(FINDINGS, findings);
    }
    Ok(response)
}

fn name(findings: &[Finding]) -> Option<HeaderValue> {
    if findings.is_empty() {
        return None;
    }
    let names: Vec<String> =
        findings.iter().take(MOST_FINDINGS).map(|finding| format!("{} {}", finding.rule, finding.member)).collect();
    HeaderValue::try_from(names.join(", ")).ok()
}
