//! Refusals of events as problem documents: member, rule and place, in English or Dutch; and the headers of a request as
//! publishing reads them.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use model::{
    event::Fault as EventFault,
    inbox::AddressFault,
    profile::{EffectiveRules, Finding},
};
use publishing::{
    Error, Headers, MediaTypeError, Reason, Refusal, Rejection, Submission, ViaError, notification, route::RouteError,
};
use serde_json::{Value, json};

use super::{Fault, Problem, ProblemType};
use crate::language::Language;

/// The media types that are taken, for `Accept-Post`-like hints in a 415.
const ACCEPTED: &str = "application/cloudevents+json, application/cloudevents-batch+json";

/// The headers of a request, as publishing reads them.
#[derive(Debug, Clone, Copy)]
pub struct EventHeaders<'a>(&'a HeaderMap);

impl Headers for EventHeaders<'_> {
    fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}

/// The events that a request submits: its headers and body, the kanaal of its query, and the rules of its path. 415 when
/// `Content-Type` is no text.
pub fn submission<'a>(
    headers: &'a HeaderMap,
    body: &'a Bytes,
    kanaal: Option<&'a str>,
    rules: EffectiveRules,
) -> Result<Submission<'a, EventHeaders<'a>>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str).transpose();
    let content_type = content_type.map_err(|_| Problem::unsupported_media_type("Content-Type is not readable."))?;
    Ok(Submission { content_type, headers: EventHeaders(headers), body, kanaal, rules })
}

/// The problem of a request whose events are refused.
pub fn problem(error: Error, language: Language) -> Problem {
    match error {
        Error::MediaType(error) => error.into(),
        Error::Event(refusal) => one(&refusal, language),
        Error::NoEventHeaders(rejection) => no_event_headers(rejection, language),
        Error::TooManyEvents(limit) => {
            Problem::new(ProblemType::BatchTooLarge, format!("A batch may have {limit} events."))
                .with_errors(vec![Fault::new("body", "too-many-events")])
        }
        Error::Batch(results) => batch(&results, language),
        Error::Via(error) => via_problem(&error, language),
        Error::Storage(error) => error.into(),
    }
}

/// The problem of an event that came back or passed too many gateways: 400, so that a gateway that sends it makes it a
/// dead letter.
fn via_problem(error: &ViaError, language: Language) -> Problem {
    let text = match language {
        Language::English => error.to_string(),
        Language::Dutch => error.text_nl(),
    };
    Problem::new(ProblemType::Loop, text).with_errors(vec![Fault::new("Gateway-Via", ProblemType::Loop.name())])
}

impl From<notification::Error> for Problem {
    /// Broken rules of the API are answered by the API itself; here they are a plain 400.
    fn from(error: notification::Error) -> Self {
        match error {
            notification::Error::Fields(errors) => {
                Self::invalid(errors.iter().map(|error| Fault::new(error.field, error.reason.as_ref())).collect())
            }
            notification::Error::Attributes(error) => {
                tracing::error!(%error, "configuration gives no valid attribute");
                Self::internal()
            }
            notification::Error::NotAllowed(error) => Self::forbidden(error.text_nl()),
            notification::Error::Via(error) => via_problem(&error, Language::Dutch),
            notification::Error::Storage(error) => error.into(),
        }
    }
}

fn faults(refusal: &Refusal) -> Vec<Fault> {
    match refusal {
        Refusal::Invalid(rejection) => rejection.all().map(fault).collect(),
        Refusal::Findings(findings) => findings.iter().map(fault_of).collect(),
        Refusal::NotCleared(member) => vec![Fault::new(*member, ProblemType::NotCleared.name())],
        Refusal::Route(error) => vec![Fault::new("kanaal", of_route(error).name())],
        Refusal::TooLong { member, .. } => vec![Fault::new(member.as_str(), "too-long")],
        Refusal::NotAllowed(error) => vec![Fault::new(error.member(), ProblemType::Forbidden.name())],
        Refusal::ForPeople { member, rule } => vec![Fault::new(*member, rule.as_str())],
        Refusal::NotAddressed(fault) => vec![Fault::new("data", "not-addressed").at(format!("/data{}", fault.pointer))],
    }
}

