//! The metrics of the listener. No label has an address (I10).

/// Connections that are open.
pub const CONNECTIONS: &str = "gateway_people_inbound_connections";
/// Commands, mails and connections that were refused, by `reason`.
pub const REFUSED: &str = "gateway_people_inbound_refused_total";
/// The values of `reason`.
pub const REASONS: [&str; 7] = ["recipient", "size", "form", "order", "later", "full", "time"];

pub(crate) fn refused(reason: &'static str) {
    metrics::counter!(REFUSED, "reason" => reason).increment(1);
}

/// A connection that is open while this lives.
pub(crate) struct Open(metrics::Gauge);

impl Open {
    pub fn new() -> Self {
        let gauge = metrics::gauge!(CONNECTIONS);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
