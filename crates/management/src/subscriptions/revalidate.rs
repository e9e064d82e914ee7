//! Asks the sink of a subscription for consent again; the only way back after 410 Gone (CE-WH-15).

use std::sync::Arc;

use model::{
    Actor, Subscription, SubscriptionId,
    consent::Validation,
    decide::{Command, Rejection},
};

use super::change::TRIES;
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
        self.revalidate(actor, id).await?;
        self.present_subscription(id)
    }

    /// Asks the sink for consent again. A subscription that has ended starts at the present ends of the logs; that is stored
    /// first, so that a crash after its return delivers nothing of what it missed.
    pub(super) async fn revalidate(&self, actor: &Actor, id: SubscriptionId) -> Result<(), Error> {
        self.start_anew_if_ended(actor, id).await?;
        self.control.submit(actor, Command::Revalidate { id, at: self.clock.now() }).await??;
        Ok(())
    }

    async fn start_anew_if_ended(&self, actor: &Actor, id: SubscriptionId) -> Result<(), Error> {
        for _ in 0..TRIES {
            let present = self.present_subscription(id)?;
            if present.status.end().is_none() {
                return Ok(());
            }
            let to = self.builder().start_anew(&present).await?;
            let command = Command::ChangeSubscription { to: Box::new(to), seen: present.changed };
            match self.control.submit(actor, command).await? {
                Err(Rejection::Conflict(_)) => {}
                decision => return Ok(decision.map(drop)?),
            }
        }
        Err(Conflict::Busy.into())
    }
}
