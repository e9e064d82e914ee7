//! Bounds of what one address and one session may do in a minute. The number of counters is bounded too.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::clock::Instant;

/// Most keys whose state is stored. Beyond it, the oldest are forgotten.
const CAPACITY: usize = 10_000;

/// The bounds of the console.
pub(crate) struct Limits {
    /// Log-ins per address.
    pub log_in: PerMinute,
    /// Posted forms per session.
    pub actions: PerMinute,
}

impl Default for Limits {
    fn default() -> Self {
        Self { log_in: PerMinute::new(10), actions: PerMinute::new(60) }
    }
}

/// At most so many a minute for each key (GCRA, with a burst of a minute).
pub(crate) struct PerMinute {
    interval: Duration,
    next: Mutex<HashMap<String, Instant>>,
}

const MINUTE: Duration = Duration::from_mins(1);

impl PerMinute {
    pub(crate) fn new(most: u32) -> Self {
        Self { interval: MINUTE / most.max(1), next: Mutex::default() }
    }

    /// Counts one for `key`. `Err` is how long to wait when it is above the bound.
    pub(crate) fn admit(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CAPACITY {
            next.retain(|_, moment| *moment > now);
            if next.len() >= CAPACITY {
                next.clear();
            }
        }
        let at = next.get(key).copied().unwrap_or(now).max(now);
        let allowed = at - MINUTE.saturating_sub(self.interval);
        if allowed > now {
            return Err(allowed.since(now));
        }
        next.insert(key.to_owned(), at + self.interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_a_minute_then_the_rate() {
        let limit = PerMinute::new(10);
        let start = Instant::from_micros(1_000_000_000);
        assert_eq!((0..30).filter(|_| limit.admit("a", start).is_ok()).count(), 10);
        assert!(limit.admit("b", start).is_ok(), "keys do not count for each other");
        assert_eq!(limit.admit("a", start), Err(Duration::from_secs(6)));
        assert!(limit.admit("a", start + Duration::from_secs(6)).is_ok());
    }
}
