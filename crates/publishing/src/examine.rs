//! Examines the CloudEvents of a request: reads them, routes them to a kanaal, and checks them against its rules. Stores
//! nothing; a dry run ends here.

use std::sync::Arc;

use bytes::Bytes;
use model::{
    AttributeName, Event, Kanaal, KanaalName, PayloadSchema, Registry, Value,
    applicatie::Scope,
    inbox::AddressFault,
    profile::{self, EffectiveRules, Finding},
    schema::PayloadCheck,
};
use translator::{
    Rejection,
    cloudevents::{self, MediaTypeError, Mode, batch, binary, header_findings, structured},
};

use super::{
    Publishing, Settings,
    payload::PAYLOAD_SCHEMA_RULE,
    rights::NotAllowed,
    route::{RouteError, Routed, route},
    strictness,
    via::{self, Via, ViaError},
};

/// The headers of a request, for events in binary mode.
pub trait Headers: Sync {
    /// Every name, in lower case, with its value.
    fn lines(&self) -> impl Iterator<Item = (&str, &[u8])>;
}

/// A request that submits events.
#[derive(Debug)]
pub struct Submission<'a, H> {
    /// `Content-Type`; decides the mode.
    pub content_type: Option<&'a str>,
    /// All headers of the request.
    pub headers: H,
    /// The body, not decoded.
    pub body: &'a Bytes,
    /// The kanaal in the query parameter.
    pub kanaal: Option<&'a str>,
    /// The rules of the path of the request.
    pub rules: EffectiveRules,
}

/// The events of a request, all of them acceptable.
#[derive(Debug)]
pub struct Examined {
    /// The mode in which they were sent.
    pub mode: Mode,
    /// The events, in the order of the request.
    pub events: Vec<Candidate>,
    /// The gateways that they passed.
    pub(crate) via: Option<Via>,
}

/// An event that may be accepted.
#[derive(Debug)]
pub struct Candidate {
    /// The event as decoded, before it is stored.
    pub event: Event,
    /// The kanaal it is routed to.
    pub kanaal: Arc<Kanaal>,
    /// The rules it was checked against.
    pub rules: EffectiveRules,
    /// The schema its payload was checked against; `None` when none is registered or its kanaal does not check payloads.
    pub schema: Option<Arc<PayloadSchema>>,
    /// The findings of the checks, none of which refuses the event.
    pub findings: Vec<Finding>,
}

