//! Deletes a subscription; what was not delivered yet is not delivered (CE-SUB-02).

use model::{Actor, SubscriptionId, decide::Command};

use crate::{Error, Management, Precondition};

impl Management {
    /// Deletes a subscription of the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::PreconditionFailed`] and [`Error::PreconditionRequired`].
    pub async fn delete_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        expected: &Precondition,
    ) -> Result<(), Error> {
        let subscription = self.own_subscription(actor, id)?;
        expected.check(subscription.changed, self.settings.require_precondition)?;
        self.control.submit(actor, Command::DeleteSubscription(id)).await??;
        Ok(())
    }
}
