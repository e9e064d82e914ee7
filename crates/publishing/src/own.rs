//! Publishes events of the gateway itself, on their kanaal. Nobody asked for them, so no rights, profile or schema are checked;
//! who makes them is crate `own-events`.

use model::{
    Event, KanaalName,
    event::{AcceptedEvent, PublishedAs},
};

use super::{LOG_TARGET, Publishing, metrics::Form, record_of};

impl Publishing {
    /// Appends events of the gateway itself, in order, all or none; when it returns `Ok` they are durable.
    ///
    /// # Errors
    /// Storage did not confirm.
    pub async fn publish_own(&self, events: Vec<Event>) -> Result<(), storage::Error> {
        let moment = self.clock.moment();
        let accept = |event| AcceptedEvent {
            event,
            published_as: PublishedAs::CloudEvent,
            received: Some(moment.wall),
            publisher: None,
        };
        let accepted: Vec<_> = events.into_iter().map(accept).collect();
        let records = accepted.iter().map(|accepted| (KanaalName::own(), record_of(accepted, None)));
        self.log.append(records.collect()).await?;
        self.0.accepted.count(Form::Own, accepted.len(), self.clock.instant().since(moment.instant));
        for AcceptedEvent { event, .. } in &accepted {
            tracing::debug!(target: LOG_TARGET, event_id = event.id(), r#type = event.kind(), "published");
        }
        Ok(())
    }
}
