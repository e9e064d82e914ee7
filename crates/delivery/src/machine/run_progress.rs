//! The progress of runs in the journal: how many records are done, at most once a second, and when a run ended. How many of
//! its deliveries succeeded and failed is counted by the journal itself.

use std::time::Duration;

use model::{Timestamp, clock::Instant};
use storage::journal::{Entry, RunProgress};

use super::{Machine, RunState, timers::Timer};
use crate::arena::Id;

/// The time between two entries about one run.
const INTERVAL: Duration = Duration::from_secs(1);

/// What was recorded of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    at: Instant,
    /// Whether a timer is set for the next entry.
    due: bool,
}

impl Machine {
    /// Records the progress of a run, and its end if it has ended.
    pub(super) fn record_run(&mut self, id: Id<RunState>, ended: Option<Timestamp>) {
        let (now, wall) = (self.now, self.wall);
        let Some(run) = self.runs.get_mut(id) else { return };
        run.recorded = Recorded { at: now, due: false };
        let progress = RunProgress { done: run.done(), at: wall, ended, ..RunProgress::started(&run.spec) };
        self.effects.journal.push(Entry::Run(Box::new(progress)));
    }

    /// A run moved or a delivery of it was settled: that is recorded within [`INTERVAL`].
    pub(super) fn run_progressed(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get_mut(id).filter(|run| !run.recorded.due) else { return };
        run.recorded.due = true;
        self.timers.set((run.recorded.at + INTERVAL).max(self.now), Timer::RunProgress(id));
    }

    pub(super) fn run_progress_due(&mut self, id: Id<RunState>) {
        if self.runs.get(id).is_some_and(|run| run.recorded.due) {
            self.record_run(id, None);
        }
    }
}
