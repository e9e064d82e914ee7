//! How deliveries end, and what each attempt was: the words of the journal.

use compact_str::CompactString;

use crate::{KanaalName, Partition, Position, SubscriptionId, Timestamp, run::RunId};

/// One event for one subscription (and one run, when replayed).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    /// Who gets it.
    pub subscription: SubscriptionId,
    /// On which kanaal the event is.
    pub kanaal: KanaalName,
    /// In which partition.
    pub partition: Partition,
    /// Where in it.
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
    /// Retries ran out: a dead letter.
    DeadLettered,
    /// The event cannot be put in the format the subscription asked for: a dead letter.
    Untranslatable,
    /// The same event was delivered shortly before.
    Duplicate,
    /// Retention overtook it.
    Expired,
    /// The subscription ended first.
    Ended,
}

impl Outcome {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Refused,
        Self::DeadLettered,
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
            Self::DeadLettered => "dead-lettered",
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
        matches!(self, Self::Refused | Self::DeadLettered | Self::Untranslatable)
    }
}

/// One HTTP request of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it started.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// The start of the response body as text, bounded; empty when there was none.
    pub excerpt: CompactString,
}

impl Attempt {
    /// The status of the answer, if there was one.
    pub const fn status(&self) -> Option<u16> {
        match self.result {
            AttemptResult::Status(status) => Some(status),
            AttemptResult::Failure(_) => None,
        }
    }
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// An HTTP answer with this status.
    Status(u16),
    /// No answer; the text says why (never a token, never a query string).
    Failure(String),
}
