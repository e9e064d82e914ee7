//! CloudEvents in: three modes, one verdict per event, one append.

use bytes::Bytes;
use http::{HeaderMap, header};
use model::{Event, KanaalName, Registry, event::Born, profile::Finding};
use storage::log::Record;
use translator::cloudevents::{self, Mode, batch, binary, remarks, structured};

use super::{
    Settings,
    append::Append,
    count_findings, record_of,
    refusal::{self, Refusal},
    route::route,
};
use crate::{app::App, auth::Caller, problem::Problem, telemetry::ingest as metrics};

/// What was taken in.
#[derive(Debug)]
pub struct Taken {
    /// How it came.
    pub mode: Mode,
    /// The events, in order; only kept when the caller asked to see them.
    pub events: Vec<Event>,
    /// Remarks on them.
    pub findings: Vec<Finding>,
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a Bytes,
    /// The kanaal it names in the query.
    pub kanaal: Option<&'a str>,
    /// Whether the answer shows the events.
    pub echo: bool,
}

/// Takes the events of a request in, all or none; when it returns `Ok` they are durable.
pub async fn take(app: &App, caller: &Caller, posted: Posted<'_>) -> Result<Taken, Problem> {
    let now = app.clock.now();
    let (mode, events) = decode(&app.ingest, posted.headers, posted.body)?;
    let mut verdicts = judge(&app.ingest, &app.registry.read(), posted.kanaal, &events);
    if verdicts.iter().any(|verdict| matches!(verdict, Err(Refusal::Route(_)))) {
        // The kanaal may have been made on another node a moment ago.
        app.control.catch_up().await?;
        verdicts = judge(&app.ingest, &app.registry.read(), posted.kanaal, &events);
    }
    let (kanalen, mut findings) = all_or_none(mode, verdicts)?;
    if let (Mode::Structured | Mode::Binary, [event]) = (mode, events.as_slice()) {
        findings.extend(remarks::on_headers(mode, lines(posted.headers), event));
    }
    count_findings(&findings);
    let kept = if posted.echo { events.clone() } else { Vec::new() };
    let records: Vec<(KanaalName, Record)> = kanalen
        .into_iter()
        .zip(events)
        .map(|(kanaal, event)| (kanaal, record_of(event, Born::CloudEvent, caller, now)))
        .collect();
    let count = records.len();
    if count > 0 {
        Append::append(&app.log, records).await?;
    }
    metrics::accepted(label(mode), count, app.clock.now().since(now));
    Ok(Taken { mode, events: kept, findings })
}

fn label(mode: Mode) -> &'static str {
    match mode {
        Mode::Structured => "structured",
        Mode::Batch => "batch",
        Mode::Binary => "binary",
    }
}

fn decode(settings: &Settings, headers: &HeaderMap, body: &Bytes) -> Result<(Mode, Vec<Event>), Problem> {
    let content_type = match headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(_)) => return Err(Problem::unsupported_media_type("Content-Type is not readable.")),
    };
    let mode = cloudevents::mode(content_type)?;
    let events = match mode {
        Mode::Structured => vec![
            structured::decode(body, settings.strictness, &settings.limits)
                .map_err(|error| Problem::from(Refusal::Invalid(error)))?,
        ],
        Mode::Batch => batch::decode(body, settings.strictness, &settings.limits).map_err(refusal::batch)?,
        Mode::Binary => vec![
            binary::decode(lines(headers), body.clone(), settings.strictness, &settings.limits)
                .map_err(|error| refusal::binary(error, headers))?,
        ],
    };
    Ok((mode, events))
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

type Verdict = Result<(KanaalName, Vec<Finding>), Refusal>;

fn judge(settings: &Settings, registry: &Registry, asked: Option<&str>, events: &[Event]) -> Vec<Verdict> {
    events
        .iter()
        .map(|event| {
            let findings = settings.remarks(event).map_err(Refusal::Strict)?;
            let kanaal = route(registry, asked, event, settings.default_kanaal.as_ref()).map_err(Refusal::Route)?;
            Ok((kanaal, findings))
        })
        .collect()
}

fn all_or_none(mode: Mode, verdicts: Vec<Verdict>) -> Result<(Vec<KanaalName>, Vec<Finding>), Problem> {
    if verdicts.iter().any(Result::is_err) {
        let mut verdicts = verdicts.into_iter().map(|verdict| verdict.map(drop));
        return Err(match (mode, verdicts.next()) {
            (Mode::Structured | Mode::Binary, Some(Err(refusal))) => refusal.into(),
            (_, first) => refusal::events(first.into_iter().chain(verdicts).collect()),
        });
    }
    let mut kanalen = Vec::with_capacity(verdicts.len());
    let mut remarks = Vec::new();
    for (kanaal, findings) in verdicts.into_iter().flatten() {
        kanalen.push(kanaal);
        remarks.extend(findings);
    }
    Ok((kanalen, remarks))
}
