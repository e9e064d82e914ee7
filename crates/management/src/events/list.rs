//! Lists events, newest first.

use event_reader::disclose_row;
use model::{Actor, Role};
use storage::journal::{EventQuery, EventRow, Page};

use crate::{Error, Management, scan};

impl Management {
    /// The events that the query matches and the actor may see, without what is not disclosed to it.
    pub async fn list_events(&self, actor: &Actor, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error> {
        if actor.sees_all() {
            return self.journal.events(query, page).await.map_err(scan::page_error);
        }
        let own = &self.visible_subscriptions(actor);
        let owns_kanalen = actor.grants().is_some_and(|grants| grants.has(Role::Kanaaleigenaar));
        if own.is_empty() && !owns_kanalen {
            return Ok(vec![]);
        }
        let by_subject = query.subject.is_some();
        let fetch = |page| self.journal.events(query.clone(), page);
        let keep = |row: EventRow| async move {
            let Some(disclosure) = self.disclosure_to(actor, own, &row).await? else { return Ok(None) };
            // An actor that may not see the subject may not search for it either.
            let found = !by_subject || disclosure.shows("subject");
            Ok(found.then(|| disclose_row(row, &disclosure)))
        };
        scan::page(page, fetch, keep).await
    }
}
