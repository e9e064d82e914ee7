//! Pauses a subscription: deliveries stop, and go on later where they stopped.

use std::sync::Arc;

use model::{Actor, Subscription, SubscriptionId, subscription::Status};

use crate::{Error, Management};

impl Management {
    /// Pauses a subscription of the actor and returns it; a paused one stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rejected`] when its sink is gone or it expired.
    pub async fn pause_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        self.set_status(actor, id, Status::Paused).await
    }
}
