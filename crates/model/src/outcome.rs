//! How deliveries end, and what each attempt was: the words of the journal.

use compact_str::CompactString;
use uuid::Uuid;

use crate::{
    Timestamp,
    id::{KanaalName, RunId, SubscriptionId},
    position::{Partition, Position},
};

/// One event for one subscription (and one run, when replayed).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    /// The subscription that it is for.
    pub subscription: SubscriptionId,
    /// On which kanaal the event is.
    pub kanaal: KanaalName,
    /// The partition of the event.
    pub partition: Partition,
    /// The position of the event in the partition.
    pub position: Position,
    /// The replay or redrive it belongs to; `None` for the live stream.
    pub run: Option<RunId>,
}

/// How a delivery ended; every delivery ends in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The sink answered 2xx.
    Delivered,
    /// The sink refused this event (400, 413, 415, 422): a dead letter.
    Refused,
    /// The retries ran out: a dead letter. Its label is `dead-lettered`.
    RetriesExhausted,
    /// The event cannot be put in the format the subscription asked for: a dead letter.
    Untranslatable,
    /// The same event was delivered shortly before.
    Duplicate,
    /// Retention removed the event from the log before it was delivered.
    Expired,
    /// The subscription ended first.
    Ended,
}

impl Outcome {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Refused,
        Self::RetriesExhausted,
        Self::Untranslatable,
        Self::Duplicate,
        Self::Expired,
        Self::Ended,
    ];

    /// The word in metrics, APIs and stored forms.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::RetriesExhausted => "dead-lettered",
            Self::Untranslatable => "untranslatable",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// The outcome with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.label() == label)
    }

    /// Whether it leaves a dead letter that can be redriven.
    pub const fn is_dead_letter(self) -> bool {
        matches!(self, Self::Refused | Self::RetriesExhausted | Self::Untranslatable)
    }
}

/// One request of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When the request started.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
    /// The answer, or why there was none.
    pub result: AttemptResult,
    /// The start of the answer as text, bounded; empty when there was none.
    pub excerpt: CompactString,
    /// The transaction id (UUID version 7) that FSC logs it under; `None` without FSC.
    pub fsc_transaction: Option<Uuid>,
    /// How long the answer asked with `Retry-After` to send nothing, in seconds, rounded up; `None` where it did not, and
    /// where the status gives that header no meaning for deliveries.
    pub retry_after_seconds: Option<u32>,
}

impl Attempt {
    /// The code of the receiver's answer, if there was one.
    pub const fn code(&self) -> Option<u16> {
        match self.result {
            AttemptResult::Code(code) => Some(code),
            AttemptResult::Failure(_) => None,
        }
    }
}

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// The receiver answered with this code: the HTTP status of a webhook, or what the protocol of another sink has.
    Code(u16),
    /// No answer; the text says why (never a token, never a query string).
    Failure(String),
}
