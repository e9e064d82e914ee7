//! Metrics of requests that came in, and the log line of each answer.

use std::time::Duration;

use http::{Method, StatusCode};

/// Requests answered, by class of status.
pub const REQUESTS: &str = "gateway_http_requests_total";

/// The labels of the classes of status, by their first digit.
pub const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Counts a response and its duration, by method, route and class of status.
pub fn count_response(method: &Method, route: &str, status: StatusCode, duration: Duration) {
    let class = CLASSES[usize::from(status.as_u16() / 100).clamp(2, 5) - 2];
    metrics::counter!(REQUESTS, "status" => class).increment(1);
    tracing::debug!(%method, route, status = status.as_u16(), micros = duration.as_micros() as u64, "answered");
}
