//! A delivery as the native API shows it: one event for one subscription, with its outcome and every attempt.

use management::{
    journal::DeliveryRow,
    waiting::{Continuation, WaitingFor},
};
use model::{
    Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use serde::Serialize;
use utoipa::ToSchema;
use web::csv;

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
    /// What it waits for: `answer`, `retry`, `pace`, `order`, `turn`, `outage`, `consent`, `approval`, `paused` or
    /// `suspended`; absent when it has ended, and when another node delivers to the sink.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(answer|retry|pace|order|turn|outage|consent|approval|paused|suspended)$", nullable = false)]
    pub waiting_for: Option<&'static str>,
    /// The earliest moment of the next attempt; absent when no clock decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time", nullable = false)]
    pub next_attempt: Option<String>,
    /// `true` when another node delivers to the sink and knows what it waits for; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub other_node: Option<bool>,
}

/// What a delivery that goes on waits for, as members of a view.
#[derive(Debug, Default)]
pub struct NextView {
    /// The reason.
    pub waiting_for: Option<&'static str>,
    /// The earliest moment.
    pub next_attempt: Option<String>,
    /// Whether another node knows.
    pub other_node: Option<bool>,
}

impl NextView {
    /// Shows what becomes of a delivery.
    pub fn new(continuation: Continuation) -> Self {
        match continuation {
            Continuation::None => Self::default(),
            Continuation::OtherNode => Self { other_node: Some(true), ..Self::default() },
            Continuation::Attempt(next) => Self {
                waiting_for: Some(word(next.waiting_for)),
                next_attempt: next.at.map(Timestamp::to_rfc3339),
                other_node: None,
            },
        }
    }
}

const fn word(waiting_for: WaitingFor) -> &'static str {
    match waiting_for {
        WaitingFor::Answer => "answer",
        WaitingFor::Retry => "retry",
        WaitingFor::Pace => "pace",
        WaitingFor::Order => "order",
        WaitingFor::Turn => "turn",
        WaitingFor::Outage => "outage",
        WaitingFor::Consent => "consent",
        WaitingFor::Approval => "approval",
        WaitingFor::Paused => "paused",
        WaitingFor::Suspended => "suspended",
    }
}

/// State of the delivery of an event.
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
    /// The transaction id that FSC logs it under (`Fsc-Transaction-Id`); absent without FSC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub fsc_transaction_id: Option<String>,
    /// The seconds that the answer (429 or 503) asked to wait with `Retry-After`; absent where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_seconds: Option<u32>,
}

impl DeliveryView {
    /// Shows a delivery.
    pub fn new((row, continuation): &(DeliveryRow, Continuation)) -> Self {
        let next = NextView::new(*continuation);
        Self {
            subscription: row.delivery.subscription.to_string(),
            event: EventPlace::new(row.event_id.clone(), &row.delivery),
            run: row.delivery.run.map(|run| run.to_string()),
            outcome: row.outcome.map(Outcome::label),
            attempts_made: row.attempts_made,
            at: row.at.to_rfc3339(),
            attempts: row.attempts.iter().map(|(number, attempt)| AttemptView::new(*number, attempt)).collect(),
            waiting_for: next.waiting_for,
            next_attempt: next.next_attempt,
            other_node: next.other_node,
        }
    }
}

impl DeliveryView {
    /// The columns of [`Self::cells`]; status and failure are those of the last request.
    pub const COLUMNS: [&str; 13] = [
        "subscription",
        "eventId",
        "kanaal",
        "partition",
        "position",
        "run",
        "outcome",
        "attemptsMade",
        "at",
        "lastStatus",
        "lastFailure",
        "waitingFor",
        "nextAttempt",
    ];

    /// A row of a list in CSV.
    pub fn cells(self) -> csv::Row {
        let last = self.attempts.last();
        let status = last.and_then(|last| last.status).map(|status| status.to_string());
        let failure = last.and_then(|last| last.failure.clone());
        vec![
            self.subscription,
            self.event.id.unwrap_or_default(),
            self.event.kanaal,
            self.event.partition.to_string(),
            self.event.position.to_string(),
            self.run.unwrap_or_default(),
            self.outcome.unwrap_or_default().to_owned(),
            self.attempts_made.to_string(),
            self.at,
            status.unwrap_or_default(),
            failure.unwrap_or_default(),
            self.waiting_for.unwrap_or_default().to_owned(),
            self.next_attempt.unwrap_or_default(),
        ]
    }
}

impl EventPlace {
    /// The place of the event of a delivery; `id` if it is known.
    pub fn new(id: Option<String>, delivery: &DeliveryKey) -> Self {
        Self { id, kanaal: delivery.kanaal.to_string(), partition: delivery.partition.0, position: delivery.position.0 }
    }
}

impl AttemptView {
    fn new(number: u32, attempt: &Attempt) -> Self {
        let (status, failure) = match &attempt.result {
            AttemptResult::Code(status) => (Some(*status), None),
            AttemptResult::Failure(text) => (None, Some(text.clone())),
        };
        Self {
            number,
            at: attempt.at.to_rfc3339(),
            duration_ms: attempt.duration_micros as f64 / 1_000.0,
            status,
            failure,
            excerpt: attempt.excerpt.to_string(),
            fsc_transaction_id: attempt.fsc_transaction.map(|id| id.to_string()),
            retry_after_seconds: attempt.retry_after_seconds,
        }
    }
}
