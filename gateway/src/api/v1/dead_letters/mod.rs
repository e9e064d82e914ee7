//! `/v1/dead-letters`: deliveries that ended without success, and the way to try them again.

use model::outcome::DeliveryKey;
use record::RecordView;
use serde::Serialize;
use serde_json::value::RawValue;
use storage::journal::{DeadLetter, DeadLetterQuery};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{api::v1::subscriptions::access, app::App, auth::Caller, problem::Problem};

pub mod delete;
mod filter;
pub mod list;
pub mod read;
mod record;
pub mod redrive;
pub mod redrive_one;
mod start;

/// A delivery that ended without success.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterView {
    /// Identity.
    #[schema(format = "uuid")]
    pub id: String,
    /// For whom; null when the record of the event can be read by nobody.
    #[schema(format = "uuid")]
    pub subscription: Option<String>,
    /// Which event.
    pub event: DeadEvent,
    /// The replay or redrive it belongs to; null for the live stream.
    pub run: Option<String>,
    /// `refused`, `dead-lettered`, `untranslatable`, or `unreadable` for a record on Kafka that nobody can read.
    #[schema(pattern = "^(refused|dead-lettered|untranslatable|unreadable)$")]
    pub outcome: &'static str,
    /// Why.
    pub reason: String,
    /// The last status; null when there was no answer.
    pub last_status: Option<u16>,
    /// Number of requests made.
    pub attempts: u32,
    /// When it ended.
    #[schema(format = "date-time")]
    pub at: String,
    /// The event as a structured CloudEvent, where a single dead letter is shown and the event can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub cloudevent: Option<Box<RawValue>>,
    /// The start of the record, where a single dead letter of outcome `unreadable` is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordView>,
}

/// The event of a dead letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadEvent {
    /// `id`.
    pub id: String,
    /// `source`.
    pub source: String,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kanaal.
    pub kanaal: String,
    /// The partition.
    pub partition: u32,
    /// The place in it.
    pub position: u64,
}

impl DeadLetterView {
    /// Shows a dead letter.
    pub fn new(letter: &DeadLetter) -> Self {
        let DeliveryKey { subscription, kanaal, partition, position, run } = &letter.delivery;
        Self {
            id: letter.id.to_string(),
            subscription: (!letter.is_unreadable()).then(|| subscription.to_string()),
            event: DeadEvent {
                id: letter.event_id.clone(),
                source: letter.event_source.clone(),
                kind: letter.event_kind.clone(),
                kanaal: kanaal.to_string(),
                partition: partition.0,
                position: position.0,
            },
            run: run.map(|run| run.to_string()),
            outcome: if letter.is_unreadable() { "unreadable" } else { letter.outcome.label() },
            reason: letter.reason.clone(),
            last_status: letter.last_status,
            attempts: letter.attempts,
            at: letter.at.to_rfc3339(),
            cloudevent: None,
            record: None,
        }
    }
}

/// Whether a dead letter is the caller's. Those of deleted subscriptions, and of records that
/// nobody can read, are only the administrator's.
fn owns(app: &App, caller: &Caller, letter: &DeadLetter) -> bool {
    let registry = app.registry.read();
    let subscription = registry.subscription(letter.delivery.subscription);
    caller.is_beheer() || subscription.is_some_and(|subscription| access::owns(caller, subscription))
}

/// The caller's dead letter with the id in the path.
async fn find(app: &App, caller: &Caller, id: &str) -> Result<DeadLetter, Problem> {
    let none = || Problem::not_found("There is no such dead letter.");
    let id: Uuid = id.parse().map_err(|_| none())?;
    let query = DeadLetterQuery { ids: vec![id], ..DeadLetterQuery::default() };
    let found = app.journal.dead_letters(query, storage::journal::Page { offset: 0, limit: 1 }).await?;
    found.into_iter().find(|letter| owns(app, caller, letter)).ok_or_else(none)
}
