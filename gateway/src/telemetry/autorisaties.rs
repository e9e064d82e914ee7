//! Metrics of the gateway's own abonnement on the kanaal of the Autorisaties API.

/// Whether it is kept at the other Notificaties API: 1 or 0, on the node that looks after it.
pub const REGISTERED: &str = "gateway_autorisaties_abonnement";

/// It is kept, or could not be.
pub fn registered(kept: bool) {
    metrics::gauge!(REGISTERED).set(f64::from(u8::from(kept)));
}
