//! Consent of subscribers: drives the handshake of every subscription that needs one, serves its callback URL, and
//! records the outcome with control (rows CE-WHV).
//!
//! What an answer means is decided by `webhook_validator`; whether anything is sent, by `delivery`, which reads the
//! outcome. Here are only the timers, the translation between the two, and the order of steps of one subscription.

pub mod callback;
mod driver;
mod error;
mod probe;
mod service;
mod state;
mod terms;

use model::{Random, sealed::Sealed};
use webhook_validator::callback::Secret;

pub use error::StartError;
pub use probe::{Probe, ProbeError, probe, tls_profile};
pub use service::{Parts, Service};

use crate::secrets::{self, Secrets};

/// A new secret for a callback URL, sealed (CE-WHV-08).
pub fn new_secret(random: &dyn Random, secrets: &Secrets) -> Result<Sealed, secrets::Error> {
    let mut bits = [0; 32];
    for part in bits.chunks_exact_mut(8) {
        part.copy_from_slice(&random.bits().to_le_bytes());
    }
    secrets.seal(Secret::from_random(bits).reveal().as_bytes())
}
