//! Sends one event again: to every subscription of the actor that wants it, or to one that it names.

use std::sync::Arc;

use model::{
    Actor, SubscriptionId,
    run::{Run, RunSelection},
};

use crate::{Error, Management};

impl Management {
    /// Starts a run for each subscription. With `only` the event goes to that subscription, whether its selection wants the
    /// event or not.
    ///
    /// # Errors
    /// [`Error::NotIndexed`], [`Error::NoLongerKept`]; a conflict when the actor has too many redrives under way.
    pub async fn redeliver_event(
        &self,
        actor: &Actor,
        id: &str,
        source: Option<String>,
        only: Option<SubscriptionId>,
    ) -> Result<Vec<Arc<Run>>, Error> {
        self.check_redrives(actor)?;
        let events = self.find_events(actor, id, source).await?;
        let event = events.first().ok_or(Error::NotIndexed)?;
        let subscriptions = if let Some(id) = only {
            vec![self.own_subscription(actor, id)?]
        } else {
            let stored = self.read_stored(event).await?.ok_or(Error::NoLongerKept)?;
            let mut own = self.own_subscriptions(actor);
            own.retain(|subscription| stored.is_wanted_by(&subscription.selection));
            own
        };
        let mut runs = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let record = (event.kanaal.clone(), event.partition, event.position);
            runs.push(self.start_run(actor, &subscription, RunSelection::Records(vec![record])).await?);
        }
        Ok(runs)
    }
}
