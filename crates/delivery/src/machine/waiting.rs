//! What an unsettled delivery waits for, and when its next attempt may start, from the present state of the machine. It
//! decides nothing: `sink` and `subscription` start requests.

use std::collections::{HashMap, HashSet};

use model::{SubscriptionId, Timestamp, clock::Instant, outcome::DeliveryKey, subscription::Status};

use super::{Delivery, Machine, SinkState, SubscriptionState, delivery::DeliveryState};

/// What an unsettled delivery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    /// The answer to a request that is under way, or the storing of its dead letter.
    Answer,
    /// The wait of the retry policy after a failure.
    Retry,
    /// The granted rate, or `Retry-After` of the sink.
    Pace,
    /// An earlier delivery with the same key (order `key`).
    Order,
    /// Other deliveries to the same sink, which are sent first.
    Turn,
    /// The end of an outage of the sink.
    Outage,
    /// The consent of the sink.
    Consent,
    /// The approval of the owner of a kanaal.
    Approval,
    /// The owner of the subscription, who paused it.
    Paused,
    /// The owner of the subscription, which was suspended or has ended.
    Suspended,
}

/// What an unsettled delivery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextAttempt {
    /// The reason.
    pub waiting_for: WaitingFor,
    /// The earliest moment of the next attempt; `None` when no clock decides it.
    pub at: Option<Timestamp>,
}

impl Machine {
    /// What these deliveries of a subscription wait for, as far as they are in its window; `None` when the subscription is
    /// not known here.
    pub fn waiting(
        &self,
        id: SubscriptionId,
        deliveries: &HashSet<DeliveryKey>,
    ) -> Option<HashMap<DeliveryKey, NextAttempt>> {
        let subscription = self.subscriptions.get(*self.subscription_ids.get(&id)?)?;
        let sink = self.sinks.get(subscription.sink)?;
        let unsettled = subscription.window.unsettled.values().filter_map(|id| self.deliveries.get(*id));
        let waiting = unsettled.filter_map(|delivery| {
            let key = delivery.delivery_key();
            deliveries.contains(&key).then(|| (key, self.next_attempt(subscription, sink, delivery)))
        });
        Some(waiting.collect())
    }

    fn next_attempt(&self, subscription: &SubscriptionState, sink: &SinkState, delivery: &Delivery) -> NextAttempt {
        if matches!(delivery.state, DeliveryState::InFlight { .. } | DeliveryState::StoringDeadLetter(_)) {
            return NextAttempt { waiting_for: WaitingFor::Answer, at: None };
        }
        if let Some(waiting_for) = held_by(subscription) {
            return NextAttempt { waiting_for, at: None };
        }
        let retry = Some(delivery.state.not_before()).filter(|at| *at > self.now);
        let pace = sink.pace.wait_until(self.now).max(sink.silent_until).filter(|at| *at > self.now);
        let at = |instant: Option<Instant>| instant.map(|instant| self.wall_of(instant));
        if let Some(outage) = sink.outage.filter(|_| self.is_held_up(subscription)) {
            let probe = outage.next_for(delivery.failure.is_some());
            return NextAttempt { waiting_for: WaitingFor::Outage, at: at(Some(probe).max(retry).max(pace)) };
        }
        match (&delivery.state, retry, pace) {
            (DeliveryState::Blocked { .. }, ..) => NextAttempt { waiting_for: WaitingFor::Order, at: None },
            (_, Some(_), _) => NextAttempt { waiting_for: WaitingFor::Retry, at: at(retry.max(pace)) },
            (_, None, Some(_)) => NextAttempt { waiting_for: WaitingFor::Pace, at: at(pace) },
            (_, None, None) => NextAttempt { waiting_for: WaitingFor::Turn, at: None },
        }
    }
}

/// Why nothing may be sent for a subscription.
fn held_by(subscription: &SubscriptionState) -> Option<WaitingFor> {
    let spec = &subscription.spec;
    match &spec.status {
        Status::Paused => Some(WaitingFor::Paused),
        Status::Suspended { .. } | Status::Gone { .. } | Status::Expired { .. } => Some(WaitingFor::Suspended),
        Status::Active if subscription.halt.is_some() => Some(WaitingFor::Suspended),
        Status::Active if spec.held_by().is_some() => Some(WaitingFor::Approval),
        Status::Active if spec.consent.granted().is_none() => Some(WaitingFor::Consent),
        Status::Active => None,
    }
}
