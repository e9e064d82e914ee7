//! Expiry: ends subscriptions at the moment that their `expires` names.
//!
//! It only says that the moment came; what that means for deliveries is the engine's business. Every node may say it:
//! the first one counts.

use std::{sync::Arc, time::Duration};

use model::{Clock, SubscriptionId, Timestamp, decide::Command, subscription::Status};
use storage::Control;
use tokio::sync::broadcast::error::RecvError;

/// The longest sleep: moments are looked at anew at least so often, should the clock have been set.
const MAX_SLEEP: Duration = Duration::from_mins(1);
/// How long to wait before storage that did not take an end is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// What expiry works on.
pub struct Expire {
    /// Where subscriptions stand.
    pub control: Arc<dyn Control>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Expire {
    /// Runs for ever.
    pub async fn run(self) {
        let mut changes = self.control.changes();
        loop {
            let sleep = match self.pass().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::warn!(%error, "the end of a subscription will be told again");
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                change = changes.recv() => if matches!(change, Err(RecvError::Closed)) {
                    return;
                },
            }
            // Of many changes at once the state behind the last one counts.
            while changes.try_recv().is_ok() {}
        }
    }

    /// Ends everything whose time is over; how long until the next moment.
    pub async fn pass(&self) -> Result<Duration, storage::Error> {
        let now = self.clock.now();
        let mut next: Option<Timestamp> = None;
        let mut over: Vec<(SubscriptionId, Timestamp)> = Vec::new();
        for subscription in self.control.registry().read().subscriptions() {
            let Some(expires) = subscription.expires else { continue };
            if subscription.status.end().is_some() {
                continue;
            }
            if expires <= now {
                over.push((subscription.id, expires));
            } else {
                next = Some(next.map_or(expires, |next| next.min(expires)));
            }
        }
        for (id, at) in over {
            // Somebody else may have told, put it off or deleted it meanwhile.
            if self.control.submit(Command::SetStatus { id, status: Status::Expired { at } }).await?.is_ok() {
                tracing::info!(subscription = %id, "a subscription has expired");
            }
        }
        Ok(next.map_or(MAX_SLEEP, |next| next.since(now).min(MAX_SLEEP)))
    }
}
