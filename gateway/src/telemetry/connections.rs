//! Metrics of the connections of the listeners.

use metrics::{counter, gauge};

/// Connections that are open.
pub const OPEN: &str = "gateway_connections";
/// Connections that the gateway closed, by reason.
pub const ENDED: &str = "gateway_connections_closed_total";
/// Answers that were replaced by a 503 because too many bytes of answers were under way.
pub const ANSWERS_REFUSED: &str = "gateway_answers_refused_total";

/// The reasons for which the gateway closes a connection.
pub const REASONS: [&str; 5] = ["first-request", "idle", "answer", "full", "refused"];

/// Counts a connection that was accepted.
pub fn opened() {
    gauge!(OPEN).increment(1.0);
}

/// Counts a connection that is closed, by whichever side.
pub fn closed() {
    gauge!(OPEN).decrement(1.0);
}

/// Counts a connection that the gateway closed for one of [`REASONS`].
pub fn ended(reason: &'static str) {
    counter!(ENDED, "reason" => reason).increment(1);
}
