//! Metrics of consent handshakes.

/// Steps of handshakes, by the state they led to.
pub const STEPS: &str = "gateway_consent_steps_total";

/// Counts a step.
pub fn step(outcome: &'static str) {
    metrics::counter!(STEPS, "outcome" => outcome).increment(1);
}
