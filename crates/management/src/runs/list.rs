//! Lists the runs that an actor may see, newest first.

use std::{cmp::Reverse, collections::HashSet, future::ready, sync::Arc};

use model::{
    Actor, SubscriptionId,
    run::{Run, RunId},
};
use storage::journal::{Page, RunQuery, RunRow};

use super::{RunState, find::fresh};
use crate::{Error, Management, scan};

/// Which runs; `None` for any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only of this subscription.
    pub subscription: Option<SubscriptionId>,
    /// Only those that are active, or only those that ended.
    pub running: Option<bool>,
}

impl Management {
    /// A page of the runs that the actor may see and that pass the filter, newest first. Runs that ended are listed for 30 days.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the filter names a subscription that is not visible to the actor; [`Error::TooBroad`].
    pub async fn list_runs(&self, actor: &Actor, filter: RunFilter, page: Page) -> Result<Vec<RunState>, Error> {
        if let Some(id) = filter.subscription {
            self.visible_subscription(actor, id)?;
        }
        let now = self.clock.now();
        let active = self.active_runs(actor, filter.subscription);
        let ids: HashSet<RunId> = active.iter().map(|run| run.id).collect();
        let mut recorded = self.recorded_runs(active.iter().map(|run| run.id).collect()).await?;
        if filter.running == Some(true) {
            let of_page = active.iter().skip(usize::try_from(page.offset).unwrap_or(usize::MAX));
            let rows =
                of_page.take(page.limit as usize).map(|run| recorded.remove(&run.id).unwrap_or_else(|| fresh(run)));
            return Ok(rows.map(|row| RunState::new(row, true, now)).collect());
        }
        // Runs of which nothing is recorded yet started last.
        let unrecorded = match filter.running {
            Some(false) => vec![],
            _ => active.iter().filter(|run| !recorded.contains_key(&run.id)).map(|run| fresh(run)).collect(),
        };
        let skip = unrecorded.len().min(usize::try_from(page.offset).unwrap_or(usize::MAX));
        let mut rows: Vec<RunRow> = unrecorded.into_iter().skip(skip).take(page.limit as usize).collect();
        let room = page.limit - rows.len() as u32;
        if room > 0 {
            let query = RunQuery { subscription: filter.subscription, ..RunQuery::default() };
            let fetch = |page| self.journal.runs(query.clone(), page);
            let keep = |row: RunRow| {
                let is_active = ids.contains(&row.progress.id);
                let passes = filter.running.is_none_or(|running| running == is_active);
                ready(Ok((passes && self.may_see_deliveries_of(actor, row.progress.subscription)).then_some(row)))
            };
            let rest = Page { offset: page.offset - skip as u64, limit: room };
            rows.extend(scan::page(rest, fetch, keep).await?);
        }
        let state = |row: RunRow| {
            let running = ids.contains(&row.progress.id);
            RunState::new(row, running, now)
        };
        Ok(rows.into_iter().map(state).collect())
    }

    /// The active ones of them, newest first.
    fn active_runs(&self, actor: &Actor, subscription: Option<SubscriptionId>) -> Vec<Arc<Run>> {
        let is_asked_for = |run: &&Arc<Run>| subscription.is_none_or(|id| id == run.subscription);
        let mut active: Vec<Arc<Run>> = self.registry.read().runs().filter(is_asked_for).cloned().collect();
        active.retain(|run| self.may_see_deliveries_of(actor, run.subscription));
        active.sort_by_key(|run| Reverse((run.created, run.id.0)));
        active
    }
}
