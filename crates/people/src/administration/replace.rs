//! Replacing what waits for the moment of an event by what people get of another event, by the client that published it (CH-98).
//!
//! Not here: whether the other event may be published (`publishing`), and its publication (`Replacements`).

use std::{sync::Arc, time::Duration};

use model::{Actor, Partition, Position, addressee::EventReference};
use storage::{
    log::Record,
    mailings::{Replaced, Replacement},
};

use super::{Administration, cancel::published};
use crate::Error;

/// The wait that is advised after a decision that did not end.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An event that a client published, and that people get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedEvent {
    /// The `client_id` of that client; empty when it is not known.
    pub publisher: String,
    /// Where it is on the log.
    pub partition: Partition,
    /// Where it is on the log.
    pub position: Position,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventReplace {
    /// Nobody gets the event, and people get the other one; that is durable.
    Replaced,
    /// The moment of the event was there before, or it was cancelled or replaced before. Nothing was changed.
    Started,
    /// The mailings do not wait in this process. Nothing was changed.
    NotHere,
    /// People get nothing of the event, or that is not known yet. Nothing was changed.
    Unknown,
}

impl Administration {
    /// An event with mailings that this actor published; `None` when there is none.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn published_event(
        &self,
        actor: &Actor,
        event: &EventReference,
    ) -> Result<Option<PublishedEvent>, Error> {
        let Some(running) = &self.running else { return Ok(None) };
        let (open, ended) = self.mailings.of_event(event).await?;
        let starts = open.iter().map(|one| &one.start).chain(ended.iter().map(|one| &one.start));
        let Some(start) = starts.into_iter().next() else { return Ok(None) };
        let publisher = published(actor, running.as_ref(), start).await?;
        let (partition, position) = (start.partition, start.position);
        Ok(publisher.map(|publisher| PublishedEvent { publisher, partition, position }))
    }

    /// Replaces an event that waits, in its mailings and in the inbox, by another one of the same kanaal, of which this is the record.
    /// One decision in one write: of two at the same time, and of one and a cancellation, one does it. The other event is on the log
    /// when this returns, or soon after when the log fails meanwhile.
    ///
    /// # Errors
    /// `Storage`; what was asked may be stored nevertheless. `Keys`.
    pub async fn replace_event(
        &self,
        event: &EventReference,
        published: &PublishedEvent,
        record: &Record,
    ) -> Result<EventReplace, Error> {
        let (open, ended) = self.mailings.of_event(event).await?;
        if open.is_empty() && !ended.is_empty() {
            return Ok(EventReplace::Started);
        }
        let replacement = Replacement {
            event: event.clone(),
            partition: published.partition,
            position: published.position,
            mailings: open.iter().map(|one| one.id).collect(),
            record: self.replacements.seal(record)?,
        };
        let (running, mailings) = (self.running.clone(), Arc::clone(&self.mailings));
        let (replacements, now) = (Arc::clone(&self.replacements), self.people.clock.now());
        // A client that goes away ends nothing of it.
        let decision = tokio::spawn(async move {
            let replaced = match running {
                // A message of the inbox, and no mailing.
                _ if open.is_empty() => mailings.replace(replacement, now).await?.into(),
                Some(running) => running.replace(replacement).await?,
                None => EventReplace::NotHere,
            };
            if replaced == EventReplace::Replaced {
                replacements.publish().await;
            }
            Ok::<_, Error>(replaced)
        });
        let ended = |_| {
            let reason = "the decision did not end".to_owned();
            Err(Error::Storage(storage::Error::Unavailable { reason, retry_after: RETRY_AFTER }))
        };
        decision.await.unwrap_or_else(ended)
    }
}

impl From<Replaced> for EventReplace {
    fn from(replaced: Replaced) -> Self {
        match replaced {
            Replaced::Done => Self::Replaced,
            Replaced::Over => Self::Started,
            Replaced::Unknown => Self::Unknown,
        }
    }
}
