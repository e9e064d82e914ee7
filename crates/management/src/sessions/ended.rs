//! Whether a session was ended.

use model::{Timestamp, revocation::Revoked};

use crate::Management;

impl Management {
    /// Whether the sessions that `what` describes were ended, of which one started at `started`.
    pub fn is_ended(&self, what: &Revoked, started: Timestamp) -> bool {
        self.registry.read().revocation(what).is_some_and(|revocation| started <= revocation.at)
    }
}
