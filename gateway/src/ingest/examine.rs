//! Looking at the CloudEvents of a request: reading them, finding their kanaal, and holding them against what the
//! kanaal asks. Nothing is stored here; a dry run ends with it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, header};
use model::{
    Event, Kanaal, PayloadSchema, Registry,
    profile::{self, Finding, Judge},
    schema::PayloadCheck,
};
use translator::{
    Rejection,
    cloudevents::{self, Mode, batch, binary, remarks, structured},
};

use super::{
    Settings,
    refusal::{self, Refusal},
    route::{RouteError, route},
    strictness,
};
use crate::{app::App, inbound::language::Language, problem::Problem};

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a Bytes,
    /// The kanaal it names in the query.
    pub kanaal: Option<&'a str>,
    /// What holds at the path it came in by.
    pub judge: Judge,
}

/// The events of a request.
#[derive(Debug)]
pub struct Examined {
    /// How they came.
    pub mode: Mode,
    /// Each of them, in order.
    pub events: Vec<Verdict>,
}

/// An event that may be taken in.
#[derive(Debug)]
pub struct Verdict {
    /// The event.
    pub event: Event,
    /// Where it goes.
    pub kanaal: Arc<Kanaal>,
    /// What it was held against.
    pub judge: Judge,
    /// The schema that is registered for its payload, when its kanaal asks to look.
    pub schema: Option<Arc<PayloadSchema>>,
    /// Remarks on it.
    pub findings: Vec<Finding>,
}

/// Looks at the events of a request; one that must be refused refuses all of them.
pub async fn examine(app: &App, posted: Posted<'_>) -> Result<Examined, Problem> {
    let language = Language::of(posted.headers);
    let (mode, events) = decode(&app.ingest, posted, language)?;
    let mut places = place(app, posted, &events);
    if places.iter().any(Result::is_err) {
        // The kanaal may have been made on another node a moment ago.
        app.control.catch_up().await?;
        places = place(app, posted, &events);
    }
    let stricter = stricter(&app.ingest, posted, mode, &places);
    let verdicts =
        events.into_iter().zip(places).zip(stricter).map(|((event, place), rejection)| match (place, rejection) {
            (Err(error), _) => Err(Refusal::Route(error)),
            (Ok(_), Some(rejection)) => Err(Refusal::Invalid(rejection)),
            (Ok(place), None) => judge(app, event, place),
        });
    let mut events = all_or_none(mode, verdicts.collect(), language)?;
    if let (Mode::Structured | Mode::Binary, [only]) = (mode, events.as_mut_slice()) {
        only.findings.extend(remarks::on_headers(mode, lines(posted.headers), &only.event));
    }
    Ok(Examined { mode, events })
}

fn decode(settings: &Settings, posted: Posted<'_>, language: Language) -> Result<(Mode, Vec<Event>), Problem> {
    let Posted { headers, body, judge, .. } = posted;
    let strictness = strictness(judge.mode);
    let content_type = match headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(_)) => return Err(Problem::unsupported_media_type("Content-Type is not readable.")),
    };
    let mode = cloudevents::mode(content_type)?;
    let events = match mode {
        Mode::Structured => vec![
            structured::decode(body, strictness, &settings.limits)
                .map_err(|error| Refusal::Invalid(error).problem(language))?,
        ],
        Mode::Batch => {
            batch::decode(body, strictness, &settings.limits).map_err(|error| refusal::batch(error, language))?
        }
        Mode::Binary => vec![
            binary::decode(lines(headers), body.clone(), strictness, &settings.limits)
                .map_err(|error| refusal::binary(error, headers, language))?,
        ],
    };
    Ok((mode, events))
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

/// Where an event goes, and what it meets there.
struct Place {
    kanaal: Arc<Kanaal>,
    judge: Judge,
    schema: Option<Arc<PayloadSchema>>,
}

