//! One message of one person, and what the sender sees of it.

use model::{
    addressee::{Digest, EventReference},
    inbox::{Change, MessageId, Totals},
};

use crate::{Error, Inbox, Shown, metrics};

impl Inbox {
    /// A message, also a deleted one as long as that can be undone.
    ///
    /// # Errors
    /// `Unknown`, also for one of somebody else; `Storage`.
    pub async fn read(&self, person: Digest, id: MessageId) -> Result<Shown, Error> {
        let message = self.parts.store.message(person, id).await?.ok_or(Error::Unknown)?;
        if !message.is_visible(self.parts.clock.now(), self.parts.settings.undo) {
            return Err(Error::Unknown);
        }
        self.shown(person, message).await?.ok_or(Error::Unknown)
    }

    /// Changes the state of a message for this person, and returns the message. Repeated, it changes nothing.
    ///
    /// # Errors
    /// As [`Inbox::read`]; `UndoOver` for a deletion that cannot be undone any more.
    pub async fn change(&self, person: Digest, id: MessageId, change: Change) -> Result<Shown, Error> {
        let (now, undo) = (self.parts.clock.now(), self.parts.settings.undo);
        let changed = self.parts.store.change(person, id, change, now, undo).await?;
        let message = changed.ok_or(Error::Unknown)??;
        self.changes.send_replace(());
        metrics::count_change(change);
        self.shown(person, message).await?.ok_or(Error::Unknown)
    }

    /// Erases what is stored of a person: its states, and the messages for it alone (CH-135). Messages for everybody are new again.
    /// Returns the number of rows.
    ///
    /// # Errors
    /// `Storage`; then it is to be repeated.
    pub async fn erase(&self, person: Digest) -> Result<u64, Error> {
        Ok(self.parts.store.erase_person(person).await?)
    }

    /// What all people did with the message of an event (CH-11).
    ///
    /// # Errors
    /// `Unknown` when the event is no message of the inbox; `Storage`.
    pub async fn totals(&self, event: &EventReference) -> Result<Totals, Error> {
        self.parts.store.totals(event).await?.ok_or(Error::Unknown)
    }

    /// Whether the totals are of a message that has expired.
    pub fn has_expired(&self, totals: &Totals) -> bool {
        totals.expires.is_some_and(|end| self.parts.clock.now() >= end)
    }
}
