//! Metrics of consent handshakes.

/// Steps of handshakes, by the state they led to.
pub const STEPS: &str = "gateway_consent_steps_total";

/// Counts a step of a handshake, by its outcome.
pub fn count_step(outcome: &'static str) {
    metrics::counter!(STEPS, "outcome" => outcome).increment(1);
}
