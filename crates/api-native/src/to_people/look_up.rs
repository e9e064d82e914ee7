//! `POST /v1/people/search`: what there is of one address. The address is in the body only, so that no log and no history has it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use model::addressee::{EndReason, Evidence};
use people::administration::{Found, MAX_REASON, Subscription};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    audit::Unrecorded,
    auth::Caller,
    body::Payload,
    problem::{Fault, Problem},
};

use super::{administration, moment};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct AddressSearch {
    /// `mailto:` and one e-mail address.
    sink: String,
    /// Why, of 1 to 500 characters, for the audit trail; it must not have the address.
    reason: String,
}

/// What there is of an address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddressFound)]
pub struct FoundView {
    /// The address, masked.
    pub sink: String,
    /// Whether all evidence is shown.
    pub complete: bool,
    /// Its light subscriptions, oldest first.
    pub subscriptions: Vec<FoundSubscriptionView>,
    /// What was sent to it, newest first, at most 400.
    pub evidence: Vec<EvidenceView>,
}

/// A light subscription of the address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundSubscription)]
pub struct FoundSubscriptionView {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The kanaal.
    pub kanaal: String,
    /// The channel: `email`, `sms` or `inbox`.
    pub channel: &'static str,
    /// The language of messages: `nl` or `en`.
    pub language: &'static str,
    /// The applicatie that made it.
    pub owner: Option<String>,
    /// `unconfirmed`, `confirmed` or `ended`.
    #[schema(pattern = "^(unconfirmed|confirmed|ended)$")]
    pub state: &'static str,
    /// When it was requested.
    #[schema(format = "date-time")]
    pub requested: String,
    /// When it was confirmed, or ended.
    #[schema(format = "date-time")]
    pub since: Option<String>,
    /// Hard bounces that count against it.
    pub bounces: usize,
    /// Why it ended: `unsubscribed`, `undeliverable`, `complaint`, `expired`, `replaced` or `erased`.
    pub reason: Option<&'static str>,
}

/// What was sent, and how that ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentEvidence)]
pub struct EvidenceView {
    /// The kanaal.
    pub kanaal: String,
    /// `source` of the event.
    pub source: String,
    /// `id` of the event.
    pub event: String,
    /// When the event was accepted.
    #[schema(format = "date-time")]
    pub accepted: String,
    /// The number of attempts.
    pub attempts: u32,
    /// How it ended: `sent`, `delivered`, `permanent-failure`, `temporary-failure`, `technical-failure`, `in-doubt`, `expired` or
    /// `ended`; null while it goes on.
    pub outcome: Option<&'static str>,
    /// When it ended.
    #[schema(format = "date-time")]
    pub ended: Option<String>,
}

impl FoundSubscriptionView {
    fn new(own: Subscription) -> Self {
        Self {
            id: own.id.to_string(),
            kanaal: own.kanaal.to_string(),
            channel: own.channel.label(),
            language: own.language.label(),
            owner: own.owner,
            state: own.state.label(),
            requested: moment(own.created),
            since: own.changed.map(moment),
            bounces: own.bounces,
            reason: own.ended.as_ref().map(EndReason::label),
        }
    }
}

impl EvidenceView {
    fn new(own: Evidence) -> Self {
        Self {
            kanaal: own.event.kanaal.to_string(),
            source: own.event.source,
            event: own.event.id,
            accepted: moment(own.accepted),
            attempts: own.tried.map_or(0, |(attempts, _)| attempts),
            outcome: own.outcome.map(|(outcome, _)| outcome.label()),
            ended: own.outcome.map(|(_, at)| moment(at)),
        }
    }
}

impl FoundView {
    fn new(found: Found) -> Self {
        Self {
            sink: format!("mailto:{}", found.address),
            complete: found.is_complete,
            subscriptions: found.subscriptions.into_iter().map(FoundSubscriptionView::new).collect(),
            evidence: found.evidence.into_iter().map(EvidenceView::new).collect(),
        }
    }
}

/// Looks up what there is of an address. The audit trail has an entry of it, with the reason and without the address.
#[utoipa::path(
    post, path = "/v1/people/search", tag = "people", operation_id = "searchAddress",
    request_body = AddressSearch,
    responses(
        (status = 200, description = "What there is; nothing for an address that is not known", body = FoundView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "This gateway sends no messages to people"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Payload(body): Payload) -> Result<Response, Problem> {
    let administration = administration(&api)?;
    let (sink, reason) = read(&body)?;
    let address = people::parse_mailto(&sink).map_err(|rule| Problem::invalid(vec![Fault::new("sink", rule)]))?;
    let found = administration.look_up(&caller.actor(), &address, &reason).await?;
    let mut response = Json(FoundView::new(found)).into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

/// The sink and the reason.
fn read(body: &[u8]) -> Result<(String, String), Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["sink", "reason"]);
    let sink = top.required("sink").unwrap_or_default();
    let reason = top.required("reason").map(str::trim).unwrap_or_default();
    if !(1..=MAX_REASON).contains(&reason.chars().count()) {
        top.fault("reason", "must be 1 to 500 characters");
    }
    faults.check((sink.to_owned(), reason.to_owned()))
}
