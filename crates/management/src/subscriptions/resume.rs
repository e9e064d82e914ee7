//! Resumes a subscription that was paused, or suspended after an outage, where its deliveries stopped.

use std::sync::Arc;

use model::{Actor, Subscription, SubscriptionId, decide::Command, subscription::Status};

use crate::{Error, Management};

impl Management {
    /// Resumes a subscription of the actor and returns it; an active one stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rejected`] when its sink is gone or it expired.
    pub async fn resume_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        self.set_status(actor, id, Status::Active).await
    }

    pub(super) async fn set_status(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        status: Status,
    ) -> Result<Arc<Subscription>, Error> {
        let id = self.own_subscription(actor, id)?.id;
        self.control.submit(actor, Command::SetStatus { id, status }).await??;
        self.present_subscription(id)
    }
}