/// Why one event is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is not a valid CloudEvent.
    Invalid(Rejection),
    /// The rules of its kanaal refuse it for these findings.
    Findings(Vec<Finding>),
    /// Its kanaal may not carry data of its class, by this attribute (CE-EXT-19).
    NotCleared(&'static str),
    /// No rule routes it to a kanaal.
    Route(RouteError),
    /// The name and value of this attribute have more bytes than the limit.
    TooLong {
        /// The name of the attribute.
        member: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The client may not publish it.
    NotAllowed(NotAllowed),
    /// What it says to mailings breaks a rule (CH-71, CH-97).
    ForPeople {
        /// The attribute.
        member: &'static str,
        /// The rule.
        rule: String,
    },
    /// Its kanaal has an inbox, and it is neither for one person nor for everybody (CH-3).
    NotAddressed(AddressFault),
}

/// Why a request is refused; nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The media type is no form of events that is read.
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    /// The one event of the request, or a batch as a whole.
    #[error("the event is refused")]
    Event(Refusal),
    /// In binary mode without a single `ce-` header: probably an event in the body with another media type.
    #[error("there is no ce- header")]
    NoEventHeaders(Rejection),
    /// A batch of more events than this limit.
    #[error("more than {0} events in one batch")]
    TooManyEvents(usize),
    /// Some events of a batch, so all of them are: the result for each, in order (CE-BATCH-06).
    #[error("events of the batch are refused")]
    Batch(Vec<Result<(), Refusal>>),
    /// The events came back to this gateway, or passed too many.
    #[error(transparent)]
    Via(#[from] ViaError),
    /// Storage did not confirm, or this node could not catch up with others.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Examined {
    /// The kanalen that the events go to, each once, in the order of the request.
    pub fn kanalen(&self) -> Vec<&KanaalName> {
        let mut kanalen: Vec<&KanaalName> = Vec::new();
        for candidate in &self.events {
            if !kanalen.contains(&&candidate.kanaal.naam) {
                kanalen.push(&candidate.kanaal.naam);
            }
        }
        kanalen
    }
}

impl Publishing {
    /// The gateways that the events of a request passed.
    fn via<H: Headers>(&self, headers: &H) -> Result<Option<Via>, ViaError> {
        let lines = headers.lines().filter(|(name, _)| *name == via::HEADER);
        Via::read(lines.map(|(_, value)| value), &self.settings.installation)
    }

    /// Examines the events of a request of the client `publisher`; one that must be refused refuses all of them.
    pub async fn examine<H: Headers>(&self, publisher: &str, submission: Submission<'_, H>) -> Result<Examined, Error> {
        let via = self.via(&submission.headers)?;
        let (mode, events) = decode(&self.settings, &submission)?;
        let mut targets = self.targets(&submission, &events);
        if targets.iter().any(Result::is_err) {
            // The kanaal may have been created on another node just now.
            self.control.catch_up().await?;
            targets = self.targets(&submission, &events);
        }
        let rejections = strict_rejections(&self.settings, &submission, mode, &targets);
        let results = events.into_iter().zip(targets).zip(rejections).map(|((event, target), rejection)| {
            match (target, rejection) {
                (Err(error), _) => Err(Refusal::Route(error)),
                (Ok(_), Some(rejection)) => Err(Refusal::Invalid(rejection)),
                (Ok(target), None) => self.check_event(publisher, event, target),
            }
        });
        let mut events = all_or_none(mode, results.collect())?;
        if let (Mode::Structured | Mode::Binary, [only]) = (mode, events.as_mut_slice()) {
            only.findings.extend(header_findings::check(mode, submission.headers.lines(), &only.event));
        }
        Ok(Examined { mode, events, via })
    }

    fn targets<H>(&self, submission: &Submission<'_, H>, events: &[Event]) -> Vec<Result<Target, RouteError>> {
        let registry = self.registry.read();
        events
            .iter()
            .map(|event| {
                let default = self.settings.default_kanaal.as_ref();
                let Routed { kanaal, by_default } = route(&registry, submission.kanaal, event, default)?;
                Ok(Target {
                    by_default,
                    rules: kanaal.rules.over(submission.rules),
                    schema: schema_of(&registry, &kanaal, event).cloned(),
                    kanaal,
                })
            })
            .collect()
    }

    /// Checks an event against the rules of its kanaal.
    pub(crate) fn check_event(&self, publisher: &str, event: Event, target: Target) -> Result<Candidate, Refusal> {
        let Target { kanaal, by_default, rules, schema } = target;
        self.check_lengths(&event)?;
        let allowed = self.settings.rights.check(publisher, &kanaal.naam, Some(event.source()));
        allowed.map_err(Refusal::NotAllowed)?;
        if let Some(member) = kanaal.clearance.as_ref().and_then(|clearance| clearance.refuses(&event)) {
            return Err(Refusal::NotCleared(member));
        }
        if let Some(rules) = &self.settings.for_people {
            rules.check(publisher, (&event, &kanaal), &self.settings.inbox, self.clock.now())?;
        }
        if let Some(inbox) = self.settings.inbox.get(&kanaal.naam) {
            inbox.addressed_to(&event).map_err(Refusal::NotAddressed)?;
        }
        let mut findings = rules.findings(&event);
        let mut refuses = findings.iter().any(|finding| rules.refuses(finding));
        if let Some(schema) = &schema {
            let violations = self.payloads.check(schema, &event);
            refuses |= kanaal.payloads == PayloadCheck::Reject && violations.iter().any(|finding| finding.strict);
            findings.extend(violations);
        }
        if refuses {
            findings.retain(|finding| match finding.rule {
                PAYLOAD_SCHEMA_RULE => kanaal.payloads == PayloadCheck::Reject,
                _ => rules.refuses(finding),
            });
            return Err(Refusal::Findings(findings));
        }
        if by_default {
            findings.push(Finding::new(DEFAULT_KANAAL_RULE, "type", DEFAULT_KANAAL_EN, DEFAULT_KANAAL_NL));
        }
        Ok(Candidate { event, kanaal, rules, schema, findings })
    }

    /// Checks that no attribute is longer than the limit.
    fn check_lengths(&self, event: &Event) -> Result<(), Refusal> {
        let limit = self.settings.attribute_bytes;
        let bytes = |(name, value): &(AttributeName, Value)| {
            name.as_str().len().saturating_add(value.as_text().map_or(0, str::len))
        };
        match event.attributes().iter().find(|attribute| bytes(attribute) > limit) {
            Some((name, _)) => Err(Refusal::TooLong { member: printable_name(name.as_str()).into(), limit }),
            None => Ok(()),
        }
    }
}

fn decode<H: Headers>(settings: &Settings, submission: &Submission<'_, H>) -> Result<(Mode, Vec<Event>), Error> {
    let Submission { content_type, headers, body, rules, .. } = submission;
    let (strictness, limits) = (strictness(rules.mode), &settings.limits);
    let invalid = |rejection| Error::Event(Refusal::Invalid(rejection));
    let mode = cloudevents::mode(*content_type)?;
    let events = match mode {
        Mode::Structured => vec![structured::decode(body, strictness, limits).map_err(invalid)?],
        Mode::Batch => batch::decode(body, strictness, limits)?,
        Mode::Binary => {
            let decoded = binary::decode(headers.lines(), Bytes::clone(body), strictness, limits);
            vec![decoded.map_err(|rejection| {
                let is_bare =
                    rejection.member == "specversion" && !headers.lines().any(|(name, _)| name.starts_with("ce-"));
                if is_bare { Error::NoEventHeaders(rejection) } else { invalid(rejection) }
            })?]
        }
    };
    Ok((mode, events))
}

impl From<batch::BatchRejection> for Error {
    fn from(rejection: batch::BatchRejection) -> Self {
        use batch::BatchRejection;
        match rejection {
            BatchRejection::Whole(rejection) => Self::Event(Refusal::Invalid(rejection)),
            BatchRejection::TooManyEvents(limit) => Self::TooManyEvents(limit),
            BatchRejection::Events(results) => {
                Self::Batch(results.into_iter().map(|result| result.map_err(Refusal::Invalid)).collect())
            }
        }
    }
}

/// The rule of the finding that an event went to the default kanaal.
pub const DEFAULT_KANAAL_RULE: &str = "default-kanaal";
const DEFAULT_KANAAL_EN: &str = "no route has this type, so that the event goes to the default kanaal";
const DEFAULT_KANAAL_NL: &str = "geen route heeft dit type, dus gaat het event naar het standaardkanaal";
/// Most bytes of the name of an attribute that a refusal repeats; names are US-ASCII.
const MAX_SHOWN: usize = 100;

fn printable_name(name: &str) -> &str {
    name.get(..MAX_SHOWN).unwrap_or(name)
}

/// The kanaal of an event, and the rules and schema of that kanaal.
pub(crate) struct Target {
    pub kanaal: Arc<Kanaal>,
    /// Whether it is the default kanaal, which no route named.
    pub by_default: bool,
    pub rules: EffectiveRules,
    pub schema: Option<Arc<PayloadSchema>>,
}

/// The schema for the payload of an event: that of its `dataschema`, else that of its type; none when the kanaal does
/// not check payloads. A kanaal with an owner accepts schemas of its owner, of administrators and of the configuration
/// only.
pub fn schema_of<'a>(registry: &'a Registry, kanaal: &Kanaal, event: &Event) -> Option<&'a Arc<PayloadSchema>> {
    if kanaal.payloads == PayloadCheck::Off {
        return None;
    }
    let accepted = |schema: &&Arc<PayloadSchema>| accepts_schema(registry, kanaal, schema);
    let named = event.attribute("dataschema").and_then(|value| value.as_text());
    let named = named.and_then(|uri| registry.schema_of_uri(uri)).filter(accepted);
    named.or_else(|| registry.schema_of_type(event.kind()).filter(accepted))
}

