//! Rate-limits warnings raised by Kafka clients outside any operation (connection lost, broker down).
//!
//! The first occurrence of an error per broker is logged immediately; repeats are logged at most every 30 s with a
//! count of the suppressed ones. A node runs dozens of clients and each would otherwise log several lines a second
//! during an outage. Errors returned by an operation are not handled here; they go to its caller.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};
use tokio::time::Instant;

/// The shortest time between two log lines for the same error.
const INTERVAL: Duration = Duration::from_secs(30);
/// An error that was not logged for this long is forgotten, so that the map does not grow. Its next occurrence counts
/// as the first.
const FORGET_AFTER: Duration = Duration::from_mins(5);

/// The log message for errors that a client reports through its error callback.
pub(super) const CLIENT_ERROR: &str = "the Kafka client reports";

/// Logs an error of a client with the message `what`, at most once per [`INTERVAL`] for the same message, error and broker.
/// Ignores the end of a partition, which is not an error.
pub(super) fn warn_throttled(what: &'static str, error: &KafkaError, reason: &str) {
    static THROTTLE: LazyLock<Mutex<Throttle>> = LazyLock::new(Mutex::default);
    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
        return;
    }
    // The text after the first colon holds ports, durations and counts, which differ each time.
    let broker = reason.split_once(':').map_or("", |(broker, _)| broker);
    let key = (what, error.to_string(), broker.to_owned());
    let due = THROTTLE.lock().unwrap_or_else(PoisonError::into_inner).due(key, Instant::now());
    if let Some(repeated) = due {
        tracing::warn!(%error, reason, repeated, "{what}");
    }
}

/// The message, the error and the broker.
type ErrorKey = (&'static str, String, String);

/// When each error was last logged, and how often it was suppressed since.
#[derive(Debug, Default)]
struct Throttle(HashMap<ErrorKey, (Instant, u64)>);

impl Throttle {
    /// The number of suppressed repeats if the error is to be logged now; `None` if it is to be suppressed.
    fn due(&mut self, key: ErrorKey, now: Instant) -> Option<u64> {
        self.0.retain(|_, (last, _)| now.duration_since(*last) < FORGET_AFTER);
        if let Some((last, suppressed)) = self.0.get_mut(&key)
            && now.duration_since(*last) < INTERVAL
        {
            *suppressed += 1;
            return None;
        }
        Some(self.0.insert(key, (now, 0)).map_or(0, |(_, suppressed)| suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(what: &'static str, broker: &str) -> ErrorKey {
        (what, "AllBrokersDown".to_owned(), broker.to_owned())
    }

    #[test]
    fn repeats_are_logged_once_per_interval_with_their_count() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        let mut due = |broker, after| throttle.due(key("no broker", broker), start + after);
        assert_eq!(due("een", Duration::ZERO), Some(0));
        assert_eq!(due("een", Duration::from_secs(1)), None);
        assert_eq!(due("een", Duration::from_secs(29)), None);
        assert_eq!(due("twee", Duration::from_secs(2)), Some(0), "another broker has a key of its own");
        assert_eq!(due("een", INTERVAL), Some(2));
        assert_eq!(due("een", 2 * INTERVAL), Some(0));
    }

    #[test]
    fn old_errors_are_forgotten() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for number in 0..100 {
            throttle.due(key("no broker", &number.to_string()), start);
            throttle.due(key("no broker", &number.to_string()), start);
        }
        assert_eq!(throttle.due(key("no broker", "7"), start + FORGET_AFTER), Some(0), "earlier repeats do not count");
        assert_eq!(throttle.0.len(), 1);
    }
}
