//! Keeps the abonnement by which another Notificaties API tells of changes at the Autorisaties API, as long as this node has
//! the shard of our callback; so one node does it, and another when that one is gone.
//!
//! What is asked and how is `auth::autorisaties::abonnement`.

use std::time::Duration;

use crate::{app::App, auth::autorisaties::Kept, telemetry::autorisaties as metrics};

/// How often it is looked after.
const KEEP: Duration = Duration::from_hours(1);
/// The first wait after a failure; it doubles.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
const LONGEST: Duration = Duration::from_mins(5);

/// Looks after it until it is dropped; ends at once when none is configured.
pub async fn keep(app: App) {
    let Some(autorisaties) = &app.autorisaties else { return };
    let Some(registration) = autorisaties.registration() else { return };
    let mut shards = app.engine.state();
    let (mut own, mut again) = (None, AGAIN);
    loop {
        let kept = if app.engine.owns(&registration.callback_url) {
            Some(registration.keep(&app.egress, own, app.clock.now()).await)
        } else {
            None
        };
        metrics::registered(matches!(kept, Some(Ok(_))));
        let (trouble, wait) = match kept {
            None => (None, KEEP),
            Some(Ok(kept)) => {
                let (Kept::Unchanged(uuid) | Kept::Renewed(uuid)) = kept;
                if kept == Kept::Renewed(uuid) {
                    tracing::info!(abonnement = %uuid, "changes of autorisaties are announced to us");
                    autorisaties.ask_anew();
                }
                (own, again) = (Some(uuid), AGAIN);
                (None, KEEP)
            }
            Some(Err(reason)) => {
                let (wait, seconds) = (again, again.as_secs());
                tracing::warn!(reason, again_seconds = seconds, "changes of autorisaties are not announced to us");
                again = (again * 2).min(LONGEST);
                (Some(reason), wait)
            }
        };
        autorisaties.set_trouble(trouble);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = shards.changed() => if changed.is_err() { return },
        }
    }
}
