//! Maintains the abonnement by which another Notificaties API notifies us of changes at the Autorisaties API, while this node
//! owns the shard of our callback; so exactly one node does it.
//!
//! The requests are in `auth::autorisaties::abonnement`.

use std::time::Duration;

use model::Sink;
use web::auth::autorisaties::RegistrationState;

use crate::{app::App, telemetry::autorisaties as metrics};

/// How often the abonnement is checked.
const CHECK_INTERVAL: Duration = Duration::from_hours(1);
/// The first wait after a failure; it doubles.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
const MAX_RETRY: Duration = Duration::from_mins(5);

/// Checks the abonnement until the task is dropped; returns immediately when none is configured.
pub async fn maintain_abonnement(app: App) {
    let Some(autorisaties) = &app.web.autorisaties else { return };
    let Some(registration) = autorisaties.registration() else { return };
    let callback = Sink::Webhook(registration.callback_url.clone());
    let mut shards = app.engine.state();
    let (mut own, mut retry) = (None, FIRST_RETRY);
    loop {
        let state = if app.engine.owns(&callback) {
            Some(registration.ensure(&app.egress, own, app.clock.now()).await)
        } else {
            None
        };
        metrics::registered(matches!(state, Some(Ok(_))));
        let (error, wait) = match state {
            None => (None, CHECK_INTERVAL),
            Some(Ok(state)) => {
                let (RegistrationState::Unchanged(uuid) | RegistrationState::Renewed(uuid)) = state;
                if state == RegistrationState::Renewed(uuid) {
                    tracing::info!(abonnement = %uuid, "subscribed to changes of autorisaties");
                    autorisaties.invalidate_all();
                }
                (own, retry) = (Some(uuid), FIRST_RETRY);
                (None, CHECK_INTERVAL)
            }
            Some(Err(reason)) => {
                let (wait, seconds) = (retry, retry.as_secs());
                tracing::warn!(reason, again_seconds = seconds, "not subscribed to changes of autorisaties");
                retry = (retry * 2).min(MAX_RETRY);
                (Some(reason), wait)
            }
        };
        autorisaties.set_registration_error(error);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = shards.changed() => if changed.is_err() { return },
        }
    }
}
