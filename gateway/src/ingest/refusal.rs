//! Refusals of events as problem documents: member, rule and place (part of the one map of [`crate::problem`]).

use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{event::Fault as EventFault, profile::Finding};
use serde_json::{Value, json};
use translator::{
    Reason, Rejection,
    cloudevents::{MediaTypeError, batch::BatchRejection},
};

use super::route::RouteError;
use crate::{
    inbound::language::Language,
    problem::{Fault, Problem},
};

const INVALID: &str = "invalid-event";
const NOT_CLEARED: &str = "not-cleared";

/// The media types that are taken, for `Accept-Post`-like hints in a 415.
const ACCEPTED: &str = "application/cloudevents+json, application/cloudevents-batch+json";

/// Why one event of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no valid event.
    Invalid(Rejection),
    /// What holds on its kanaal refuses it.
    Findings(Vec<Finding>),
    /// Its kanaal may not carry data of its class, by this attribute (CE-EXT-19).
    NotCleared(&'static str),
    /// It has no kanaal.
    Route(RouteError),
}

impl Refusal {
    fn faults(&self) -> Vec<Fault> {
        match self {
            Self::Invalid(rejection) => rejection.all().map(fault).collect(),
            Self::Findings(findings) => findings.iter().map(fault_of).collect(),
            Self::NotCleared(member) => vec![Fault::new(*member, NOT_CLEARED)],
            Self::Route(error) => vec![Fault::new("kanaal", route_name(error))],
        }
    }

    fn detail(&self, language: Language) -> String {
        match self {
            Self::Invalid(rejection) => {
                rejection.all().map(|one| sentence(one, language)).collect::<Vec<_>>().join("; ")
            }
            Self::Findings(findings) => findings
                .iter()
                .map(|finding| match language {
                    Language::English => format!("{}: {}", finding.member, finding.text_en),
                    Language::Dutch => format!("{}: {}", finding.member, finding.text_nl),
                })
                .collect::<Vec<_>>()
                .join("; "),
            Self::NotCleared(member) => match language {
                Language::English => format!("{member}: the kanaal may not carry data of this class"),
                Language::Dutch => format!("{member}: het kanaal mag geen gegevens van deze klasse dragen"),
            },
            Self::Route(error) => match language {
                Language::English => error.to_string(),
                Language::Dutch => error.text_nl(),
            },
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Invalid(rejection) if rejection.all().any(is_version) => "unsupported-specversion",
            Self::Invalid(_) | Self::Findings(_) => INVALID,
            Self::NotCleared(_) => NOT_CLEARED,
            Self::Route(error) => route_name(error),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotCleared(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The refusal of a request with one event.
    pub fn problem(self, language: Language) -> Problem {
        let detail = self.detail(language);
        let problem = if matches!(&self, Self::Invalid(Rejection { reason: Reason::NoContentType, .. })) {
            // A payload of no declared type (CE-WH-21).
            Problem::unsupported_media_type(detail)
        } else {
            Problem::new(self.status(), self.name(), title(language), detail)
        };
        language.mark(problem.with_errors(self.faults()))
    }
}

/// Member, rule and place.
fn sentence(rejection: &Rejection, language: Language) -> String {
    let text = match language {
        Language::English => rejection.to_string(),
        Language::Dutch => format!("{}: {}", rejection.member, rejection.text_nl()),
    };
    match rejection.place_text() {
        place if place == rejection.member => text,
        place => format!("{text} ({place})"),
    }
}

fn title(language: Language) -> &'static str {
    match language {
        Language::English => "Invalid event",
        Language::Dutch => "Ongeldig event",
    }
}

/// The rule and, of a payload, the keyword and the place.
fn fault_of(finding: &Finding) -> Fault {
    match &finding.place {
        None => Fault::new(finding.member.as_str(), finding.rule),
        Some(place) => {
            Fault::new(finding.member.as_str(), format!("{}: {}", finding.rule, place.keyword)).at(&place.pointer)
        }
    }
}

impl From<MediaTypeError> for Problem {
    fn from(error: MediaTypeError) -> Self {
        let detail = error.to_string();
        Self::unsupported_media_type(detail.clone())
            .fault("Content-Type", detail)
            .with_header(header::ACCEPT, HeaderValue::from_static(ACCEPTED))
    }
}

/// An event in binary mode that is refused. Without a single attribute in the headers it is rather an event in the body
/// whose media type does not say so.
pub fn binary(rejection: Rejection, headers: &HeaderMap, language: Language) -> Problem {
    let is_bare = rejection.member == "specversion" && !headers.keys().any(|name| name.as_str().starts_with("ce-"));
    let refusal = Refusal::Invalid(rejection);
    if !is_bare {
        return refusal.problem(language);
    }
    let hint = match language {
        Language::English => "there is no ce- header: for events in the body send a Content-Type of",
        Language::Dutch => "er is geen ce-header: stuur voor events in de inhoud een Content-Type",
    };
    let detail = format!("{}; {hint} {ACCEPTED}", refusal.detail(language));
    let problem = Problem::new(StatusCode::BAD_REQUEST, refusal.name(), title(language), detail);
    language.mark(problem.with_errors(refusal.faults()))
}

/// A batch that is refused as a whole; verdicts per event where each was looked at.
pub fn batch(rejection: BatchRejection, language: Language) -> Problem {
    match rejection {
        BatchRejection::Whole(rejection) => Refusal::Invalid(rejection).problem(language),
        BatchRejection::TooManyEvents(limit) => Problem::new(
            StatusCode::BAD_REQUEST,
            "batch-too-large",
            "Batch too large",
            format!("A batch may have {limit} events."),
        )
        .with_errors(vec![Fault::new("body", "too-many-events")]),
        BatchRejection::Events(verdicts) => {
            events(verdicts.into_iter().map(|verdict| verdict.map_err(Refusal::Invalid)).collect(), language)
        }
    }
}

/// A batch in which some events are refused: all of them are, with a verdict on each (CE-BATCH-06).
pub fn events(verdicts: Vec<Result<(), Refusal>>, language: Language) -> Problem {
    let refused: Vec<(usize, &Refusal)> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(at, verdict)| verdict.as_ref().err().map(|refusal| (at, refusal)))
        .collect();
    let name = match refused.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other.name() == first.name()) => first.name(),
        _ => INVALID,
    };
    let (bad, all) = (refused.len(), verdicts.len());
    let detail = refused.first().map_or_else(String::new, |(at, first)| {
        let first = first.detail(language);
        match language {
            Language::English => format!("{bad} of {all} events are invalid; event {at}: {first}"),
            Language::Dutch => format!("{bad} van {all} events zijn ongeldig; event {at}: {first}"),
        }
    });
    let errors = refused.iter().flat_map(|(_, refusal)| refusal.faults()).collect();
    let list: Vec<Value> = verdicts
        .iter()
        .enumerate()
        .map(|(at, verdict)| match verdict {
            Ok(()) => json!({"index": at, "valid": true}),
            Err(refusal) => json!({"index": at, "valid": false, "errors": refusal.faults()}),
        })
        .collect();
    let status = if name == NOT_CLEARED { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
    let problem = Problem::new(status, name, title(language), detail);
    language.mark(problem.with_errors(errors).with_member("verdicts", list.into()))
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
