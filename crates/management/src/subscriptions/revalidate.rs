//! Asks the sink of a subscription for consent again; the only way back after 410 Gone (CE-WH-15).

use std::sync::Arc;

use model::{Actor, Subscription, SubscriptionId, consent::Validation, decide::Command};

use crate::{Conflict, Error, Management};

impl Management {
    /// Starts a new handshake for a subscription of the actor, and returns the subscription.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Conflict::Manual`] when an agreement replaces the handshake and the actor is no administrator.
    pub async fn revalidate_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let subscription = self.own_subscription(actor, id)?;
        if matches!(subscription.validation, Validation::Manual { .. }) && !actor.is_beheer() {
            return Err(Conflict::Manual.into());
        }
        self.control.submit(actor, Command::Revalidate { id, at: self.clock.now() }).await??;
        self.present_subscription(id)
    }
}
