//! How addressees end, and their counts.

use crate::addressee::Outcome;

/// Why nothing is sent to an addressee of the kanaal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// Its filter does not match the event.
    Filter,
    /// Its filter could not be evaluated (CH-70).
    FilterError,
    /// The filter of the sender does not match its attributes (CH-71).
    SenderFilter,
    /// It is not confirmed, has ended or has expired.
    NotConfirmed,
    /// It subscribed after the event was accepted (CH-91).
    SubscribedLater,
    /// Its row is damaged.
    Damaged,
    /// It was admitted, and ended before its turn (CH-64).
    Ended,
    /// It was admitted, and the mailing was stopped before its turn (CH-94).
    Stopped,
    /// It gets the event with others in one mail, which is no part of the mailing (CH-101).
    Collected,
    /// The event is of a trial, and its address is not on the test list (CH-132).
    Trial,
}

/// The one way in which an addressee ended (CH-144).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The provider took the message.
    Sent,
    /// The address does not exist, or the provider refuses it for good.
    PermanentFailure,
    /// It did not succeed in time, or the mailing was stopped after an attempt.
    TemporaryFailure,
    /// The provider refuses the message for this addressee, and takes those for others.
    TechnicalFailure,
    /// Whether it was sent is not known.
    InDoubt,
    /// The event expired first (CH-100).
    Expired,
    /// Nothing was to be sent.
    Skipped(Skip),
}

impl End {
    /// All.
    pub const ALL: [Self; 16] = [
        Self::Sent,
        Self::PermanentFailure,
        Self::TemporaryFailure,
        Self::TechnicalFailure,
        Self::InDoubt,
        Self::Expired,
        Self::Skipped(Skip::Filter),
        Self::Skipped(Skip::FilterError),
        Self::Skipped(Skip::SenderFilter),
        Self::Skipped(Skip::NotConfirmed),
        Self::Skipped(Skip::SubscribedLater),
        Self::Skipped(Skip::Damaged),
        Self::Skipped(Skip::Ended),
        Self::Skipped(Skip::Stopped),
        Self::Skipped(Skip::Collected),
        Self::Skipped(Skip::Trial),
    ];

    /// The outcome in the evidence; `None` when the addressee was not admitted, or never had a turn.
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Sent => Some(Outcome::Sent),
            Self::PermanentFailure => Some(Outcome::PermanentFailure),
            Self::TemporaryFailure => Some(Outcome::TemporaryFailure),
            Self::TechnicalFailure => Some(Outcome::TechnicalFailure),
            Self::InDoubt => Some(Outcome::InDoubt),
            Self::Expired => Some(Outcome::Expired),
            Self::Skipped(Skip::Ended) => Some(Outcome::Ended),
            Self::Skipped(_) => None,
        }
    }

    /// A short fixed word for metrics and stored counts.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::PermanentFailure => "permanent_failure",
            Self::TemporaryFailure => "temporary_failure",
            Self::TechnicalFailure => "technical_failure",
            Self::InDoubt => "in_doubt",
            Self::Expired => "expired",
            Self::Skipped(Skip::Filter) => "skipped_filter",
            Self::Skipped(Skip::FilterError) => "skipped_filter_error",
            Self::Skipped(Skip::SenderFilter) => "skipped_sender_filter",
            Self::Skipped(Skip::NotConfirmed) => "skipped_not_confirmed",
            Self::Skipped(Skip::SubscribedLater) => "skipped_subscribed_later",
            Self::Skipped(Skip::Damaged) => "skipped_damaged",
            Self::Skipped(Skip::Ended) => "skipped_ended",
            Self::Skipped(Skip::Stopped) => "skipped_stopped",
            Self::Skipped(Skip::Collected) => "skipped_collected",
            Self::Skipped(Skip::Trial) => "skipped_trial",
        }
    }

    /// The end with this label.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.label() == label)
    }

    const fn index(self) -> usize {
        match self {
            Self::Sent => 0,
            Self::PermanentFailure => 1,
            Self::TemporaryFailure => 2,
            Self::TechnicalFailure => 3,
            Self::InDoubt => 4,
            Self::Expired => 5,
            Self::Skipped(skip) => 6 + skip as usize,
        }
    }
}

/// The counts of a mailing (CH-86).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// The addressees that the walk has met.
    pub candidates: u64,
    /// Those of them that have not ended.
    pub open: u64,
    ends: [u64; End::ALL.len()],
}

impl Counts {
    /// How many ended in this way.
    pub fn of(&self, end: End) -> u64 {
        self.ends[end.index()]
    }

    /// To how many it was sent.
    pub fn sent(&self) -> u64 {
        self.of(End::Sent)
    }

    /// How many failed: every end but sent and skipped.
    pub fn failed(&self) -> u64 {
        self.ends[1..6].iter().sum()
    }

    /// How many were skipped.
    pub fn skipped(&self) -> u64 {
        self.ends[6..].iter().sum()
    }

    /// Whether candidates = sent + failed + skipped + open.
    pub fn add_up(&self) -> bool {
        self.candidates == self.sent() + self.failed() + self.skipped() + self.open
    }

    /// Counts addressees that ended in this way.
    pub fn count(&mut self, end: End, addressees: u64) {
        self.ends[end.index()] += addressees;
    }
}
