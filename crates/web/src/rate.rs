//! The rate limit of publishing clients: GCRA with a burst of one second. A batch counts as its events: it is accepted when one
//! event would be, and its client waits longer afterwards.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use compact_str::CompactString;
use model::clock::Instant;

/// The maximum number of clients whose state is stored.
const CAPACITY: usize = 10_000;

/// The longest time that a client waits after a batch.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The rate limiter of all clients.
pub struct Rate {
    interval: Option<Duration>,
    next: Mutex<HashMap<CompactString, Instant>>,
}

impl Rate {
    /// At most so many events a second; `None` for no limit.
    pub fn new(per_second: Option<NonZeroU32>) -> Self {
        Self { interval: per_second.map(|rate| Duration::from_secs(1) / rate.get()), next: Mutex::default() }
    }

    /// Counts a request with one event. `Err` holds how long to wait when it exceeds the rate.
    pub fn admit(&self, client_id: &str, now: Instant) -> Result<(), Duration> {
        let Some(interval) = self.interval else { return Ok(()) };
        let burst = Duration::from_secs(1);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CAPACITY {
            next.retain(|_, moment| *moment > now);
        }
        let at = next.get(client_id).copied().unwrap_or(now).max(now);
        let allowed = at - burst.saturating_sub(interval);
        if allowed > now {
            return Err(allowed.since(now));
        }
        match next.get_mut(client_id) {
            Some(moment) => *moment = at + interval,
            None => drop(next.insert(CompactString::new(client_id), at + interval)),
        }
        Ok(())
    }

    /// Counts further events of a request that was admitted.
    pub fn charge(&self, client_id: &str, events: usize, now: Instant) {
        let (Some(interval), true) = (self.interval, events > 0) else { return };
        let wait = interval.saturating_mul(u32::try_from(events).unwrap_or(u32::MAX));
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = next.get_mut(client_id) {
            *at = (*at).max(now) + wait.min(LONGEST_WAIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_one_second_then_the_rate() {
        let rate = Rate::new(NonZeroU32::new(10));
        let start = Instant::from_micros(1_000_000_000);
        let passed = (0..30).filter(|_| rate.admit("a", start).is_ok()).count();
        assert_eq!(passed, 10);
        assert!(rate.admit("b", start).is_ok(), "clients do not count for each other");
        assert_eq!(rate.admit("a", start), Err(Duration::from_millis(100)));
        assert!(rate.admit("a", start + Duration::from_millis(100)).is_ok());
        assert!(rate.admit("a", start + Duration::from_millis(199)).is_err());
    }

    #[test]
    fn h20_the_events_of_a_batch_count() {
        let rate = Rate::new(NonZeroU32::new(10));
        let start = Instant::from_micros(1_000_000_000);
        assert!(rate.admit("a", start).is_ok());
        rate.charge("a", 29, start);
        assert_eq!(rate.admit("a", start), Err(Duration::from_millis(2_100)));
        assert!(rate.admit("a", start + Duration::from_millis(2_100)).is_ok());
        assert!(rate.admit("b", start).is_ok());
        rate.charge("b", 1_000_000, start);
        assert!(rate.admit("b", start).is_err_and(|wait| wait <= Duration::from_secs(61)), "a wait is bounded");
    }

    #[test]
    fn no_limit_unless_configured() {
        let rate = Rate::new(None);
        assert!((0..1_000).all(|_| rate.admit("a", Instant::default()).is_ok()));
    }
}
