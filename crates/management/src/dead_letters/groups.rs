//! Counts dead letters by subscription, kanaal, outcome and answer, among the newest.

use model::Actor;
use storage::journal::{DeadLetter, DeadLetterGroup, DeadLetterGroups, DeadLetterQuery, Page};

use crate::{Error, Management};

/// Most dead letters that a browsed list is about: the newest ones.
pub const MOST_BROWSED: u32 = 5_000;

/// A page of dead letters with the groups of all that match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowsedDeadLetters {
    /// The page, newest first, without records.
    pub letters: Vec<DeadLetter>,
    /// The groups, largest first.
    pub groups: Vec<DeadLetterGroup>,
    /// How many there are in the groups.
    pub count: u64,
    /// Whether these are all; else there are older ones that are neither listed nor counted.
    pub is_complete: bool,
}

impl Management {
    /// A page and the groups of the dead letters that the query matches and the actor may see, among the newest
    /// [`MOST_BROWSED`] of the subscription or kanaal of the query, so that it costs the same however many there are.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a subscription that the actor may not see.
    pub async fn browse_dead_letters(
        &self,
        actor: &Actor,
        query: DeadLetterQuery,
        page: Page,
    ) -> Result<BrowsedDeadLetters, Error> {
        let query = DeadLetterQuery { without_records: true, newest: Some(MOST_BROWSED), ..query };
        let narrowed = self.narrow_to_visible(actor, query.clone())?;
        if narrowed.is_empty() {
            return Ok(BrowsedDeadLetters { letters: vec![], groups: vec![], count: 0, is_complete: true });
        }
        // Side by side: both go over the newest dead letters.
        let (groups, letters) =
            tokio::join!(self.journal.dead_letter_groups(query.clone()), self.read_page(actor, &narrowed, query, page));
        let DeadLetterGroups { mut groups, is_complete } = groups?;
        groups.retain(|group| self.may_see_deliveries_of(actor, group.subscription));
        groups.sort_by(|one, other| {
            let order = other.count.cmp(&one.count).then_with(|| one.subscription.cmp(&other.subscription));
            order.then_with(|| (&one.kanaal, one.code).cmp(&(&other.kanaal, other.code)))
        });
        let count = groups.iter().map(|group| group.count).sum();
        let letters = if count == 0 { vec![] } else { letters? };
        Ok(BrowsedDeadLetters { letters, groups, count, is_complete })
    }
}
