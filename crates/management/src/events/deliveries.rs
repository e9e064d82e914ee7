//! Lists the deliveries of one event to the actor's subscriptions.

use std::future::ready;

use model::Actor;
use storage::journal::{DeliveryQuery, DeliveryRow, Page};

use crate::{Error, Management, scan, waiting::Continuation};

impl Management {
    /// The deliveries of the event with this id (and source) to subscriptions of the actor.
    pub async fn list_event_deliveries(
        &self,
        actor: &Actor,
        id: &str,
        source: Option<String>,
        page: Page,
    ) -> Result<Vec<(DeliveryRow, Continuation)>, Error> {
        let events = self.find_events(actor, id, source).await?;
        let query = DeliveryQuery { event_id: Some(id.to_owned()), ..DeliveryQuery::default() };
        let fetch = |page| self.journal.deliveries(query.clone(), page);
        let keep = |row: DeliveryRow| {
            let of_event = events.iter().any(|event| {
                (&event.kanaal, event.partition, event.position)
                    == (&row.delivery.kanaal, row.delivery.partition, row.delivery.position)
            });
            let kept = of_event && self.may_see_deliveries_of(actor, row.delivery.subscription);
            ready(Ok(kept.then_some(row)))
        };
        let rows = scan::page(page, fetch, keep).await?;
        Ok(self.with_continuations(rows).await)
    }
}
