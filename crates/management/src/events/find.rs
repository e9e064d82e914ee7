//! Finds the events with one id that an actor may see, and which part of an event that is.

use std::sync::Arc;

use event_reader::{StoredEvent, disclosure_for};
use model::{Actor, Subscription, approval::Disclosure};
use storage::journal::{EventQuery, EventRow, Page};

use crate::{Error, Management};

/// The maximum number of events with one id that are read, and when they are too long for one page.
const MAX_SAME_ID: u32 = 1_000;
const MAX_LONG: u32 = 8;

impl Management {
    /// Every event with this id (and source) that the actor may see, newest first; at least one.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] when there is none; [`Error::Invalid`] for `source` when events of several sources have the id.
    pub(crate) async fn find_events(
        &self,
        actor: &Actor,
        id: &str,
        source: Option<String>,
    ) -> Result<Vec<EventRow>, Error> {
        let query = EventQuery { id: Some(id.to_owned()), source, ..EventQuery::default() };
        let read = |limit| self.journal.events(query.clone(), Page { offset: 0, limit });
        let rows = match read(MAX_SAME_ID).await {
            Err(storage::Error::TooLarge { .. }) => read(MAX_LONG).await?,
            rows => rows?,
        };
        let own = self.visible_subscriptions(actor);
        let mut visible: Vec<EventRow> = Vec::new();
        for row in rows {
            if self.disclosure_to(actor, &own, &row).await?.is_some() {
                visible.push(row);
            }
        }
        let first = visible.first().ok_or(Error::NotIndexed)?;
        if visible.iter().any(|row| row.source != first.source) {
            return Err(Error::invalid("source", "is needed: events of several sources have this id"));
        }
        Ok(visible)
    }

    /// What the actor, who sees the subscriptions `own`, may see of an event; `None` when it may not see it at all.
    pub(crate) async fn disclosure_to(
        &self,
        actor: &Actor,
        own: &[Arc<Subscription>],
        row: &EventRow,
    ) -> Result<Option<Disclosure>, Error> {
        if actor.sees_all() || self.is_kanaaleigenaar(actor, row.kanaal.as_str()) {
            return Ok(Some(Disclosure::ALL));
        }
        let gets = |own: &&Subscription| own.selection.covers(&row.kanaal) && own.is_admitted(&row.kanaal);
        let covering: Vec<&Subscription> = own.iter().map(AsRef::as_ref).filter(gets).collect();
        if covering.is_empty() {
            return Ok(None);
        }
        let event = self.read_stored(row).await?;
        Ok(event.and_then(|event| disclosure_for(&event, covering)))
    }

    /// The stored event of a row; `None` when retention removed it or it cannot be read.
    pub(crate) async fn read_stored(&self, row: &EventRow) -> Result<Option<StoredEvent>, storage::Error> {
        event_reader::read_one(self.log.as_ref(), &row.kanaal, row.partition, row.position).await
    }
}
