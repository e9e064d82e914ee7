//! Counts the dead letters that were made since a moment, among the newest.

use model::{Actor, Timestamp};
use storage::journal::DeadLetterQuery;

use crate::{Error, Management};

/// Most dead letters that are looked at: the newest ones.
const MOST_COUNTED: u32 = 1_000;

/// Most subscriptions of one person whose dead letters are counted.
const MOST_SUBSCRIPTIONS: usize = 500;

impl Management {
    /// How many dead letters that the actor may see were made since a moment, and whether these are all: only the newest 1,000 of
    /// everybody are looked at.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn count_recent_dead_letters(&self, actor: &Actor, from: Timestamp) -> Result<(u64, bool), Error> {
        let query = DeadLetterQuery { from: Some(from), newest: Some(MOST_COUNTED), ..DeadLetterQuery::default() };
        if self.narrow_to_visible(actor, query.clone())?.is_empty() {
            return Ok((0, true));
        }
        let found = self.journal.dead_letter_groups(query).await?;
        let visible = found.groups.iter().filter(|group| self.may_see_deliveries_of(actor, group.subscription));
        Ok((visible.map(|group| group.count).sum(), found.is_complete))
    }

    /// How many dead letters there are of the actor's own subscriptions, and whether these are all. It looks at the newest 1,000 of a
    /// subscription, at no further one once it has counted 1,000, and at 500 subscriptions.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn count_newest_own_dead_letters(&self, actor: &Actor) -> Result<(u64, bool), Error> {
        let query = DeadLetterQuery { newest: Some(MOST_COUNTED), ..DeadLetterQuery::default() };
        let (mut count, mut is_all) = (0, true);
        for (at, query) in self.narrow_to_own(actor, query)?.into_iter().enumerate() {
            if count >= u64::from(MOST_COUNTED) || at == MOST_SUBSCRIPTIONS {
                return Ok((count, false));
            }
            let found = self.journal.dead_letter_groups(query).await?;
            count += found.groups.iter().map(|group| group.count).sum::<u64>();
            is_all &= found.is_complete;
        }
        Ok((count, is_all))
    }
}
