//! The report on published events: the profile they were checked against, and the findings.

use http::{HeaderName, HeaderValue};
use management::events::{Receiver, Receives};
use model::{
    PayloadSchema,
    profile::{EffectiveRules, Finding},
};
use publishing::Candidate;
use serde::Serialize;
use utoipa::ToSchema;

/// Profile and mode that the events were held against (GW-03).
pub const PROFILE: HeaderName = HeaderName::from_static("gateway-profile");

/// Remarks on the events: `rule member`, separated by commas.
pub const FINDINGS: HeaderName = HeaderName::from_static("gateway-findings");

/// Most remarks that are named in a header.
const MOST_NAMED: usize = 20;

/// What was found out about the events of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventsReport)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether nothing was stored because nothing should be.
    pub dry_run: bool,
    /// Each event, in order.
    pub events: Vec<EventReport>,
}

/// What was found out about an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventReport {
    /// `id`.
    pub id: String,
    /// `source`.
    pub source: String,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kanaal it goes to.
    pub kanaal: String,
    /// What it was held against.
    #[serde(flatten)]
    pub held: Held,
    /// Dry run only: the subscriptions that the client may see, and whether they would receive it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subscriptions: Option<Vec<ReceiverView>>,
}

/// A subscription and an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receiver)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverView {
    /// The subscription.
    pub id: String,
    /// Whether the event would be delivered.
    pub receives: bool,
    /// Why not: `kanaal`, `filter`, `approval`, `gone` or `expired`; or what a delivery would wait for: `approval`,
    /// `consent`, `paused` or `suspended`. Null when nothing prevents it.
    pub reason: Option<&'static str>,
}

/// What an event is held against, and what that says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// `nlgov` or `cloudevents`.
    pub profile: &'static str,
    /// `lenient` or `strict`.
    pub strictness: &'static str,
    /// The registered schema that its payload was held against; null when there is none, or its kanaal does not ask.
    pub schema: Option<String>,
    /// Remarks.
    pub findings: Vec<FindingView>,
}

/// A remark. It does not repeat what it is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// The rule.
    pub rule: &'static str,
    /// The attribute it is about; `data` for the payload, `event` for the event as a whole.
    pub member: String,
    /// A JSON pointer into the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// The keyword of the schema that the payload does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub keyword: Option<String>,
    /// Whether the rule is obligatory: strict mode refuses for it.
    pub strict: bool,
    /// What it says.
    pub text: Texts,
}

/// The same text twice.
#[derive(Debug, Serialize, ToSchema)]
pub struct Texts {
    /// In English.
    pub en: String,
    /// In Dutch.
    pub nl: String,
}

impl EventReport {
    /// What was found out about an event that came in.
    pub fn new(candidate: &Candidate, subscriptions: Option<Vec<ReceiverView>>) -> Self {
        Self {
            id: candidate.event.id().to_owned(),
            source: candidate.event.source().to_owned(),
            kind: candidate.event.kind().to_owned(),
            kanaal: candidate.kanaal.naam.to_string(),
            held: Held::new(candidate.rules, candidate.schema.as_deref(), &candidate.findings),
            subscriptions,
        }
    }
}

impl Held {
    /// Shows findings.
    pub fn new(rules: EffectiveRules, schema: Option<&PayloadSchema>, findings: &[Finding]) -> Self {
        Self {
            profile: rules.profile.label(),
            strictness: rules.mode.label(),
            schema: schema.map(|schema| schema.name.to_string()),
            findings: findings.iter().map(FindingView::new).collect(),
        }
    }
}

impl FindingView {
    fn new(finding: &Finding) -> Self {
        Self {
            rule: finding.rule,
            member: finding.member.to_string(),
            pointer: finding.place.as_ref().map(|place| place.pointer.clone()),
            keyword: finding.place.as_ref().map(|place| place.keyword.clone()),
            strict: finding.strict,
            text: Texts { en: finding.text_en.clone().into_owned(), nl: finding.text_nl.clone().into_owned() },
        }
    }
}

impl ReceiverView {
    /// The view of a receiver.
    pub fn new(receiver: &Receiver) -> Self {
        let (receives, reason) = match receiver.receives {
            Receives::Now => (true, None),
            Receives::After(reason) => (true, Some(reason)),
            Receives::Not(reason) => (false, Some(reason)),
        };
        Self { id: receiver.id.to_string(), receives, reason }
    }
}

/// The findings by rule and member, for a header; `None` when there are none.
pub fn named<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<HeaderValue> {
    let names: Vec<String> =
        findings.take(MOST_NAMED).map(|finding| format!("{} {}", finding.rule, finding.member)).collect();
    if names.is_empty() { None } else { HeaderValue::try_from(names.join(", ")).ok() }
}
