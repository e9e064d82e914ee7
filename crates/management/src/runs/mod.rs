//! Runs: replays, redrives and redeliveries, with their progress.
//!
//! The registry has the runs that are active, the journal has the progress of those and of the ones that ended. Not here:
//! what a run delivers and when it ends (crate `delivery`).

mod count;
mod expected_end;
mod find;
mod list;
mod records;
mod start;
mod stop;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{
    registry::Change,
    run::{Run, RunId},
};
use storage::Control;
use tokio::sync::{Semaphore, broadcast::error::RecvError};

use self::expected_end::{expected_end, tenths_per_second};
pub use self::{count::DeliveryCount, find::RunState, list::RunFilter};
pub(crate) use self::{
    count::seconds,
    records::{MAX_RECORDS, Records},
};

/// How long the progress of a run is kept after it was recorded last.
pub const RETENTION: Duration = Duration::from_hours(24 * 30);

/// The number of runs kept in memory.
const REMEMBERED: usize = 1_000;

/// The number of counts at a time.
const COUNTS: usize = 2;

/// The last runs that were started, until the journal has their progress; and the turns of counts.
#[derive(Debug)]
pub struct Runs {
    last: Mutex<VecDeque<Arc<Run>>>,
    counting: Semaphore,
}

impl Default for Runs {
    fn default() -> Self {
        Self { last: Mutex::default(), counting: Semaphore::new(COUNTS) }
    }
}

impl Runs {
    /// Remembers a run that was started.
    pub fn remember(&self, run: &Arc<Run>) {
        let mut runs = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !runs.iter().any(|known| known.id == run.id) {
            runs.push_front(Arc::clone(run));
            runs.truncate(REMEMBERED);
        }
    }

    /// Remembers what other nodes start, until control closes.
    pub async fn follow(self: Arc<Self>, control: Arc<dyn Control>) {
        let mut changes = control.changes();
        loop {
            match changes.recv().await {
                Ok(Change::Run(run)) => self.remember(&run),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// A run in memory.
    pub fn find(&self, id: RunId) -> Option<Arc<Run>> {
        let runs = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter().find(|run| run.id == id).cloned()
    }

    /// The runs in memory.
    fn all(&self) -> Vec<Arc<Run>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets the runs for which this holds: the journal has their progress.
    fn forget(&self, is_recorded: impl Fn(RunId) -> bool) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).retain(|run| !is_recorded(run.id));
    }
}
