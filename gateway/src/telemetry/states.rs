//! Metrics of subscriptions: their number per state of consent and status.

use model::{Registry, Subscription, approval::ApprovalState, consent::Consent, subscription::Status};

/// The gauge of subscriptions, with label `state`.
pub const SUBSCRIPTIONS: &str = "gateway_subscriptions";

const STATES: [&str; 10] = [
    "validating",
    "pending-callback",
    "granted",
    "refused",
    "paused",
    "suspended",
    "gone",
    "expired",
    "awaiting-approval",
    "rejected",
];

/// The gauge of subscriptions that retention is about to overtake.
pub const NEAR_RETENTION: &str = "gateway_subscriptions_near_retention";

/// Sets the gauges from the present registry.
pub fn set(registry: &Registry) {
    let mut counts = [0_u32; STATES.len()];
    for subscription in registry.subscriptions() {
        counts[state(subscription)] += 1;
    }
    for (state, count) in STATES.into_iter().zip(counts) {
        metrics::gauge!(SUBSCRIPTIONS, "state" => state).set(f64::from(count));
    }
}

/// The index in [`STATES`].
fn state(subscription: &Subscription) -> usize {
    if subscription.status == Status::Active
        && let Some(held) = subscription.held_by()
    {
        return if matches!(held.state, ApprovalState::Rejected(_)) { 9 } else { 8 };
    }
    match (&subscription.status, &subscription.consent) {
        (Status::Paused, _) => 4,
        (Status::Suspended { .. }, _) => 5,
        (Status::Gone { .. }, _) => 6,
        (Status::Expired { .. }, _) => 7,
        (Status::Active, Consent::Validating { .. }) => 0,
        (Status::Active, Consent::PendingCallback { .. }) => 1,
        (Status::Active, Consent::Granted { .. }) => 2,
        (Status::Active, Consent::Refused { .. }) => 3,
    }
}
