//! Cancelling what waits for the moment of an event, by the client that published it (CH-98).

use model::{Actor, addressee::EventReference};

use super::{Administration, Running};
use crate::Error;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailingCancel {
    /// Nobody gets it; that is durable.
    Cancelled,
    /// The moment of the event was there before, or it was cancelled before. Nothing was changed.
    Started,
    /// The mailings do not wait in this process. Nothing was changed.
    NotHere,
    /// The event has no mailing that this client may cancel.
    Unknown,
}

impl Administration {
    /// Cancels the mailings of an event that this actor published, and that waits. All of them or, without an error, none.
    ///
    /// # Errors
    /// `Storage`; then it is to be repeated.
    pub async fn cancel_event(&self, actor: &Actor, event: &EventReference) -> Result<MailingCancel, Error> {
        let Some(running) = &self.running else { return Ok(MailingCancel::Unknown) };
        let (open, ended) = self.mailings.of_event(event).await?;
        let Some(start) = open.iter().map(|one| &one.start).chain(ended.iter().map(|one| &one.start)).next() else {
            return Ok(MailingCancel::Unknown);
        };
        if published(actor, running.as_ref(), start).await?.is_none() {
            return Ok(MailingCancel::Unknown);
        }
        if open.is_empty() {
            return Ok(MailingCancel::Started);
        }
        Ok(running.cancel(open.iter().map(|one| one.id).collect()).await?)
    }
}

/// The publisher of the event on the log; `None` when it is another event, or one that this actor may not manage.
pub(super) async fn published(
    actor: &Actor,
    running: &dyn Running,
    start: &model::mailing::MailingStart,
) -> Result<Option<String>, Error> {
    let Some(accepted) = running.event(start).await? else { return Ok(None) };
    let is_same = (accepted.event.source(), accepted.event.id()) == (&*start.event.source, &*start.event.id);
    let publisher = accepted.publisher.as_deref().unwrap_or_default();
    Ok((is_same && actor.may_manage(publisher)).then(|| publisher.to_owned()))
}
