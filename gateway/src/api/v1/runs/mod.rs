//! `/v1/runs`: replays and redrives, while they run and for a while after.
//!
//! Control forgets a run when it is over; a node remembers the last ones that were started, on whichever node, until it
//! restarts.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use model::{
    Subscription,
    registry::Change,
    run::{Run, RunId, RunSelection},
};
use serde::Serialize;
use storage::Control;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use crate::{api::v1::subscriptions::access, app::App, auth::Caller, problem::Problem};

pub mod read;
pub mod stop;

/// How many runs are remembered.
const REMEMBERED: usize = 1_000;

/// A replay or redrive.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Run)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// Identity.
    #[schema(format = "uuid")]
    pub id: String,
    /// For whom.
    #[schema(format = "uuid")]
    pub subscription: String,
    /// `replay` (a part of the past) or `records` (chosen events).
    #[schema(pattern = "^(replay|records)$")]
    pub kind: &'static str,
    /// When it was asked for.
    #[schema(format = "date-time")]
    pub created: String,
    /// Who asked.
    pub asked_by: String,
    /// Whether it is still going on.
    pub running: bool,
}

impl RunView {
    fn new(run: &Run, running: bool) -> Self {
        Self {
            id: run.id.to_string(),
            subscription: run.subscription.to_string(),
            kind: match run.what {
                RunSelection::Replay(_) => "replay",
                RunSelection::Records(_) => "records",
            },
            created: run.created.to_rfc3339(),
            asked_by: run.asked_by.clone(),
            running,
        }
    }
}

/// The last runs that were started.
#[derive(Debug, Default)]
pub struct Runs(Mutex<VecDeque<(RunId, Arc<Subscription>, RunView)>>);

impl Runs {
    /// Remembers a run that was started for a subscription.
    pub fn started(&self, run: &Run, subscription: &Arc<Subscription>) -> RunView {
        let view = RunView::new(run, true);
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !runs.iter().any(|(known, ..)| *known == run.id) {
            runs.push_front((run.id, Arc::clone(subscription), view.clone()));
            runs.truncate(REMEMBERED);
        }
        view
    }

    /// Remembers what other nodes start, for ever.
    pub async fn follow(self: Arc<Self>, control: Arc<dyn Control>) {
        let (registry, mut changes) = (control.registry(), control.changes());
        loop {
            match changes.recv().await {
                Ok(Change::Run(run)) => {
                    let subscription = registry.read().subscription(run.subscription).cloned();
                    if let Some(subscription) = subscription {
                        self.started(&run, &subscription);
                    }
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn over(&self, id: RunId) -> Option<(Arc<Subscription>, RunView)> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, subscription, view) = runs.iter().find(|(own, ..)| *own == id)?;
        Some((Arc::clone(subscription), RunView { running: false, ..view.clone() }))
    }
}

/// The caller's run with the id in the path.
fn find(app: &App, caller: &Caller, id: &str) -> Result<(RunId, RunView), Problem> {
    let none = || Problem::not_found("There is no such run.");
    let id = RunId(id.parse().map_err(|_| none())?);
    let running = {
        let registry = app.registry.read();
        registry
            .run(id)
            .and_then(|run| Some((Arc::clone(registry.subscription(run.subscription)?), RunView::new(run, true))))
    };
    let (subscription, view) = running.or_else(|| app.runs.over(id)).ok_or_else(none)?;
    if access::owns(caller, &subscription) { Ok((id, view)) } else { Err(none()) }
}
