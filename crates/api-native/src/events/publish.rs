//! `POST /v1/events`: publishes CloudEvents, structured, batched or binary. 202 once every event is durable; with
//! `dryRun=true` nothing is stored and the response is a report.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use model::addressee::EventReference;
use publishing::Examined;
use web::{
    auth::Caller,
    problem::{
        Fault, Problem,
        publishing::{problem, submission},
    },
    {body, kanaal_header, language::Language, query},
};

use super::{
    dry_run,
    report::{EventReport, FINDINGS, PROFILE, Report, named},
};
use crate::{Api, to_people::mailings::MailingListView};

/// The wishes of a client about the answer (RFC 7240).
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// What was honoured of `Prefer`.
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Room for the headers of an answer, with those that every answer has.
const HEADERS: usize = 12;

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
        ("dryRun" = Option<bool>, Query, description = "Whether nothing is stored: the answer contains what would happen"),
        ("Prefer" = Option<String>, Header, description = "`return=representation`: the same as findings=true; `wait=n`: the answer waits at most n seconds (60) until the mailings to people have ended"),
        ("Accept-Language" = Option<String>, Header, description = "`nl` for problems in Dutch"),
    ),
    request_body(
        content(
            (serde_json::Value = "application/cloudevents+json"),
            (Vec<serde_json::Value> = "application/cloudevents-batch+json")
        )
    ),
    responses(
        (status = 200, description = "Dry run: every event would be taken in; or, with `Prefer: wait=n`, every event is durable and its mailings have ended, which are in the body", body = Report, headers(("Gateway-Kanaal" = String))),
        (status = 202, description = "Every event is durable; with a body when findings are asked for", body = Report, headers(("Gateway-Kanaal" = String))),
        (status = 400, description = "An event is invalid or refused; nothing was stored", body = web::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope, the kanaal may not carry data of this class, or the client may not publish on it or under this source"),
        (status = 413, description = "Body too large"),
        (status = 415, description = "Media type of events that is not supported"),
        (status = 429, description = "Too fast"),
        (status = 503, description = "Storage did not confirm it; it is not accepted"),
    )
)]
pub async fn publish(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    api.web.admit(&caller)?;
    let query = PublishQuery::read(&parts.uri)?;
    let preferences = Preferences::read(&parts.headers);
    let body = body::receive(&api.web, &parts.headers, body).await?;
    let language = Language::of(&parts.headers);
    let rules = api.publishing.settings.events;
    let submission = submission(&parts.headers, &body, query.kanaal.as_deref(), rules)?;
    let findings = query.findings || preferences.representation;
    let mut applied = preferences.representation.then_some("return=representation");
    let (mut response, described) = if query.dry_run {
        let examined = api.publishing.examine(&caller.client_id, submission).await;
        let examined = examined.map_err(|error| problem(error, language))?;
        let described = described(&api, &examined);
        api.web.count_events(&caller, examined.events.len());
        let events = dry_run::reports(&api, &caller, examined.events).await?;
        ((StatusCode::OK, Json(Report { dry_run: true, events })).into_response(), described)
    } else {
        let taken = api.publishing.publish_events(&caller.client_id, submission).await;
        let taken = taken.map_err(|error| problem(error, language))?;
        api.web.count_events(&caller, taken.events.len());
        let described = described(&api, &taken);
        let waited = match preferences.wait {
            Some(wait) if !findings => mailings(&api, &taken, wait).await,
            _ => None,
        };
        let response = if let Some(mailings) = waited {
            applied = Some("wait");
            (StatusCode::OK, Json(mailings)).into_response()
        } else if findings {
            let events = taken.events.iter().map(|candidate| EventReport::new(candidate, None)).collect();
            (StatusCode::ACCEPTED, Json(Report { dry_run: false, events })).into_response()
        } else {
            StatusCode::ACCEPTED.into_response()
        };
        (response, described)
    };
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.extend(described.into_iter().flatten());
    if let Some(applied) = applied {
        headers.insert(APPLIED, HeaderValue::from_static(applied));
    }
    Ok(response)
}

