//! Cancelling a message that waits for the moment of its event (CH-98).

use model::{Actor, addressee::EventReference};
use storage::inbox::Cancelled;

use crate::{Error, Inbox};

impl Inbox {
    /// Cancels the message of an event that this actor published: it never appears. Repeated, it changes nothing.
    ///
    /// # Errors
    /// `Unknown` when the event is no message of the inbox, or one of another client; `Storage`.
    pub async fn cancel(&self, actor: &Actor, event: &EventReference) -> Result<Cancelled, Error> {
        let place = self.parts.store.place(event).await?.ok_or(Error::Unknown)?;
        let log = self.parts.log.as_ref();
        let stored = event_reader::read_one(log, &event.kanaal, place.0, place.1).await?.ok_or(Error::Unknown)?;
        let publisher = stored.accepted.publisher.as_deref().unwrap_or_default();
        let is_same = (stored.accepted.event.source(), stored.accepted.event.id()) == (&*event.source, &*event.id);
        if !is_same || !actor.may_manage(publisher) {
            return Err(Error::Unknown);
        }
        Ok(self.parts.store.cancel(event, self.parts.clock.now()).await?)
    }
}
