//! Cancelling a message that waits for the moment of its event (CH-98), and who published that event.

use model::{Actor, addressee::EventReference};
use people::administration::PublishedEvent;
use storage::inbox::Cancelled;

use crate::{Error, Inbox};

impl Inbox {
    /// Cancels the message of an event that this actor published: it never appears. Repeated, it changes nothing.
    ///
    /// # Errors
    /// `Unknown` when the event is no message of the inbox, or one of another client; `Storage`.
    pub async fn cancel(&self, actor: &Actor, event: &EventReference) -> Result<Cancelled, Error> {
        self.published_event(actor, event).await?;
        Ok(self.parts.store.cancel(event, self.parts.clock.now()).await?)
    }

    /// The event of a message that this actor published.
    ///
    /// # Errors
    /// `Unknown` when the event is no message of the inbox, or one of another client; `Storage`.
    pub async fn published_event(&self, actor: &Actor, event: &EventReference) -> Result<PublishedEvent, Error> {
        let (partition, position) = self.parts.store.place(event).await?.ok_or(Error::Unknown)?;
        let log = self.parts.log.as_ref();
        let stored = event_reader::read_one(log, &event.kanaal, partition, position).await?.ok_or(Error::Unknown)?;
        let publisher = stored.accepted.publisher.as_deref().unwrap_or_default();
        let is_same = (stored.accepted.event.source(), stored.accepted.event.id()) == (&*event.source, &*event.id);
        if !is_same || !actor.may_manage(publisher) {
            return Err(Error::Unknown);
        }
        Ok(PublishedEvent { publisher: publisher.to_owned(), partition, position })
    }
}
