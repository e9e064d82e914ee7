//! Metrics of inbound requests.

use std::time::Duration;

use http::{Method, StatusCode};

/// Requests answered, by class of status.
pub const REQUESTS: &str = "gateway_http_requests_total";

/// Counts an answer.
pub fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let class = match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    metrics::counter!(REQUESTS, "status" => class).increment(1);
    tracing::debug!(%method, route, status = status.as_u16(), micros = took.as_micros() as u64, "answered");
}