/// Whether a kanaal accepts the schema of this publisher.
fn accepts_schema(registry: &Registry, kanaal: &Kanaal, schema: &PayloadSchema) -> bool {
    let (Some(owner), Some(by)) = (&kanaal.owner, &schema.owner) else { return true };
    owner == by || registry.applicatie(by).is_some_and(|by| by.scopes.contains(&Scope::Beheer))
}

/// What a strict reading rejects in each event that was read leniently before its kanaal was known.
fn strict_rejections<H: Headers>(
    settings: &Settings,
    submission: &Submission<'_, H>,
    mode: Mode,
    targets: &[Result<Target, RouteError>],
) -> Vec<Option<Rejection>> {
    let is_stricter = |target: &Result<Target, RouteError>| {
        target.as_ref().is_ok_and(|target| {
            target.rules.mode != submission.rules.mode && target.rules.mode == profile::Mode::Strict
        })
    };
    let mut rejections = vec![None; targets.len()];
    if !targets.iter().any(is_stricter) {
        return rejections;
    }
    let (body, limits, strict) = (submission.body, &settings.limits, strictness(profile::Mode::Strict));
    let found = match mode {
        Mode::Structured => vec![structured::decode(body, strict, limits).map(drop)],
        Mode::Binary => vec![binary::decode(submission.headers.lines(), body.clone(), strict, limits).map(drop)],
        Mode::Batch => match batch::decode(body, strict, limits) {
            Err(batch::BatchRejection::Events(results)) => results,
            _ => Vec::new(),
        },
    };
    for ((rejection, result), target) in rejections.iter_mut().zip(found).zip(targets) {
        if is_stricter(target) {
            *rejection = result.err();
        }
    }
    rejections
}

fn all_or_none(mode: Mode, results: Vec<Result<Candidate, Refusal>>) -> Result<Vec<Candidate>, Error> {
    if results.iter().all(Result::is_ok) {
        return Ok(results.into_iter().flatten().collect());
    }
    let mut results = results.into_iter().map(|result| result.map(drop));
    Err(match (mode, results.next()) {
        (Mode::Structured | Mode::Binary, Some(Err(refusal))) => Error::Event(refusal),
        (_, first) => Error::Batch(first.into_iter().chain(results).collect()),
    })
}