fn detail(refusal: &Refusal, language: Language) -> String {
    match refusal {
        Refusal::Invalid(rejection) => {
            rejection.all().map(|one| sentence(one, language)).collect::<Vec<_>>().join("; ")
        }
        Refusal::Findings(findings) => findings
            .iter()
            .map(|finding| match language {
                Language::English => format!("{}: {}", finding.member, finding.text_en),
                Language::Dutch => format!("{}: {}", finding.member, finding.text_nl),
            })
            .collect::<Vec<_>>()
            .join("; "),
        Refusal::NotCleared(member) => match language {
            Language::English => format!("{member}: the kanaal may not carry data of this class"),
            Language::Dutch => format!("{member}: het kanaal mag geen gegevens van deze klasse dragen"),
        },
        Refusal::Route(error) => match language {
            Language::English => error.to_string(),
            Language::Dutch => error.text_nl(),
        },
        Refusal::TooLong { member, limit } => match language {
            Language::English => format!("{member}: an attribute may have {limit} bytes, name and value together"),
            Language::Dutch => format!("{member}: een attribuut mag {limit} bytes hebben, naam en waarde samen"),
        },
        Refusal::NotAllowed(error) => match language {
            Language::English => format!("{}: {error}", error.member()),
            Language::Dutch => format!("{}: {}", error.member(), error.text_nl()),
        },
        Refusal::ForPeople { member, rule } => match language {
            Language::English => format!("{member}: {rule}"),
            Language::Dutch => format!("{member}: voldoet niet aan een regel voor berichten aan mensen: {rule}"),
        },
        Refusal::NotAddressed(AddressFault { pointer, rule }) => match language {
            Language::English => format!("data{pointer}: {rule}"),
            Language::Dutch => format!("data{pointer}: {}", rule.text_nl()),
        },
    }
}

fn kind(refusal: &Refusal) -> ProblemType {
    match refusal {
        Refusal::Invalid(rejection) if rejection.all().any(is_version) => ProblemType::UnsupportedSpecversion,
        Refusal::Invalid(_)
        | Refusal::Findings(_)
        | Refusal::TooLong { .. }
        | Refusal::ForPeople { .. }
        | Refusal::NotAddressed(_) => ProblemType::InvalidEvent,
        Refusal::NotCleared(_) => ProblemType::NotCleared,
        Refusal::Route(error) => of_route(error),
        Refusal::NotAllowed(_) => ProblemType::Forbidden,
    }
}

fn of_route(error: &RouteError) -> ProblemType {
    match error {
        RouteError::Unknown(_) => ProblemType::UnknownKanaal,
        RouteError::None => ProblemType::NoKanaal,
    }
}

/// The refusal of a request with one event.
fn one(refusal: &Refusal, language: Language) -> Problem {
    let detail = detail(refusal, language);
    let problem = if matches!(refusal, Refusal::Invalid(Rejection { reason: Reason::NoContentType, .. })) {
        // A payload of no declared type (CE-WH-21).
        Problem::unsupported_media_type(detail)
    } else {
        Problem::new(kind(refusal), detail).with_title(title(language))
    };
    language.mark(problem.with_errors(faults(refusal)))
}

/// A rejection as one sentence: the member, the rule and the place.
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

/// An event in binary mode without a single attribute in the headers: probably an event in the body with another type.
fn no_event_headers(rejection: Rejection, language: Language) -> Problem {
    let refusal = Refusal::Invalid(rejection);
    let hint = match language {
        Language::English => "there is no ce- header: for events in the body send a Content-Type of",
        Language::Dutch => "er is geen ce-header: stuur voor events in de inhoud een Content-Type",
    };
    let detail = format!("{}; {hint} {ACCEPTED}", detail(&refusal, language));
    let problem = Problem::new(kind(&refusal), detail).with_title(title(language));
    language.mark(problem.with_errors(faults(&refusal)))
}

/// A batch in which some events are refused: all of them are, with the result for each (CE-BATCH-06).
fn batch(results: &[Result<(), Refusal>], language: Language) -> Problem {
    let refused: Vec<(usize, &Refusal)> = results
        .iter()
        .enumerate()
        .filter_map(|(at, result)| result.as_ref().err().map(|refusal| (at, refusal)))
        .collect();
    let kind = match refused.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| kind(other) == kind(first)) => kind(first),
        _ => ProblemType::InvalidEvent,
    };
    let (bad, all) = (refused.len(), results.len());
    let detail = refused.first().map_or_else(String::new, |(at, first)| {
        let first = detail(first, language);
        match language {
            Language::English => format!("{bad} of {all} events are invalid; event {at}: {first}"),
            Language::Dutch => format!("{bad} van {all} events zijn ongeldig; event {at}: {first}"),
        }
    });
    let errors = refused.iter().flat_map(|(_, refusal)| faults(refusal)).collect();
    let list: Vec<Value> = results
        .iter()
        .enumerate()
        .map(|(at, result)| match result {
            Ok(()) => json!({"index": at, "valid": true}),
            Err(refusal) => json!({"index": at, "valid": false, "errors": faults(refusal)}),
        })
        .collect();
    let problem = Problem::new(kind, detail).with_title(title(language));
    language.mark(problem.with_errors(errors).with_member("verdicts", list.into()))
}

fn fault(rejection: &Rejection) -> Fault {
    Fault::new(rejection.member.as_str(), rejection.rule()).at(rejection.place_text())
}

fn is_version(rejection: &Rejection) -> bool {
    matches!(rejection.reason, Reason::Attribute(EventFault::Specversion))
}
