//! How fast one client may publish: GCRA with a burst of one second.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use compact_str::CompactString;
use model::Timestamp;

/// Most clients whose pace is remembered.
const CAPACITY: usize = 10_000;

/// The pace of every client.
pub struct Rate {
    interval: Option<Duration>,
    next: Mutex<HashMap<CompactString, Timestamp>>,
}

impl Rate {
    /// At most so many requests a second; `None` for no limit.
    pub fn new(per_second: Option<NonZeroU32>) -> Self {
        Self { interval: per_second.map(|rate| Duration::from_secs(1) / rate.get()), next: Mutex::default() }
    }

    /// Counts a request; when it comes too soon, how long to wait.
    pub fn admit(&self, client_id: &str, now: Timestamp) -> Result<(), Duration> {
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
        next.insert(CompactString::new(client_id), at + interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_one_second_then_the_rate() {
        let rate = Rate::new(NonZeroU32::new(10));
        let start = Timestamp::from_seconds(1_000);
        let passed = (0..30).filter(|_| rate.admit("a", start).is_ok()).count();
        assert_eq!(passed, 10);
        assert!(rate.admit("b", start).is_ok(), "clients do not count for each other");
        assert_eq!(rate.admit("a", start), Err(Duration::from_millis(100)));
        assert!(rate.admit("a", start + Duration::from_millis(100)).is_ok());
        assert!(rate.admit("a", start + Duration::from_millis(199)).is_err());
    }

    #[test]
    fn no_limit_unless_configured() {
        let rate = Rate::new(None);
        assert!((0..1_000).all(|_| rate.admit("a", Timestamp::default()).is_ok()));
    }
}