fn place(app: &App, posted: Posted<'_>, events: &[Event]) -> Vec<Result<Place, RouteError>> {
    let registry = app.registry.read();
    events
        .iter()
        .map(|event| {
            let kanaal = route(&registry, posted.kanaal, event, app.ingest.default_kanaal.as_ref())?;
            Ok(Place {
                judge: kanaal.rules.over(posted.judge),
                schema: schema_of(&registry, &kanaal, event).cloned(),
                kanaal,
            })
        })
        .collect()
}

/// The schema for the payload of an event: that of its `dataschema`, else that of its type; none when the kanaal does
/// not ask to look.
pub fn schema_of<'a>(registry: &'a Registry, kanaal: &Kanaal, event: &Event) -> Option<&'a Arc<PayloadSchema>> {
    if kanaal.payloads == PayloadCheck::Off {
        return None;
    }
    let named = event.attribute("dataschema").and_then(|value| value.as_text());
    named.and_then(|uri| registry.schema_of_uri(uri)).or_else(|| registry.schema_of_type(event.kind()))
}

/// What the strict reading refuses of events that were read leniently before their kanaal was known.
fn stricter(
    settings: &Settings,
    posted: Posted<'_>,
    mode: Mode,
    places: &[Result<Place, RouteError>],
) -> Vec<Option<Rejection>> {
    let is_stricter = |place: &Result<Place, RouteError>| {
        place
            .as_ref()
            .is_ok_and(|place| place.judge.mode != posted.judge.mode && place.judge.mode == profile::Mode::Strict)
    };
    let mut rejections = vec![None; places.len()];
    if !places.iter().any(is_stricter) {
        return rejections;
    }
    let (body, limits, strict) = (posted.body, &settings.limits, strictness(profile::Mode::Strict));
    let found = match mode {
        Mode::Structured => vec![structured::decode(body, strict, limits).map(drop)],
        Mode::Binary => vec![binary::decode(lines(posted.headers), body.clone(), strict, limits).map(drop)],
        Mode::Batch => match batch::decode(body, strict, limits) {
            Err(batch::BatchRejection::Events(verdicts)) => verdicts,
            _ => Vec::new(),
        },
    };
    for ((rejection, verdict), place) in rejections.iter_mut().zip(found).zip(places) {
        if is_stricter(place) {
            *rejection = verdict.err();
        }
    }
    rejections
}

/// Holds an event against its kanaal.
fn judge(app: &App, event: Event, place: Place) -> Result<Verdict, Refusal> {
    let Place { kanaal, judge, schema } = place;
    if let Some(member) = kanaal.clearance.as_ref().and_then(|clearance| clearance.refuses(&event)) {
        return Err(Refusal::NotCleared(member));
    }
    let mut findings = judge.findings(&event);
    let mut refuses = findings.iter().any(|finding| judge.refuses(finding));
    if let Some(schema) = &schema {
        let misfits = app.payloads.check(schema, &event);
        refuses |= kanaal.payloads == PayloadCheck::Reject && misfits.iter().any(|finding| finding.strict);
        findings.extend(misfits);
    }
    if refuses {
        findings.retain(|finding| match finding.rule {
            crate::payload::MISFIT => kanaal.payloads == PayloadCheck::Reject,
            _ => judge.refuses(finding),
        });
        return Err(Refusal::Findings(findings));
    }
    Ok(Verdict { event, kanaal, judge, schema, findings })
}

fn all_or_none(
    mode: Mode,
    verdicts: Vec<Result<Verdict, Refusal>>,
    language: Language,
) -> Result<Vec<Verdict>, Problem> {
    if verdicts.iter().all(Result::is_ok) {
        return Ok(verdicts.into_iter().flatten().collect());
    }
    let mut verdicts = verdicts.into_iter().map(|verdict| verdict.map(drop));
    Err(match (mode, verdicts.next()) {
        (Mode::Structured | Mode::Binary, Some(Err(refusal))) => refusal.problem(language),
        (_, first) => refusal::events(first.into_iter().chain(verdicts).collect(), language),
    })
}
