//! The evidence of one notification to one addressee: what, to which digest, when, and how it ended (CH-137). It has no
//! address and nothing of the event but its identity.

use super::{AddresseeId, Digest};
use crate::{KanaalName, Timestamp};

/// The identity of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventReference {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// `source` of the event.
    pub source: String,
    /// `id` of the event.
    pub id: String,
}

/// The evidence about one notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The event.
    pub event: EventReference,
    /// The digest of the address.
    pub digest: Digest,
    /// The addressee; `None` for an address that came with the event.
    pub addressee: Option<AddresseeId>,
    /// When the event was accepted.
    pub accepted: Timestamp,
    /// The number of attempts, and when the last one was made.
    pub tried: Option<(u32, Timestamp)>,
    /// How it ended, and when; `None` while it goes on.
    pub outcome: Option<(Outcome, Timestamp)>,
    /// When it was read; only an inbox knows.
    pub read: Option<Timestamp>,
}

/// How a notification ended, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The provider took it; whether it arrived is not known (yet).
    Sent,
    /// It arrived, as the provider reported.
    Delivered,
    /// The address does not exist or refuses for good.
    PermanentFailure,
    /// It could not be delivered in time.
    TemporaryFailure,
    /// The provider failed.
    TechnicalFailure,
    /// Whether it was sent is not known; it is not sent again.
    InDoubt,
    /// Its time was over before it could be sent (CH-100).
    Expired,
    /// The addressee had ended before its turn (CH-64).
    Ended,
}

impl Outcome {
    /// All, in the order above.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::Delivered,
        Self::PermanentFailure,
        Self::TemporaryFailure,
        Self::TechnicalFailure,
        Self::InDoubt,
        Self::Expired,
        Self::Ended,
    ];

    /// The word for it in APIs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::PermanentFailure => "permanent-failure",
            Self::TemporaryFailure => "temporary-failure",
            Self::TechnicalFailure => "technical-failure",
            Self::InDoubt => "in-doubt",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// Whether a later report may replace it: a receipt may follow what is sent or in doubt.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::InDoubt)
    }
}

impl Evidence {
    /// This evidence with what a later report adds. What is known stays: the first end that is not open, the newest attempt, and
    /// the first moment of reading. So a report that comes twice or late changes nothing.
    #[must_use]
    pub fn merge(mut self, later: &Self) -> Self {
        self.tried = match (self.tried, later.tried) {
            (Some(known), Some(new)) if known.0 >= new.0 => Some(known),
            (known, new) => new.or(known),
        };
        self.outcome = match (self.outcome, later.outcome) {
            (Some(known), Some(new)) if !known.0.is_open() || new.0.is_open() => Some(known),
            (known, new) => new.or(known),
        };
        self.read = self.read.or(later.read);
        self
    }
}
