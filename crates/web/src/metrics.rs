//! Metrics of requests that came in, and the log line of each answer.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::Counter;

/// Requests answered, by class of status.
pub const REQUESTS: &str = "gateway_http_requests_total";

/// The labels of the classes of status, by their first digit.
pub const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The counters of responses by class of status, looked up once for a route.
pub(crate) struct Responses([Counter; CLASSES.len()]);

impl Responses {
    /// The counters of the recorder in use.
    pub(crate) fn new() -> Self {
        Self(CLASSES.map(|class| metrics::counter!(REQUESTS, "status" => class)))
    }

    /// Counts a response, and logs it with its duration.
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, duration: Duration) {
        self.0[usize::from(status.as_u16() / 100).clamp(2, 5) - 2].increment(1);
        tracing::debug!(%method, route, status = status.as_u16(), micros = duration.as_micros() as u64, "answered");
    }
}
