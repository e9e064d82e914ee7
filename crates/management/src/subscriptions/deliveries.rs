//! Lists what was delivered to a subscription, with every attempt, newest first.

use model::{Actor, SubscriptionId};
use storage::journal::{DeliveryQuery, DeliveryRow, Page};

use crate::{Error, Management, scan, waiting::Continuation};

impl Management {
    /// A page of the deliveries to a subscription of the actor that match the query, whose own subscription is ignored.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn list_deliveries(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        query: DeliveryQuery,
        page: Page,
    ) -> Result<Vec<(DeliveryRow, Continuation)>, Error> {
        let subscription = Some(self.visible_subscription(actor, id)?.id);
        let page = self.journal.deliveries(DeliveryQuery { subscription, ..query }, page).await;
        Ok(self.with_continuations(page.map_err(scan::page_error)?).await)
    }
}