/// The query of a request.
#[derive(Debug, Default)]
struct PublishQuery {
    kanaal: Option<String>,
    findings: bool,
    dry_run: bool,
}

impl PublishQuery {
    fn read(uri: &Uri) -> Result<Self, Problem> {
        let mut query = Self::default();
        if uri.query().is_none() {
            return Ok(query);
        }
        for (name, value) in query::only_known(uri, &["kanaal", "findings", "dryRun", "dry-run"])? {
            let flag = || match value.as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Problem::invalid(vec![Fault::new(name.as_str(), "must be true or false")])),
            };
            match name.as_str() {
                "kanaal" if query.kanaal.is_none() => query.kanaal = Some(value),
                "findings" => query.findings = flag()?,
                "dryRun" | "dry-run" => query.dry_run |= flag()?,
                _ => {}
            }
        }
        Ok(query)
    }
}

/// The mailings of events when they have ended in time (CH-87). A failure changes nothing about events that are accepted.
async fn mailings(api: &Api, taken: &Examined, wait: Duration) -> Option<MailingListView> {
    let reference = |candidate: &publishing::Candidate| EventReference {
        kanaal: candidate.kanaal.naam.clone(),
        source: candidate.event.source().to_owned(),
        id: candidate.event.id().to_owned(),
    };
    let events: Vec<EventReference> = taken.events.iter().map(reference).collect();
    match api.people_administration.as_ref()?.ended(&events, wait).await {
        Ok(found) => found.map(MailingListView::of),
        Err(error) => {
            tracing::warn!(%error, "it is not known whether mailings have ended");
            None
        }
    }
}

/// What a client asks for with `Prefer` (RFC 7240); the first of a name counts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Preferences {
    /// Whether the answer is to contain the events (section 4.2).
    representation: bool,
    /// How long the answer may wait (section 4.3).
    wait: Option<Duration>,
}

impl Preferences {
    fn read(headers: &HeaderMap) -> Self {
        let (mut returned, mut wait) = (None, None);
        let lines = headers.get_all(PREFER).iter().filter_map(|line| line.to_str().ok());
        for preference in lines.flat_map(|line| line.split(',')) {
            let stated = preference.split(';').next().and_then(|stated| stated.split_once('='));
            let Some((name, value)) = stated else { continue };
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("return") {
                returned = returned.or(Some(value));
            } else if name.eq_ignore_ascii_case("wait") {
                wait = wait.or(Some(value));
            }
        }
        Self {
            representation: returned.is_some_and(|value| value.eq_ignore_ascii_case("representation")),
            wait: wait.and_then(|value| value.parse().ok()).map(Duration::from_secs),
        }
    }
}

/// The headers that name the kanalen of the events, the rules they were checked against, and the findings.
fn described(api: &Api, examined: &Examined) -> [Option<(HeaderName, HeaderValue)>; 3] {
    let mut all = examined.events.iter().map(|candidate| candidate.rules);
    let rules = match all.next() {
        Some(first) if all.all(|other| other == first) => first,
        _ => api.publishing.settings.events,
    };
    let findings = named(examined.events.iter().flat_map(|candidate| &candidate.findings));
    [
        kanaal_header(examined),
        Some((PROFILE, HeaderValue::from_static(rules.label()))),
        findings.map(|findings| (FINDINGS, findings)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_87_how_long_an_answer_may_wait() {
        for (line, expected) in [
            ("wait=10", Some(10)),
            ("return=minimal, Wait=\"0\"; x", Some(0)),
            ("wait=-1", None),
            ("wait", None),
            ("wait=soon", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_static(line));
            assert_eq!(Preferences::read(&headers).wait, expected.map(Duration::from_secs), "{line}");
        }
    }

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
            assert_eq!(Preferences::read(&headers).representation, wanted, "{line}");
        }
    }
}
