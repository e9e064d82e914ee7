//! The status of a subscription: one state, its reason, lag and pace (GW-07).
//!
//! It joins the registry (status, approvals, consent) with the engine (lag, pace, last error).

use std::time::Duration;

use delivery::SubscriptionStatus as EngineStatus;
use model::{KanaalName, Subscription, Timestamp, approval::ApprovalState, consent::Consent, subscription::Status};

use crate::Management;

/// The longest wait for the engine.
const WAIT: Duration = Duration::from_secs(2);

/// The status of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionStatus {
    /// The summary of all that follows.
    pub state: State,
    /// Why it is in this state, where that is not obvious.
    pub reason: Option<String>,
    /// Whether the members that follow are known: not when the node that delivers, or storage, gives no answer.
    pub is_known: bool,
    /// Records of its kanalen that were not read for it yet, and deliveries that are not settled.
    pub lag: u64,
    /// [`Self::lag`] by kanaal.
    pub lag_of: Vec<(KanaalName, u64)>,
    /// When the oldest undelivered event was accepted, as far as it is known.
    pub oldest_undelivered: Option<Timestamp>,
    /// Requests under way.
    pub in_flight: u64,
    /// Deliveries that wait for their next attempt.
    pub parked: u64,
    /// Until when the sink asked for no requests, if that is in the future.
    pub not_before: Option<Timestamp>,
    /// Since when the sink has been failing.
    pub outage_since: Option<Timestamp>,
    /// The result of the last failed attempt.
    pub last_error: Option<String>,
}

/// The state of a subscription: the first of these that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The sink answered 410 Gone.
    Gone,
    /// Its `expires` is over.
    Expired,
    /// The gateway gave up after an outage beyond the limit.
    Suspended,
    /// Its owner paused it.
    Paused,
    /// The owner of a kanaal rejected it.
    Rejected,
    /// The owner of a kanaal has not decided about it yet.
    AwaitingApproval,
    /// The sink is being asked for consent.
    Validating,
    /// The sink may consent at the callback URL.
    PendingCallback,
    /// The sink did not consent.
    Refused,
    /// The sink consented and fails now.
    Outage,
    /// The sink consented and asked for no requests until a moment in the future.
    Throttled,
    /// The sink consented.
    Granted,
}

impl State {
    /// Every state with its word in the native API, in the order in which that API lists them.
    pub const WORDS: [(&str, Self); 12] = [
        ("awaiting-approval", Self::AwaitingApproval),
        ("rejected", Self::Rejected),
        ("validating", Self::Validating),
        ("pending-callback", Self::PendingCallback),
        ("granted", Self::Granted),
        ("throttled", Self::Throttled),
        ("outage", Self::Outage),
        ("refused", Self::Refused),
        ("paused", Self::Paused),
        ("suspended", Self::Suspended),
        ("expired", Self::Expired),
        ("gone", Self::Gone),
    ];

    /// The word of the native API.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// The state of a word of the native API.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(own, _)| *own == word).map(|(_, state)| *state)
    }
}

impl Management {
    /// Whether a subscription is in this state now. The engine is asked only where it decides: whether a sink that consented works.
    pub(super) async fn has_state(&self, subscription: &Subscription, wanted: State) -> bool {
        let (own, _) = state(subscription, None, self.clock.now());
        match (own, wanted) {
            (State::Granted, State::Granted | State::Throttled | State::Outage) => {
                self.subscription_status(subscription).await.state == wanted
            }
            _ => own == wanted,
        }
    }

    /// How a subscription is doing now. On a node that does not deliver to its sink this reads stored progress, and takes at
    /// most two seconds; without an answer the status is what control knows.
    pub async fn subscription_status(&self, subscription: &Subscription) -> SubscriptionStatus {
        let engine = tokio::time::timeout(WAIT, self.engine.status(subscription.id)).await.ok().flatten();
        SubscriptionStatus::new(subscription, engine, self.clock.now())
    }
}

impl SubscriptionStatus {
    /// How a subscription is doing at `now` as far as control knows, and as far as `engine` knows if it is given.
    pub fn new(subscription: &Subscription, engine: Option<EngineStatus>, now: Timestamp) -> Self {
        let (state, reason) = state(subscription, engine.as_ref(), now);
        let is_known = engine.is_some();
        let engine = engine.unwrap_or_default();
        let all: u64 = engine.lag.iter().map(|(_, _, records)| records).sum();
        let unread = engine.lag.into_iter().map(|(kanaal, _, records)| (kanaal, records));
        let mut lag_of: Vec<(KanaalName, u64)> = Vec::new();
        for (kanaal, number) in unread.chain(engine.unsettled_of) {
            match lag_of.iter_mut().find(|(own, _)| *own == kanaal) {
                Some((_, sum)) => *sum += number,
                None => lag_of.push((kanaal, number)),
            }
        }
        Self {
            state,
            reason,
            is_known,
            lag: all + engine.unsettled as u64,
            lag_of,
            oldest_undelivered: engine.oldest_undelivered,
            in_flight: engine.in_flight as u64,
            parked: engine.parked as u64,
            not_before: engine.not_before.filter(|moment| *moment > now),
            outage_since: engine.outage_since,
            last_error: engine.last_error.map(|(_, text)| text).or_else(|| match &subscription.consent {
                Consent::PendingCallback { last, .. } => last.clone(),
                _ => None,
            }),
        }
    }
}

fn state(subscription: &Subscription, engine: Option<&EngineStatus>, now: Timestamp) -> (State, Option<String>) {
    match &subscription.status {
        Status::Gone { at } => return (State::Gone, Some(format!("the sink answered 410 Gone at {at}"))),
        Status::Expired { at } => return (State::Expired, Some(format!("its time was over at {at}"))),
        Status::Suspended { reason, .. } => return (State::Suspended, Some(reason.clone())),
        Status::Paused => return (State::Paused, None),
        Status::Active => {}
    }
    if let Some(held) = subscription.held_by() {
        let kanaal = &held.kanaal;
        return match &held.state {
            ApprovalState::Rejected(judgement) => {
                let why = judgement.reason.as_deref().unwrap_or_default();
                (State::Rejected, Some(format!("the owner of kanaal {kanaal} rejected it: {why}")))
            }
            _ => (State::AwaitingApproval, Some(format!("the owner of kanaal {kanaal} has not approved it yet"))),
        };
    }
    match &subscription.consent {
        Consent::Validating { last, .. } => (State::Validating, last.clone()),
        Consent::PendingCallback { last, .. } => (State::PendingCallback, last.clone()),
        Consent::Refused { reason, .. } => (State::Refused, Some(reason.clone())),
        Consent::Granted { .. } => match engine {
            Some(engine) if engine.outage_since.is_some() => {
                (State::Outage, engine.last_error.as_ref().map(|(_, text)| text.clone()))
            }
            Some(engine) if engine.not_before.is_some_and(|moment| moment > now) => (State::Throttled, None),
            _ => (State::Granted, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_one_word() {
        for (word, state) in State::WORDS {
            assert_eq!((state.word(), State::from_word(word)), (word, Some(state)));
        }
        assert_eq!(State::from_word("active"), None);
    }
}
