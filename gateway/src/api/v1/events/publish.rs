//! `POST /v1/events`: CloudEvents in, structured, batched or binary. 202 once every event is durable; with
//! `dryRun=true` nothing is stored and the answer says what would happen.

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::{
    dry_run,
    report::{EventReport, FINDINGS, PROFILE, Report, named},
};
use crate::{
    app::App,
    auth::Caller,
    inbound::{body, query},
    ingest::{
        self,
        examine::{Examined, Posted, examine},
    },
    problem::{Fault, Problem},
};

/// What was honoured of `Prefer` (RFC 7240).
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Publish one event or a batch.
///
/// The mode follows from `Content-Type`: `application/cloudevents+json` (structured),
/// `application/cloudevents-batch+json` (batch), anything else with `ce-` headers (binary).
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "events",
    params(
        ("kanaal" = Option<String>, Query, description = "The kanaal; else the routing rules choose it"),
        ("findings" = Option<bool>, Query, description = "Whether the answer has a body with the findings"),
        ("dryRun" = Option<bool>, Query, description = "Whether nothing is stored: the answer says what would happen"),
        ("Prefer" = Option<String>, Header, description = "`return=representation`: the same as findings=true"),
        ("Accept-Language" = Option<String>, Header, description = "`nl` for problems in Dutch"),
    ),
    request_body(
        content(
            (serde_json::Value = "application/cloudevents+json"),
            (Vec<serde_json::Value> = "application/cloudevents-batch+json")
        )
    ),
    responses(
        (status = 200, description = "Dry run: every event would be taken in", body = Report),
        (status = 202, description = "Every event is durable; with a body when findings are asked for", body = Report),
        (status = 400, description = "An event is invalid or refused; nothing was stored", body = crate::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope, or the kanaal may not carry data of this class"),
        (status = 413, description = "Body too large"),
        (status = 415, description = "Media type of events that is not supported"),
        (status = 429, description = "Too fast"),
        (status = 503, description = "Storage did not confirm it; it is not accepted"),
    )
)]
pub async fn publish(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    ingest::admit(&app.rate, &caller, app.clock.now())?;
    let asked = Asked::read(&parts.uri)?;
    let prefers = prefers_representation(&parts.headers);
    let body = body::receive(&app, &parts.headers, body).await?;
    let posted =
        Posted { headers: &parts.headers, body: &body, kanaal: asked.kanaal.as_deref(), judge: app.ingest.events };
    let mut headers = HeaderMap::new();
    let mut response = if asked.dry_run {
        let examined = examine(&app, posted).await?;
        say(&mut headers, &app, &examined);
        let events = dry_run::reports(&app, &caller, examined.events).await?;
        (StatusCode::OK, Json(Report { dry_run: true, events })).into_response()
    } else {
        let taken = ingest::cloudevents::take(&app, &caller, posted).await?;
        say(&mut headers, &app, &taken);
        if asked.findings || prefers {
            let events = taken.events.iter().map(|verdict| EventReport::new(verdict, None)).collect();
            (StatusCode::ACCEPTED, Json(Report { dry_run: false, events })).into_response()
        } else {
            StatusCode::ACCEPTED.into_response()
        }
    };
    if prefers {
        headers.insert(APPLIED, HeaderValue::from_static("return=representation"));
    }
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The query of a request.
#[derive(Debug, Default)]
struct Asked {
    kanaal: Option<String>,
    findings: bool,
    dry_run: bool,
}

impl Asked {
    fn read(uri: &Uri) -> Result<Self, Problem> {
        let mut asked = Self::default();
        if uri.query().is_none() {
            return Ok(asked);
        }
        for (name, value) in query::known(uri, &["kanaal", "findings", "dryRun", "dry-run"])? {
            let flag = || match value.as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Problem::invalid(vec![Fault::new(name.as_str(), "must be true or false")])),
            };
            match name.as_str() {
                "kanaal" if asked.kanaal.is_none() => asked.kanaal = Some(value),
                "findings" => asked.findings = flag()?,
                "dryRun" | "dry-run" => asked.dry_run |= flag()?,
                _ => {}
            }
        }
        Ok(asked)
    }
}

/// Whether `Prefer` asks for the events in the answer (RFC 7240 section 4.2).
fn prefers_representation(headers: &HeaderMap) -> bool {
    let lines = headers.get_all("prefer").iter().filter_map(|line| line.to_str().ok());
    let wanted = lines.flat_map(|line| line.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("return").then(|| value.trim().trim_matches('"'))
    });
    wanted.is_some_and(|value| value.eq_ignore_ascii_case("representation"))
}

/// The headers that say what the events were held against, and what there is to say.
fn say(headers: &mut HeaderMap, app: &App, examined: &Examined) {
    let mut judges = examined.events.iter().map(|verdict| verdict.judge);
    let judge = match judges.next() {
        Some(first) if judges.all(|other| other == first) => first,
        _ => app.ingest.events,
    };
    headers.insert(PROFILE, HeaderValue::from_static(judge.label()));
    if let Some(findings) = named(examined.events.iter().flat_map(|verdict| &verdict.findings)) {
        headers.insert(FINDINGS, findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences() {
        for (line, wanted) in [
            ("return=representation", true),
            ("respond-async, Return=\"representation\"; foo", true),
            ("return=minimal", false),
            ("return=minimal, return=representation", false),
            ("representation", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_static(line));
            assert_eq!(prefers_representation(&headers), wanted, "{line}");
        }
    }
}
