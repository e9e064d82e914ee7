//! A delivery as the native API shows it: one event for one subscription, with its outcome and every attempt.

use model::outcome::{Attempt, AttemptResult, DeliveryKey, Outcome};
use serde::Serialize;
use storage::journal::DeliveryRow;
use utoipa::ToSchema;

/// One event for one subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// For whom.
    #[schema(format = "uuid")]
    pub subscription: String,
    /// Which event.
    pub event: EventPlace,
    /// The replay or redrive it belongs to; null for the live stream.
    pub run: Option<String>,
    /// `delivered`, `refused`, `dead-lettered`, `untranslatable`, `duplicate`, `expired`, `ended`; null while it goes on.
    #[schema(pattern = "^(delivered|refused|dead-lettered|untranslatable|duplicate|expired|ended)$")]
    pub outcome: Option<&'static str>,
    /// Number of requests made.
    pub attempts_made: u32,
    /// When it ended, or the last request.
    #[schema(format = "date-time")]
    pub at: String,
    /// The requests that were kept, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// Where an event stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPlace {
    /// `id` of the event; null when the index has forgotten it.
    pub id: Option<String>,
    /// The kanaal.
    pub kanaal: String,
    /// The partition.
    pub partition: u32,
    /// The place in it.
    pub position: u64,
}

/// One request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// From 1.
    pub number: u32,
    /// When it started.
    #[schema(format = "date-time")]
    pub at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// The status of the answer; null when there was none.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// The start of the answer's body.
    pub excerpt: String,
}

impl DeliveryView {
    /// Shows a delivery.
    pub fn new(row: &DeliveryRow) -> Self {
        Self {
            subscription: row.delivery.subscription.to_string(),
            event: EventPlace::new(row.event_id.clone(), &row.delivery),
            run: row.delivery.run.map(|run| run.to_string()),
            outcome: row.outcome.map(Outcome::label),
            attempts_made: row.attempts_made,
            at: row.at.to_rfc3339(),
            attempts: row.attempts.iter().map(|(number, attempt)| AttemptView::new(*number, attempt)).collect(),
        }
    }
}

impl EventPlace {
    fn new(id: Option<String>, delivery: &DeliveryKey) -> Self {
        Self { id, kanaal: delivery.kanaal.to_string(), partition: delivery.partition.0, position: delivery.position.0 }
    }
}

impl AttemptView {
    fn new(number: u32, attempt: &Attempt) -> Self {
        let (status, failure) = match &attempt.result {
            AttemptResult::Status(status) => (Some(*status), None),
            AttemptResult::Failure(text) => (None, Some(text.clone())),
        };
        Self {
            number,
            at: attempt.at.to_rfc3339(),
            duration_ms: attempt.duration_micros as f64 / 1_000.0,
            status,
            failure,
            excerpt: attempt.excerpt.to_string(),
        }
    }
}
