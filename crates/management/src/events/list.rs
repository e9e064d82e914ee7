//! Lists events, newest first.

use std::time::Duration;

use event_reader::disclose_row;
use model::{Actor, Role, Timestamp};
use storage::journal::{EventQuery, EventRow, Page};

use crate::{Error, Management, scan};

/// Where a list goes on: behind the events that were looked at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCursor {
    /// When the last of them was appended.
    pub appended: Timestamp,
    /// How many of them were appended at that moment.
    pub events: u64,
}

impl EventCursor {
    /// Counts an event that was looked at, the newest first.
    fn pass(cursor: &mut Option<Self>, appended: Timestamp) {
        match cursor {
            Some(own) if own.appended == appended => own.events += 1,
            _ => *cursor = Some(Self { appended, events: 1 }),
        }
    }
}

/// A part of a list of events.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct EventPart {
    /// The events.
    pub events: Vec<EventRow>,
    /// Where the list goes on when 20,000 events were looked at before the part was complete.
    pub further: Option<EventCursor>,
}

impl Management {
    /// The events that the query matches and the actor may see, without what is not disclosed to it.
    ///
    /// # Errors
    /// [`Error::TooBroad`] when the page is not complete after 20,000 events.
    pub async fn list_events(&self, actor: &Actor, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error> {
        let part = self.list_events_from(actor, query, page, None).await?;
        match part.further {
            None => Ok(part.events),
            Some(_) => Err(scan::too_many()),
        }
    }

    /// The same from a cursor on: `page` counts from there. At most 20,000 events are looked at, and what was found until then is
    /// returned.
    pub async fn list_events_from(
        &self,
        actor: &Actor,
        mut query: EventQuery,
        page: Page,
        from: Option<EventCursor>,
    ) -> Result<EventPart, Error> {
        if let Some(cursor) = from {
            let end = cursor.appended + Duration::from_micros(1);
            query.until = Some(query.until.map_or(end, |until| until.min(end)));
        }
        let start = from.map_or(0, |cursor| cursor.events);
        if actor.sees_all() {
            let page = Page { offset: start + page.offset, ..page };
            let events = self.journal.events(query, page).await.map_err(scan::page_error)?;
            return Ok(EventPart { events, further: None });
        }
        let own = &self.visible_subscriptions(actor);
        let owns_kanalen = actor.grants().is_some_and(|grants| grants.has(Role::Kanaaleigenaar));
        if own.is_empty() && !owns_kanalen {
            return Ok(EventPart::default());
        }
        let by_subject = query.subject.is_some();
        let fetch = |page| self.journal.events(query.clone(), page);
        let keep = |row: EventRow| async move {
            let Some(disclosure) = self.disclosure_to(actor, own, &row).await? else { return Ok(None) };
            // An actor that may not see the subject may not search for it either.
            let found = !by_subject || disclosure.shows("subject");
            Ok(found.then(|| disclose_row(row, &disclosure)))
        };
        let mut last = from;
        let pass = |row: &EventRow| EventCursor::pass(&mut last, row.appended);
        let (events, is_complete) = scan::part(page, start, fetch, keep, pass).await?;
        Ok(EventPart { events, further: last.filter(|_| !is_complete) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_counts_the_events_of_its_moment() {
        let mut cursor = Some(EventCursor { appended: Timestamp::from_seconds(9), events: 3 });
        for (at, events) in [(9, 4), (8, 1), (8, 2), (7, 1)] {
            EventCursor::pass(&mut cursor, Timestamp::from_seconds(at));
            assert_eq!(cursor, Some(EventCursor { appended: Timestamp::from_seconds(at), events }));
        }
    }
}
