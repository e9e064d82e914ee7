//! Lists the runs that an actor may see, newest first.

use std::{cmp::Reverse, collections::HashSet, future::ready, sync::Arc};

use model::{
    Actor, SubscriptionId, Timestamp,
    run::{Run, RunId},
};
use storage::journal::{Page, RunQuery, RunRow};
use uuid::Uuid;

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
        // Memory is read first: what it has and the registry does not have then has ended.
        let in_memory = self.runs.all();
        let active = self.active_runs(actor, filter.subscription);
        let ids: HashSet<RunId> = active.iter().map(|run| run.id).collect();
        let ended = in_memory.into_iter().filter(|run| !ids.contains(&run.id));
        let ended = self.that_may_be_seen(actor, filter.subscription, ended);
        let mut recorded = self.recorded_runs(active.iter().chain(&ended).map(|run| run.id).collect()).await?;
        if filter.running == Some(true) {
            let of_page = active.iter().skip(usize::try_from(page.offset).unwrap_or(usize::MAX));
            let rows =
                of_page.take(page.limit as usize).map(|run| recorded.remove(&run.id).unwrap_or_else(|| fresh(run)));
            return Ok(rows.map(|row| RunState::new(row, true, now)).collect());
        }
        // Runs of which nothing is recorded yet started last.
        let active = if filter.running.is_none() { active } else { vec![] };
        let mut unrecorded: Vec<Arc<Run>> = active.into_iter().chain(ended).collect();
        unrecorded.retain(|run| !recorded.contains_key(&run.id));
        unrecorded.sort_by_key(newest_first);
        let listed: HashSet<RunId> = unrecorded.iter().map(|run| run.id).collect();
        let skip = unrecorded.len().min(usize::try_from(page.offset).unwrap_or(usize::MAX));
        let mut rows: Vec<RunRow> =
            unrecorded.iter().skip(skip).take(page.limit as usize).map(|run| fresh(run)).collect();
        let room = page.limit - rows.len() as u32;
        if room > 0 {
            let query = RunQuery { subscription: filter.subscription, ..RunQuery::default() };
            let fetch = |page| self.journal.runs(query.clone(), page);
            let keep = |row: RunRow| {
                let id = row.progress.id;
                let passes = filter.running.is_none_or(|running| running == ids.contains(&id));
                // What was recorded since the other read is in the list already.
                let is_other = passes && !listed.contains(&id);
                ready(Ok((is_other && self.may_see_deliveries_of(actor, row.progress.subscription)).then_some(row)))
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
        let active: Vec<Arc<Run>> = self.registry.read().runs().cloned().collect();
        let mut active = self.that_may_be_seen(actor, subscription, active);
        active.sort_by_key(newest_first);
        active
    }

    fn that_may_be_seen(
        &self,
        actor: &Actor,
        subscription: Option<SubscriptionId>,
        runs: impl IntoIterator<Item = Arc<Run>>,
    ) -> Vec<Arc<Run>> {
        let is_asked_for = |run: &Run| subscription.is_none_or(|id| id == run.subscription);
        let may_be_seen = |run: &Arc<Run>| is_asked_for(run) && self.may_see_deliveries_of(actor, run.subscription);
        runs.into_iter().filter(may_be_seen).collect()
    }
}

fn newest_first(run: &Arc<Run>) -> Reverse<(Timestamp, Uuid)> {
    Reverse((run.created, run.id.0))
}
