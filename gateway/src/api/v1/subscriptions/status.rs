//! How a subscription stands: one word, its reason, consent, lag and pace (GW-07).
//!
//! It joins what control knows (status, consent) with what the engine knows (lag, pace, last error).

use delivery::SubscriptionStatus;
use model::{
    Subscription, Timestamp,
    approval::ApprovalState,
    consent::{Consent, Rate},
    subscription::Status,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// How a subscription stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionStatus)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// `awaiting-approval`, `rejected`, `validating`, `pending-callback`, `granted`, `throttled`, `outage`, `refused`,
    /// `paused`, `suspended`, `expired` or `gone`.
    #[schema(
        pattern = "^(awaiting-approval|rejected|validating|pending-callback|granted|throttled|outage|refused|paused|suspended|expired|gone)$"
    )]
    pub state: &'static str,
    /// Why, where that needs words.
    pub reason: Option<String>,
    /// What the sink agreed to; null while it has not.
    pub consent: Option<ConsentView>,
    /// Until when the sink may consent at the callback URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub callback_until: Option<String>,
    /// What is still to be delivered.
    pub lag: Lag,
    /// Requests under way.
    pub in_flight: u64,
    /// Deliveries that wait for their next attempt.
    pub parked: u64,
    /// The sink asked for silence until then.
    #[schema(format = "date-time")]
    pub not_before: Option<String>,
    /// Since when the sink has been failing.
    #[schema(format = "date-time")]
    pub outage_since: Option<String>,
    /// What the last failed attempt met.
    pub last_error: Option<String>,
}

/// What the sink agreed to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
#[serde(rename_all = "camelCase")]
pub struct ConsentView {
    /// The origin that may send.
    pub origin: String,
    /// Requests per minute; null for no limit.
    pub rate_per_minute: Option<u32>,
    /// When it agreed.
    #[schema(format = "date-time")]
    pub at: String,
}

/// What is still to be delivered.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// Records of its kanalen that were not looked at yet for it, and deliveries that are not settled.
    pub events: u64,
    /// Age of the oldest of them, in seconds.
    pub oldest_seconds: Option<u64>,
}

impl StatusView {
    /// The status of a subscription now.
    pub async fn now(app: &App, subscription: &Subscription) -> Self {
        Self::new(subscription, app.engine.status(subscription.id).await, app.clock.now())
    }

    /// The status as far as control knows it.
    pub fn unknown(subscription: &Subscription, now: Timestamp) -> Self {
        Self::new(subscription, None, now)
    }

    fn new(subscription: &Subscription, engine: Option<SubscriptionStatus>, now: Timestamp) -> Self {
        let (state, reason) = word(subscription, engine.as_ref(), now);
        let consent = match &subscription.consent {
            Consent::Granted { origin, rate, at } => Some(ConsentView {
                origin: origin.clone(),
                rate_per_minute: match rate {
                    Rate::Unlimited => None,
                    Rate::PerMinute(rate) => Some(rate.get()),
                },
                at: at.to_rfc3339(),
            }),
            _ => None,
        };
        let callback_until = match subscription.consent {
            Consent::PendingCallback { until } => Some(until.to_rfc3339()),
            _ => None,
        };
        let mut view = Self {
            state,
            reason,
            consent,
            callback_until,
            lag: Lag::default(),
            in_flight: 0,
            parked: 0,
            not_before: None,
            outage_since: None,
            last_error: None,
        };
        if let Some(engine) = engine {
            let unread: u64 = engine.lag.iter().map(|(_, _, records)| records).sum();
            view.lag.events = unread + engine.unsettled as u64;
            view.lag.oldest_seconds = engine.oldest_undelivered.map(|oldest| now.since(oldest).as_secs());
            view.in_flight = engine.in_flight as u64;
            view.parked = engine.parked as u64;
            view.not_before = engine.not_before.filter(|moment| *moment > now).map(Timestamp::to_rfc3339);
            view.outage_since = engine.outage_since.map(Timestamp::to_rfc3339);
            view.last_error = engine.last_error.map(|(_, text)| text);
        }
        view
    }
}

fn word(
    subscription: &Subscription,
    engine: Option<&SubscriptionStatus>,
    now: Timestamp,
) -> (&'static str, Option<String>) {
    match &subscription.status {
        Status::Gone { at } => return ("gone", Some(format!("the sink answered 410 Gone at {at}"))),
        Status::Expired { at } => return ("expired", Some(format!("its time was over at {at}"))),
        Status::Suspended { reason, .. } => return ("suspended", Some(reason.clone())),
        Status::Paused => return ("paused", None),
        Status::Active => {}
    }
    if let Some(held) = subscription.held_by() {
        let kanaal = &held.kanaal;
        return match &held.state {
            ApprovalState::Rejected(judgement) => {
                let why = judgement.reason.as_deref().unwrap_or_default();
                ("rejected", Some(format!("the owner of kanaal {kanaal} rejected it: {why}")))
            }
            _ => ("awaiting-approval", Some(format!("the owner of kanaal {kanaal} has not approved it yet"))),
        };
    }
    match &subscription.consent {
        Consent::Validating { last, .. } => ("validating", last.clone()),
        Consent::PendingCallback { .. } => ("pending-callback", None),
        Consent::Refused { reason, .. } => ("refused", Some(reason.clone())),
        Consent::Granted { .. } => match engine {
            Some(engine) if engine.outage_since.is_some() => {
                ("outage", engine.last_error.as_ref().map(|(_, text)| text.clone()))
            }
            Some(engine) if engine.not_before.is_some_and(|moment| moment > now) => ("throttled", None),
            _ => ("granted", None),
        },
    }
}
