//! Finds a run of the actor, with its progress.

use std::collections::HashMap;

use model::{
    Actor, Timestamp,
    run::{Run, RunId},
};
use storage::journal::{Page, RunProgress, RunQuery, RunRow};

use super::{expected_end, tenths_per_second};
use crate::{Error, Management, Resource};

/// The maximum number of rows of one read of the journal.
const MAX_ROWS: u32 = 1_000;

/// A run, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// Its progress as recorded last, at most a few seconds ago while it is active.
    pub row: RunRow,
    /// Whether it is active.
    pub running: bool,
    /// How many records it did in a second since its start, in tenths; `None` when nothing is done, or when its end is not known.
    pub tenths_per_second: Option<u32>,
    /// When it ends if it goes on as fast as until now; `None` when that is not known, or when it has ended.
    pub expected_end: Option<Timestamp>,
}

impl RunState {
    /// A run that was just started.
    pub fn started(run: &Run) -> Self {
        Self { row: fresh(run), running: true, tenths_per_second: None, expected_end: None }
    }

    pub(super) fn new(row: RunRow, running: bool, now: Timestamp) -> Self {
        let progress = &row.progress;
        let expected_end =
            if running { expected_end(progress.created, now, progress.done, progress.total) } else { None };
        let until = if running { Some(now) } else { progress.ended };
        let speed = until.and_then(|until| tenths_per_second(progress.created, until, progress.done));
        Self { row, running, tenths_per_second: speed, expected_end }
    }
}

/// The row of a run that has none yet.
pub(super) fn fresh(run: &Run) -> RunRow {
    RunRow { progress: RunProgress::started(run), delivered: 0, failed: 0 }
}

impl Management {
    /// The run with this id, if the actor may see it; one that ended is found for 30 days.
    pub async fn find_run(&self, actor: &Actor, id: RunId) -> Result<RunState, Error> {
        let active = self.registry.read().run(id).cloned();
        let row = self.recorded_runs(vec![id]).await?.remove(&id);
        // Between its end and its row in the journal, only memory has it.
        let known = active.clone().or_else(|| self.runs.find(id));
        let row = row.or_else(|| known.as_deref().map(fresh)).ok_or(Error::NotFound(Resource::Run))?;
        if !self.may_see_deliveries_of(actor, row.progress.subscription) {
            return Err(Error::NotFound(Resource::Run));
        }
        Ok(RunState::new(row, active.is_some(), self.clock.now()))
    }

    /// The rows of these runs, as far as there are any.
    pub(super) async fn recorded_runs(&self, ids: Vec<RunId>) -> Result<HashMap<RunId, RunRow>, Error> {
        let mut rows: HashMap<RunId, RunRow> = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(MAX_ROWS as usize) {
            let query = RunQuery { ids: ids.to_vec(), ..RunQuery::default() };
            let found = self.journal.runs(query, Page { offset: 0, limit: MAX_ROWS }).await?;
            rows.extend(found.into_iter().map(|row| (row.progress.id, row)));
        }
        self.runs.forget(|id| rows.contains_key(&id));
        Ok(rows)
    }

    /// The same, if the actor may stop it.
    pub(super) async fn find_own_run(&self, actor: &Actor, id: RunId) -> Result<RunState, Error> {
        let state = self.find_run(actor, id).await?;
        if self.may_manage_deliveries_of(actor, state.row.progress.subscription) {
            Ok(state)
        } else {
            Err(Error::NotFound(Resource::Run))
        }
    }
}
