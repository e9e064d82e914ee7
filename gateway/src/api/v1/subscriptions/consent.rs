//! The consent a subscription has before anybody asked its sink, and the secret of its callback URL.

use model::{
    Timestamp,
    consent::{Consent, Rate, Validation},
    sealed::Sealed,
};

use super::input::Wanted;
use crate::{app::App, auth::Caller, problem::Problem, secrets};

/// Refuses a manual agreement from anybody but an administrator (NLG-WH-05).
pub fn check_validation(caller: &Caller, validation: &Validation) -> Result<(), Problem> {
    if matches!(validation, Validation::Manual { .. }) && !caller.is_beheer() {
        return Err(Problem::forbidden(
            "Only an administrator (scope notificaties.beheer) may replace the handshake by an agreement.",
        ));
    }
    Ok(())
}

/// The consent to begin with.
pub fn initial(app: &App, wanted: &Wanted, now: Timestamp) -> Consent {
    match wanted.validation {
        Validation::Manual { .. } => Consent::Granted {
            origin: app.config.origin.clone(),
            rate: wanted.requested_rate.map_or(Rate::Unlimited, Rate::PerMinute),
            at: now,
        },
        Validation::Handshake | Validation::Probe => Consent::fresh(now),
    }
}

/// A new secret for the callback URL, sealed (CE-WHV-08).
pub fn callback_secret(app: &App) -> Result<Sealed, secrets::Error> {
    crate::consent::new_secret(app.random.as_ref(), &app.secrets)
}
