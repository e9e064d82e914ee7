//! When a delivery to a subscription succeeded last.

use model::{Actor, SubscriptionId, Timestamp};

use crate::{Error, Management};

impl Management {
    /// The moment for each of these subscriptions, in their order; `None` without a success in the last 31 days, and for a
    /// subscription that the actor may not see. It reads one row per subscription, whatever the number of their deliveries.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn read_last_delivered(
        &self,
        actor: &Actor,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Option<Timestamp>>, Error> {
        let mut found = self.journal.last_delivered(subscriptions.to_vec()).await?;
        for (id, at) in subscriptions.iter().zip(&mut found) {
            if !self.may_see_deliveries_of(actor, *id) {
                *at = None;
            }
        }
        Ok(found)
    }
}
