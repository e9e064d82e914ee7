//! A bound on requests per key: so many at once, and afterwards so many in a period (GCRA). The number of counters is bounded;
//! beyond it, keys that are not known have to wait.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::clock::Instant;

/// Most keys whose state is stored.
const CAPACITY: usize = 100_000;

/// At most so many in a period for each key.
pub(crate) struct Limit<K> {
    interval: Duration,
    period: Duration,
    next: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Limit<K> {
    /// At most `most` in `period`.
    pub(crate) fn new(most: u32, period: Duration) -> Self {
        Self { interval: period / most.max(1), period, next: Mutex::default() }
    }

    /// Counts one for `key`.
    ///
    /// # Errors
    /// How long to wait when it is above the bound; it is not counted then.
    pub(crate) fn admit(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CAPACITY && !next.contains_key(&key) {
            next.retain(|_, moment| *moment > now);
            if next.len() >= CAPACITY {
                return Err(self.interval);
            }
        }
        let at = next.get(&key).copied().unwrap_or(now).max(now);
        let allowed = at - self.period.saturating_sub(self.interval);
        if allowed > now {
            return Err(allowed.since(now));
        }
        next.insert(key, at + self.interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_46_the_sixth_in_an_hour_waits_and_keys_do_not_count_for_each_other() {
        let limit = Limit::new(5, Duration::from_hours(1));
        let start = Instant::from_micros(10_000_000_000);
        assert_eq!((0..9).filter(|_| limit.admit("a", start).is_ok()).count(), 5);
        assert_eq!(limit.admit("a", start), Err(Duration::from_mins(12)));
        assert!(limit.admit("b", start).is_ok());
        assert!(limit.admit("a", start + Duration::from_mins(12)).is_ok());
    }

    #[test]
    fn ch_46_more_keys_than_are_counted_wait() {
        let limit = Limit::new(5, Duration::from_hours(1));
        let start = Instant::from_micros(10_000_000_000);
        assert!((0..CAPACITY).all(|key| limit.admit(key, start).is_ok()));
        assert!(limit.admit(CAPACITY, start).is_err());
        assert!(limit.admit(0, start).is_ok());
        assert!(limit.admit(CAPACITY, start + Duration::from_hours(1)).is_ok());
    }
}
