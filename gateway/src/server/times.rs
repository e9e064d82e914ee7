//! How long a connection may take for each of its steps.

use std::time::Duration;

use crate::config::Limits;

/// The times of a listener.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// From the acceptance of the connection to its first complete request head, TLS handshake included.
    pub first_request: Duration,
    /// Without a request under way.
    pub idle: Duration,
    /// From the moment an answer is ready until the client has taken it, besides the time for its size.
    pub answer: Duration,
}

impl Times {
    /// The configured times.
    pub fn new(limits: &Limits) -> Self {
        Self {
            first_request: Duration::from_secs(limits.first_request_seconds),
            idle: Duration::from_secs(limits.idle_seconds),
            answer: Duration::from_secs(limits.answer_seconds),
        }
    }
}
