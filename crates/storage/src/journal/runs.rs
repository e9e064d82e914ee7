//! Runs in the journal: their progress as recorded, and as shown with the outcomes of their deliveries.

use model::{
    SubscriptionId, Timestamp,
    run::{Run, RunId, RunKind},
};

/// How far a run is: the progress of its marks. How its deliveries ended follows from [`super::Entry::Settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunProgress {
    /// The run.
    pub id: RunId,
    /// The subscription that it delivers to.
    pub subscription: SubscriptionId,
    /// What kind of run it is.
    pub kind: RunKind,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// The records that it reads ([`model::run::RunSelection::records`]).
    pub total: u64,
    /// Those of them that need nothing more: not wanted, or settled.
    pub done: u64,
    /// When this was so.
    pub at: Timestamp,
    /// When it ended, finished or stopped; `None` while it goes on.
    pub ended: Option<Timestamp>,
}

impl RunProgress {
    /// A run of which nothing is done yet.
    pub fn started(run: &Run) -> Self {
        Self {
            id: run.id,
            subscription: run.subscription,
            kind: run.what.kind(),
            asked_by: run.asked_by.clone(),
            created: run.created,
            total: run.what.records(),
            done: 0,
            at: run.created,
            ended: None,
        }
    }
}

/// A run as stored in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The newest progress that was recorded.
    pub progress: RunProgress,
    /// Its deliveries that ended with success.
    pub delivered: u64,
    /// Its deliveries that ended as dead letters.
    pub failed: u64,
}

/// Selects runs; all given members must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// Ids; empty for any.
    pub ids: Vec<RunId>,
    /// The subscription.
    pub subscription: Option<SubscriptionId>,
}
