//! The waits between attempts for one addressee (CH-142): the first, then double each time, and a last attempt when the whole
//! time is over. Without jitter: greylisting wants its time, and the pace spreads those that are due together.

use std::time::Duration;

/// The ladder of retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// The wait before the first retry, at least 1 s; by default 5 minutes.
    pub first: Duration,
    /// The time from the first failed attempt to the last one; by default 24 hours.
    pub until: Duration,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { first: Duration::from_mins(5), until: Duration::from_hours(24) }
    }
}

impl Ladder {
    /// The wait after a failed attempt, when `failed` attempts (at least 1) have failed and the first of them was `since_first` ago;
    /// `None` when that was the last one.
    pub fn wait(&self, failed: u32, since_first: Duration) -> Option<Duration> {
        let left = self.until.saturating_sub(since_first);
        let doubled = 2_u32.checked_pow(failed.saturating_sub(1)).and_then(|by| self.first.checked_mul(by));
        (!left.is_zero()).then(|| doubled.unwrap_or(self.until).min(left))
    }
}
