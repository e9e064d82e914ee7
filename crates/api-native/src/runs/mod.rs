//! `/v1/runs`: replays, redrives and redeliveries with their progress, while they are active and for 30 days after.

use management::RunState;
use model::{
    Timestamp,
    run::{Run, RunId, RunKind},
};
use serde::Serialize;
use utoipa::ToSchema;

use web::{csv, problem::Problem};

pub mod list;
pub mod read;
pub mod stop;

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
    /// How many events it reads. A replay also reads those that the subscription does not want.
    pub total: u64,
    /// How many of these need nothing more: not wanted, delivered, or ended otherwise.
    pub done: u64,
    /// How many deliveries ended with success.
    pub delivered: u64,
    /// How many deliveries ended as dead letters.
    pub failed: u64,
    /// How many events it did in a second since its start; null when nothing is done, or when its end is not known.
    pub events_per_second: Option<f64>,
    /// When it ends if it goes on as fast; null when that is not known, or when it has ended.
    #[schema(format = "date-time")]
    pub expected_end: Option<String>,
    /// When it ended, finished or stopped; null while it goes on, or when that is not known.
    #[schema(format = "date-time")]
    pub ended: Option<String>,
}

impl RunView {
    /// The view of a run that was just started.
    pub fn started(run: &Run) -> Self {
        RunState::started(run).into()
    }
}

impl RunView {
    /// The columns of [`Self::cells`].
    pub const COLUMNS: [&str; 13] = [
        "id",
        "subscription",
        "kind",
        "created",
        "askedBy",
        "running",
        "total",
        "done",
        "delivered",
        "failed",
        "eventsPerSecond",
        "expectedEnd",
        "ended",
    ];

    /// A row of a list in CSV.
    pub fn cells(self) -> csv::Row {
        vec![
            self.id,
            self.subscription,
            self.kind.to_owned(),
            self.created,
            self.asked_by,
            self.running.to_string(),
            self.total.to_string(),
            self.done.to_string(),
            self.delivered.to_string(),
            self.failed.to_string(),
            self.events_per_second.map(|speed| speed.to_string()).unwrap_or_default(),
            self.expected_end.unwrap_or_default(),
            self.ended.unwrap_or_default(),
        ]
    }
}

impl From<RunState> for RunView {
    fn from(state: RunState) -> Self {
        let (row, progress) = (&state.row, &state.row.progress);
        Self {
            id: progress.id.to_string(),
            subscription: progress.subscription.to_string(),
            kind: match progress.kind {
                RunKind::Replay => "replay",
                RunKind::Records => "records",
            },
            created: progress.created.to_rfc3339(),
            asked_by: progress.asked_by.clone(),
            running: state.running,
            total: progress.total,
            done: progress.done,
            delivered: row.delivered,
            failed: row.failed,
            events_per_second: state.tenths_per_second.map(|tenths| f64::from(tenths) / 10.0),
            expected_end: state.expected_end.map(Timestamp::to_rfc3339),
            ended: progress.ended.filter(|_| !state.running).map(Timestamp::to_rfc3339),
        }
    }
}

/// The id of a run in a path.
fn id(text: &str) -> Result<RunId, Problem> {
    text.parse().map(RunId).map_err(|_| Problem::not_found("There is no such run."))
}
