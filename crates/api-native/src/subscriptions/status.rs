//! The status of a subscription in the native API: one word, its reason, consent, lag and pace (GW-07).

use std::sync::Arc;

use management::subscriptions::SubscriptionStatus;
use model::{
    Actor, Subscription, SubscriptionId, Timestamp,
    consent::{Consent, Rate},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;

/// State of a subscription.
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
    /// When a delivery to the sink succeeded last; only in answers that read subscriptions, and absent without a success in the last 31
    /// days or when that cannot be read now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time", nullable = false)]
    pub last_delivered: Option<String>,
    /// Events that were not delivered and that retention removes soon; absent when there are none, or when the node that answers
    /// does not deliver to the sink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_risk: Option<RetentionRiskView>,
}

/// What retention is about to remove before it was delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionRisk)]
#[serde(rename_all = "camelCase")]
pub struct RetentionRiskView {
    /// The kanaal of the first of them.
    pub kanaal: String,
    /// Records of its kanalen, wanted or not, that are removed within a day, or within a quarter of the retention if that is shorter.
    pub records: u64,
    /// When the first of them may be removed.
    #[schema(format = "date-time")]
    pub removed_from: String,
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
    pub async fn now(api: &Api, subscription: &Subscription) -> Self {
        let status = api.management.subscription_status(subscription).await;
        let risk = api.management.retention_risk(subscription.id).map(|risk| RetentionRiskView {
            kanaal: risk.kanaal.to_string(),
            records: risk.records,
            removed_from: risk.removed_from.to_rfc3339(),
        });
        Self { retention_risk: risk, ..Self::new(subscription, status, api.management.clock.now()) }
    }

    /// The status now of subscriptions that the actor sees, in their order, each with its last success.
    pub async fn of_all(api: &Api, actor: &Actor, subscriptions: &[Arc<Subscription>]) -> Vec<Self> {
        let ids: Vec<SubscriptionId> = subscriptions.iter().map(|subscription| subscription.id).collect();
        let delivered = api.management.read_last_delivered(actor, &ids).await;
        let mut delivered = delivered.unwrap_or_default().into_iter();
        let mut found = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let last_delivered = delivered.next().flatten().map(Timestamp::to_rfc3339);
            found.push(Self { last_delivered, ..Self::now(api, subscription).await });
        }
        found
    }

    /// The status as far as control knows it.
    pub fn unknown(subscription: &Subscription, now: Timestamp) -> Self {
        Self::new(subscription, SubscriptionStatus::new(subscription, None, now), now)
    }

    fn new(subscription: &Subscription, status: SubscriptionStatus, now: Timestamp) -> Self {
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
            Consent::PendingCallback { until, .. } => Some(until.to_rfc3339()),
            _ => None,
        };
        Self {
            state: status.state.word(),
            reason: status.reason,
            consent,
            callback_until,
            lag: Lag {
                events: status.lag,
                oldest_seconds: status.oldest_undelivered.map(|oldest| now.since(oldest).as_secs()),
            },
            in_flight: status.in_flight,
            parked: status.parked,
            not_before: status.not_before.map(Timestamp::to_rfc3339),
            outage_since: status.outage_since.map(Timestamp::to_rfc3339),
            last_error: status.last_error,
            last_delivered: None,
            retention_risk: None,
        }
    }
}
