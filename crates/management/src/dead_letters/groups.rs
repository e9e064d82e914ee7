//! Counts dead letters by subscription, kanaal, outcome and answer, among the newest.

use std::collections::HashMap;

use model::{Actor, KanaalName, SubscriptionId, Timestamp, outcome::Outcome};
use storage::journal::{DeadLetterQuery, Page};

use crate::{Error, Management};

/// Most dead letters that are counted.
const MAX_LETTERS: u64 = 5_000;

/// Rows of one read: as many as one read returns, since with a filter each read sorts everything that matches; and fewer
/// where rows are large.
const CHUNK: u32 = 1_000;
const SMALL_CHUNK: u32 = 50;

/// Dead letters that have the same subscription, kanaal, outcome and answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterGroup {
    /// The subscription; [`DeadLetter::NOBODY`](storage::journal::DeadLetter::NOBODY) for unreadable records.
    pub subscription: SubscriptionId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// How the deliveries ended.
    pub outcome: Outcome,
    /// The code of the last answer; `None` without one.
    pub code: Option<u16>,
    /// How many there are.
    pub count: u64,
    /// When the newest one was created.
    pub newest: Timestamp,
}

impl Management {
    /// The groups of the newest 5,000 dead letters that the query matches and of which the actor sees some, largest first; and
    /// whether these were all. Counting ends earlier at rows that are too large for one read.
    pub async fn group_dead_letters(
        &self,
        actor: &Actor,
        query: DeadLetterQuery,
    ) -> Result<(Vec<DeadLetterGroup>, bool), Error> {
        let query = DeadLetterQuery { without_records: true, ..query };
        let mut groups = HashMap::new();
        let mut is_complete = true;
        if !self.narrow_to_visible(actor, query.clone())?.is_empty() {
            is_complete = false;
            let (mut offset, mut limit) = (0, CHUNK);
            while offset < MAX_LETTERS {
                let rows = match self.journal.dead_letters(query.clone(), Page { offset, limit }).await {
                    Ok(rows) => rows,
                    Err(storage::Error::TooLarge { .. }) if limit > SMALL_CHUNK => {
                        limit = SMALL_CHUNK;
                        continue;
                    }
                    // Even so few are too large for one read: what was counted is shown.
                    Err(storage::Error::TooLarge { .. }) => break,
                    Err(other) => return Err(other.into()),
                };
                let is_last = rows.len() < limit as usize;
                offset += rows.len() as u64;
                for row in rows {
                    if !self.may_see_deliveries_of(actor, row.delivery.subscription) {
                        continue;
                    }
                    let key = (row.delivery.subscription, row.delivery.kanaal, row.outcome, row.last_code);
                    let (count, newest) = groups.entry(key).or_insert((0_u64, row.at));
                    *count += 1;
                    *newest = row.at.max(*newest);
                }
                if is_last {
                    is_complete = true;
                    break;
                }
            }
        }
        let group = |((subscription, kanaal, outcome, code), (count, newest))| DeadLetterGroup {
            subscription,
            kanaal,
            outcome,
            code,
            count,
            newest,
        };
        let mut groups: Vec<DeadLetterGroup> = groups.into_iter().map(group).collect();
        groups.sort_by(|one, other| {
            let order = other.count.cmp(&one.count).then_with(|| one.subscription.cmp(&other.subscription));
            order.then_with(|| (&one.kanaal, one.code).cmp(&(&other.kanaal, other.code)))
        });
        Ok((groups, is_complete))
    }
}
