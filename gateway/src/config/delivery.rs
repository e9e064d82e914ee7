//! Section `[delivery]`: bounds and retries of deliveries.

use std::num::NonZeroU32;

use model::subscription::{RetryPolicy, Thousandths};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Deliveries.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Most requests under way to one subscription.
    #[schema(value_type = u32, minimum = 1)]
    pub max_in_flight: NonZeroU32,
    /// Most requests under way together.
    #[schema(value_type = u32, minimum = 1)]
    pub max_in_flight_total: NonZeroU32,
    /// Most unsettled deliveries of one subscription.
    #[schema(minimum = 1)]
    pub window: usize,
    /// How many events back an equal one counts as a duplicate; 0 for none.
    pub duplicates_window: usize,
    /// A crash repeats at most what was settled in so many milliseconds before it, and what was under way.
    #[schema(minimum = 10)]
    pub checkpoint_ms: u64,
    /// An outage of a subscriber that lasts longer suspends its subscriptions, in hours.
    #[schema(minimum = 1)]
    pub outage_limit_hours: u32,
    /// How long a stop waits for requests under way, in seconds.
    pub drain_seconds: u64,
    /// Retries of subscriptions that bring no policy of their own.
    pub retry: Retry,
}

/// Retries: the wait before retry `n` (from 0) is `factor * base^n` seconds, at most `cap_seconds`. The names that Open
/// Notificaties gives these numbers (`notification_delivery_…`) are read as well.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Retries after the first attempt.
    #[serde(alias = "notification_delivery_max_retries")]
    pub max_retries: u32,
    /// Multiplies every wait, in seconds.
    #[schema(minimum = 0)]
    #[serde(alias = "notification_delivery_retry_backoff")]
    pub factor: f64,
    /// Raised to the number of retries made.
    #[schema(minimum = 0)]
    #[serde(alias = "notification_delivery_base_factor")]
    pub base: f64,
    /// The longest wait, in seconds.
    #[serde(alias = "notification_delivery_retry_backoff_max")]
    pub cap_seconds: u64,
    /// Part of a wait that is random, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub jitter: f64,
    /// Whether every failing answer, also one that refuses the event, only takes the next retry: no outage, and a dead
    /// letter after the last (as Open Notificaties does). 410 and `Retry-After` keep their meaning.
    pub ladder_only: bool,
}

impl Retry {
    /// The policy; `None` when a number is out of range.
    pub fn policy(&self) -> Option<RetryPolicy> {
        Some(RetryPolicy {
            max_retries: self.max_retries,
            factor: Thousandths::from_f64(self.factor)?,
            base: Thousandths::from_f64(self.base)?,
            cap: std::time::Duration::from_secs(self.cap_seconds),
            jitter: Thousandths::from_f64(self.jitter).filter(|jitter| jitter.0 <= 1_000)?,
            ladder_only: self.ladder_only,
        })
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_retries: 5, factor: 3.0, base: 2.0, cap_seconds: 48, jitter: 0.0, ladder_only: false }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            max_in_flight: NonZeroU32::MIN.saturating_add(63),
            max_in_flight_total: NonZeroU32::MIN.saturating_add(4_095),
            window: 1_000,
            duplicates_window: 10_000,
            checkpoint_ms: 200,
            outage_limit_hours: 72,
            drain_seconds: 10,
            retry: Retry::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_that_of_the_model() {
        assert_eq!(Retry::default().policy(), Some(RetryPolicy::default()));
        assert_eq!(Retry { jitter: 1.5, ..Retry::default() }.policy(), None);
        assert_eq!(Retry { factor: -1.0, ..Retry::default() }.policy(), None);
    }
}
