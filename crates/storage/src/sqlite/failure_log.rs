//! Logs failures that repeat: the first at once, then one line per interval with the count, and the end.

use std::time::Duration;

use tokio::time::Instant;

use crate::Error;

/// The time between two lines about the same failure.
const INTERVAL: Duration = Duration::from_secs(10);

/// The failures since the last success.
#[derive(Debug, Default)]
pub(super) struct FailureLog {
    failing: Option<Failing>,
}

#[derive(Debug)]
struct Failing {
    reason: String,
    /// When the last line was written.
    logged: Instant,
    /// Failures since the first.
    count: u64,
}

/// The line to write.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    None,
    /// The first failure, or one for another reason.
    First,
    /// Still failing, with the number of failures so far.
    Again(u64),
}

impl FailureLog {
    /// Notes a failed transaction of some changes.
    pub(super) fn failed(&mut self, error: &Error, changes: usize) {
        match self.note(error.to_string(), Instant::now()) {
            Line::None => {}
            Line::First => tracing::error!(%error, changes, "a transaction was rolled back"),
            Line::Again(count) => tracing::error!(%error, count, "transactions are still rolled back"),
        }
    }

    /// Notes a transaction that was committed.
    pub(super) fn succeeded(&mut self) {
        if let Some(failing) = self.failing.take() {
            tracing::info!(count = failing.count, "transactions are committed again; so many were rolled back");
        }
    }

    fn note(&mut self, reason: String, now: Instant) -> Line {
        match &mut self.failing {
            Some(failing) if failing.reason == reason => {
                failing.count += 1;
                if now.duration_since(failing.logged) < INTERVAL {
                    return Line::None;
                }
                failing.logged = now;
                Line::Again(failing.count)
            }
            failing => {
                let count = failing.as_ref().map_or(0, |failing| failing.count) + 1;
                *failing = Some(Failing { reason, logged: now, count });
                Line::First
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h16_a_failure_that_repeats_is_one_line_and_then_a_count() {
        let (mut log, start) = (FailureLog::default(), Instant::now());
        assert_eq!(log.note("full".into(), start), Line::First);
        for number in 0..999 {
            assert_eq!(log.note("full".into(), start + Duration::from_millis(number)), Line::None);
        }
        assert_eq!(log.note("full".into(), start + INTERVAL), Line::Again(1_001));
        assert_eq!(log.note("full".into(), start + INTERVAL + Duration::from_secs(1)), Line::None);
        assert_eq!(log.note("read-only".into(), start + INTERVAL), Line::First);
        log.succeeded();
        assert_eq!(log.note("read-only".into(), start + INTERVAL), Line::First);
    }
}
