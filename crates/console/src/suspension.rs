//! How near a subscription is to its suspension: the part of the outage limit that is over.
//!
//! Not here: the limit (`delivery.outage_limit_hours`), and suspending (crate `delivery`).

use std::time::Duration;

use model::Timestamp;

/// An outage that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// The part of the limit that is over, in percents, 0 to 100.
    pub percent: u64,
    /// When the limit is over. The next failure after that suspends.
    pub at: Timestamp,
}

impl Suspension {
    /// That of an outage since a moment.
    pub fn new(since: Timestamp, now: Timestamp, limit: Duration) -> Self {
        let over = now.since(since).as_secs().saturating_mul(100);
        let percent = over.checked_div(limit.as_secs()).unwrap_or(100).min(100);
        Self { percent, at: since + limit }
    }

    /// The kind of message: from half of the limit on a warning, from nine tenths on an error.
    pub const fn kind(self) -> &'static str {
        match self.percent {
            0..50 => "info",
            50..90 => "warning",
            _ => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_gets_more_urgent_at_50_and_90_percent() {
        let since = Timestamp::from_seconds(1_800_000_000);
        let limit = Duration::from_hours(100);
        for (hours, percent, kind) in [
            (0, 0, "info"),
            (49, 49, "info"),
            (50, 50, "warning"),
            (70, 70, "warning"),
            (89, 89, "warning"),
            (90, 90, "error"),
            (100, 100, "error"),
            (500, 100, "error"),
        ] {
            let found = Suspension::new(since, since + Duration::from_hours(hours), limit);
            assert_eq!((found.percent, found.kind(), found.at), (percent, kind, since + limit), "{hours}");
        }
        // A clock that was set back, and a limit of nothing.
        assert_eq!(Suspension::new(since + Duration::from_hours(1), since, limit).percent, 0);
        assert_eq!(Suspension::new(since, since, Duration::ZERO).percent, 100);
    }
}
