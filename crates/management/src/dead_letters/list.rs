//! Lists dead letters, newest first, counted.

use std::future::ready;

use model::Actor;
use storage::journal::{DeadLetter, DeadLetterQuery, Page};

use crate::{Error, Management, scan};

impl Management {
    /// A page of the dead letters that the query matches and the actor may see, without their records, and how many there
    /// are in all.
    pub async fn list_dead_letters(
        &self,
        actor: &Actor,
        query: DeadLetterQuery,
        page: Page,
    ) -> Result<(Vec<DeadLetter>, u64), Error> {
        let query = DeadLetterQuery { without_records: true, ..query };
        let narrowed = self.narrow_to_visible(actor, query.clone())?;
        let count = self.count_dead_letters(&narrowed).await?;
        let letters = if count == 0 { vec![] } else { self.read_page(actor, &narrowed, query, page).await? };
        Ok((letters, count))
    }

    /// The page of a query that was narrowed to what the actor may see.
    pub(super) async fn read_page(
        &self,
        actor: &Actor,
        narrowed: &[DeadLetterQuery],
        query: DeadLetterQuery,
        page: Page,
    ) -> Result<Vec<DeadLetter>, Error> {
        if let [one] = narrowed {
            return self.journal.dead_letters(one.clone(), page).await.map_err(scan::page_error);
        }
        let fetch = |page| self.journal.dead_letters(query.clone(), page);
        let keep = |letter: DeadLetter| {
            let kept = self.may_see_deliveries_of(actor, letter.delivery.subscription);
            ready(Ok(kept.then_some(letter)))
        };
        scan::page(page, fetch, keep).await
    }
}
