//! Metrics of publishing.

use std::time::Duration;

/// Events taken in, by form.
pub const ACCEPTED: &str = "gateway_events_accepted_total";
/// From the first look at a request to the durable append, by form.
pub const SECONDS: &str = "gateway_ingest_seconds";
/// Remarks on accepted events, by rule.
pub const FINDINGS: &str = "gateway_findings_total";

/// Counts the events of one accepted request.
pub fn accepted(form: &'static str, events: usize, took: Duration) {
    metrics::counter!(ACCEPTED, "form" => form).increment(events as u64);
    metrics::histogram!(SECONDS, "form" => form).record(took.as_secs_f64());
}

/// Counts a remark.
pub fn finding(rule: &'static str) {
    metrics::counter!(FINDINGS, "rule" => rule).increment(1);
}
