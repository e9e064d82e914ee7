//! Retries that deliveries consumed, counted independently of the machine: from answers that are about the event alone.

use std::time::Duration;

use delivery::{Cause, Class};
use model::{Subscription, SubscriptionId, Timestamp, outcome::DeliveryKey, subscription::RetryPolicy};
use storage::progress::{Key, Value};

use super::{
    oracle::STORED_WITHIN,
    quick_hash::{Map, Set},
};

/// Failures of one delivery that consumed a retry.
#[derive(Debug, Clone, Copy)]
struct Consumed {
    number: u32,
    last: Timestamp,
    /// No attempt starts before.
    not_before: Timestamp,
}

/// What deliveries consumed.
#[derive(Default)]
pub struct Retries {
    consumed: Map<DeliveryKey, Consumed>,
    /// Those whose dead letter was made: the last failure consumed no retry.
    given_up: Set<DeliveryKey>,
    /// The most retries that a subscription ever had.
    most: Map<SubscriptionId, u32>,
}

/// The shortest wait before the first retry, less what rounding may take.
fn shortest_wait(policy: &RetryPolicy) -> Duration {
    let first = policy.cap.as_secs_f64().min(policy.factor.as_f64());
    let wait = first * (1.0 - policy.jitter.as_f64().clamp(0.0, 1.0));
    Duration::from_secs_f64(wait).saturating_sub(Duration::from_millis(1))
}

impl Retries {
    /// A subscription was registered or changed.
    pub fn registered(&mut self, subscription: &Subscription) {
        let most = self.most.entry(subscription.id).or_default();
        *most = (*most).max(subscription.retry.max_retries);
    }

    /// A request was answered, and the machine knows.
    pub fn answered(
        &mut self,
        keys: &[DeliveryKey],
        class: Class,
        subscription: Option<&Subscription>,
        now: Timestamp,
    ) {
        let Some(subscription) = subscription.filter(|one| one.status.end().is_none()) else { return };
        let counts = class == Class::Failed(Cause::Event) && (keys.len() == 1 || subscription.retry.ladder_only);
        for key in keys.iter().filter(|key| counts && subscription.is_admitted(&key.kanaal)) {
            let not_before = now + shortest_wait(&subscription.retry);
            let number = self.consumed.get(key).map_or(0, |before| before.number) + 1;
            self.consumed.insert(key.clone(), Consumed { number, last: now, not_before });
            let most = self.most.get(&subscription.id).copied().unwrap_or_default();
            assert!(number <= most + 1, "retries: {key:?} failed {number} times, {most} retries are allowed");
        }
    }

    /// A dead letter is being stored.
    pub fn given_up(&mut self, key: &DeliveryKey) {
        self.given_up.insert(key.clone());
    }

    /// An attempt starts.
    pub fn starts(&self, key: &DeliveryKey, now: Timestamp) {
        if let Some(consumed) = self.consumed.get(key) {
            assert!(now >= consumed.not_before, "retries: {key:?} is tried again before {}", consumed.not_before);
        }
    }

    /// The machine starts again. What was consumed long before is stored with the delivery; the rest may be forgotten.
    pub fn restarted(&mut self, store: &Map<Key, Value>, now: Timestamp) {
        for (key, consumed) in &mut self.consumed {
            let Some(Value::Unsettled { attempts, .. }) = store.get(&Key::Unsettled(key.clone())) else { continue };
            let stored = attempts + u32::from(self.given_up.contains(key));
            let is_old = consumed.last + STORED_WITHIN < now;
            assert!(
                !is_old || stored >= consumed.number,
                "retries: {key:?} consumed more than {stored}, which is stored"
            );
            consumed.number = consumed.number.min(*attempts);
            consumed.not_before = Timestamp::default();
        }
        self.consumed.retain(|key, _| store.contains_key(&Key::Unsettled(key.clone())));
        self.given_up.clear();
    }
}
