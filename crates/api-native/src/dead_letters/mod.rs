//! `/v1/dead-letters`: deliveries that ended without success, and the way to try them again.

use axum::response::Response;
use management::journal::{DeadLetter, DeadLetterQuery, Page};
use model::{Actor, outcome::DeliveryKey};
use record::RecordView;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use web::{csv, problem::Problem};

use crate::Api;

pub mod delete;
mod filter;
pub mod list;
pub mod read;
mod record;
pub mod redrive;
pub mod redrive_one;

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
            last_status: letter.last_code,
            attempts: letter.attempts,
            at: letter.at.to_rfc3339(),
            cloudevent: None,
            record: None,
        }
    }
}

impl DeadLetterView {
    /// The columns of [`Self::cells`].
    pub const COLUMNS: [&str; 14] = [
        "id",
        "subscription",
        "eventId",
        "eventSource",
        "eventType",
        "kanaal",
        "partition",
        "position",
        "run",
        "outcome",
        "reason",
        "lastStatus",
        "attempts",
        "at",
    ];

    /// A row of a list in CSV.
    pub fn cells(self) -> csv::Row {
        vec![
            self.id,
            self.subscription.unwrap_or_default(),
            self.event.id,
            self.event.source,
            self.event.kind,
            self.event.kanaal,
            self.event.partition.to_string(),
            self.event.position.to_string(),
            self.run.unwrap_or_default(),
            self.outcome.to_owned(),
            self.reason,
            self.last_status.map(|status| status.to_string()).unwrap_or_default(),
            self.attempts.to_string(),
            self.at,
        ]
    }
}

/// The rows of a list in CSV. Dead letters that come meanwhile do not move the others to another page.
pub async fn in_csv(api: Api, actor: Actor, wanted: DeadLetterQuery) -> Result<Response, Problem> {
    let until = Some(wanted.until.unwrap_or_else(|| api.management.clock.now()));
    let wanted = DeadLetterQuery { until, ..wanted };
    csv::answer("dead-letters", &DeadLetterView::COLUMNS, move |offset, limit| {
        let (management, actor, wanted) = (api.management.clone(), actor.clone(), wanted.clone());
        async move {
            let (letters, _) = management.list_dead_letters(&actor, wanted, Page { offset, limit }).await?;
            Ok(letters.iter().map(|letter| DeadLetterView::new(letter).cells()).collect())
        }
    })
    .await
}

/// The id of a dead letter in a path.
fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found("There is no such dead letter."))
}
