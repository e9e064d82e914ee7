//! Refusals of events as problem documents: member, rule and place (part of the one map of [`crate::problem`]).

use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{event::Fault as EventFault, profile::Finding};
use serde_json::{Value, json};
use translator::{
    Reason, Rejection,
    cloudevents::{MediaTypeError, batch::BatchRejection},
};

use super::route::RouteError;
use crate::problem::{Fault, Problem};

const INVALID: &str = "invalid-event";
const TITLE: &str = "Invalid event";

/// The media types that are taken, for `Accept-Post`-like hints in a 415.
const ACCEPTED: &str = "application/cloudevents+json, application/cloudevents-batch+json";

/// Why one event of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no valid event.
    Invalid(Rejection),
    /// Strict mode refuses it.
    Strict(Vec<Finding>),
    /// It has no kanaal.
    Route(RouteError),
}

impl Refusal {
    fn faults(&self) -> Vec<Fault> {
        match self {
            Self::Invalid(rejection) => vec![fault(rejection)],
            Self::Strict(findings) => {
                findings.iter().map(|finding| Fault::new(finding.member.as_str(), finding.rule)).collect()
            }
            Self::Route(error) => vec![Fault::new("kanaal", route_name(error))],
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Invalid(rejection) => match rejection.place_text() {
                place if place == rejection.member => rejection.to_string(),
                place => format!("{rejection} ({place})"),
            },
            Self::Strict(findings) => findings
                .iter()
                .map(|finding| format!("{}: {}", finding.member, finding.text_en))
                .collect::<Vec<_>>()
                .join("; "),
            Self::Route(error) => error.to_string(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Invalid(rejection) if is_version(rejection) => "unsupported-specversion",
            Self::Invalid(_) | Self::Strict(_) => INVALID,
            Self::Route(error) => route_name(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        if matches!(&refusal, Refusal::Invalid(Rejection { reason: Reason::NoContentType, .. })) {
            // A payload of no declared type (CE-WH-21).
            return Self::unsupported_media_type(refusal.detail()).with_errors(refusal.faults());
        }
        Self::new(StatusCode::BAD_REQUEST, refusal.name(), TITLE, refusal.detail()).with_errors(refusal.faults())
    }
}

impl From<MediaTypeError> for Problem {
    fn from(error: MediaTypeError) -> Self {
        Self::unsupported_media_type(error.to_string()).with_header(header::ACCEPT, HeaderValue::from_static(ACCEPTED))
    }
}

/// An event in binary mode that is refused. Without a single attribute in the headers it is rather an event in the body
/// whose media type does not say so.
pub fn binary(rejection: Rejection, headers: &HeaderMap) -> Problem {
    let is_bare = rejection.member == "specversion" && !headers.keys().any(|name| name.as_str().starts_with("ce-"));
    let refusal = Refusal::Invalid(rejection);
    if !is_bare {
        return refusal.into();
    }
    let detail = format!(
        "{}; there is no ce- header: for events in the body send a Content-Type of {ACCEPTED}",
        refusal.detail()
    );
    Problem::new(StatusCode::BAD_REQUEST, refusal.name(), TITLE, detail).with_errors(refusal.faults())
}

/// A batch that is refused as a whole; verdicts per event where each was looked at.
pub fn batch(rejection: BatchRejection) -> Problem {
    match rejection {
        BatchRejection::Whole(rejection) => Refusal::Invalid(rejection).into(),
        BatchRejection::TooManyEvents(limit) => Problem::new(
            StatusCode::BAD_REQUEST,
            "batch-too-large",
            "Batch too large",
            format!("A batch may have {limit} events."),
        )
        .with_errors(vec![Fault::new("body", "too-many-events")]),
        BatchRejection::Events(verdicts) => {
            events(verdicts.into_iter().map(|verdict| verdict.map_err(Refusal::Invalid)).collect())
        }
    }
}

/// A batch in which some events are refused: all of them are, with a verdict on each (CE-BATCH-06).
pub fn events(verdicts: Vec<Result<(), Refusal>>) -> Problem {
    let refused: Vec<(usize, &Refusal)> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(at, verdict)| verdict.as_ref().err().map(|refusal| (at, refusal)))
        .collect();
    let name = match refused.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other.name() == first.name()) => first.name(),
        _ => INVALID,
    };
    let detail = match refused.first() {
        Some((at, first)) => {
            format!("{} of {} events are invalid; event {at}: {}", refused.len(), verdicts.len(), first.detail())
        }
        None => "No event is invalid.".to_owned(),
    };
    let errors = refused.iter().flat_map(|(_, refusal)| refusal.faults()).collect();
    let list: Vec<Value> = verdicts
        .iter()
        .enumerate()
        .map(|(at, verdict)| match verdict {
            Ok(()) => json!({"index": at, "valid": true}),
            Err(refusal) => json!({"index": at, "valid": false, "errors": refusal.faults()}),
        })
        .collect();
    Problem::new(StatusCode::BAD_REQUEST, name, TITLE, detail).with_errors(errors).with_member("verdicts", list.into())
}

fn fault(rejection: &Rejection) -> Fault {
    Fault::new(rejection.member.as_str(), rejection.rule()).at(rejection.place_text())
}

fn is_version(rejection: &Rejection) -> bool {
    matches!(rejection.reason, Reason::Attribute(EventFault::Specversion))
}

fn route_name(error: &RouteError) -> &'static str {
    match error {
        RouteError::Unknown(_) => "unknown-kanaal",
        RouteError::None => "no-kanaal",
    }
}
