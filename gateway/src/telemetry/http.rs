//! Metrics of inbound requests.

use std::time::Duration;

use http::{Method, StatusCode};

/// Requests answered, by class of status.
pub const REQUESTS: &str = "gateway_http_requests_total";

/// The classes of status.
pub(super) const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Counts an answer.
pub fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let class = CLASSES[usize::from(status.as_u16() / 100).clamp(2, 5) - 2];
    metrics::counter!(REQUESTS, "status" => class).increment(1);
    tracing::debug!(%method, route, status = status.as_u16(), micros = took.as_micros() as u64, "answered");
}
