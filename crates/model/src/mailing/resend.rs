//! Sending the event of a mailing again to those of its addressees that failed (CH-94).

use std::collections::BTreeSet;

use super::MailingId;
use crate::addressee::Outcome;

/// A way to fail after which an event may be sent again. Nobody to whom it was sent is in any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The address does not exist or refuses for good, as the provider answered or as a mail that came back says.
    Permanent,
    /// It could not be delivered in time.
    Temporary,
    /// The provider refused the message.
    Technical,
    /// Whether it was sent is not known: sent again, it may arrive twice.
    InDoubt,
}

impl Failure {
    /// All.
    pub const ALL: [Self; 4] = [Self::Permanent, Self::Temporary, Self::Technical, Self::InDoubt];

    /// The outcome in the evidence.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Permanent => Outcome::PermanentFailure,
            Self::Temporary => Outcome::TemporaryFailure,
            Self::Technical => Outcome::TechnicalFailure,
            Self::InDoubt => Outcome::InDoubt,
        }
    }

    /// The word for it in APIs.
    pub const fn label(self) -> &'static str {
        self.outcome().label()
    }

    /// The failure that evidence with this outcome is about, if it is about one.
    pub fn of(outcome: Outcome) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.outcome() == outcome)
    }
}

/// What is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resend {
    /// The first mailing of the event by this channel.
    pub of: MailingId,
    /// To those who failed so when they were last sent to; not empty.
    pub failures: BTreeSet<Failure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_94_what_was_sent_is_no_failure() {
        let found: Vec<Outcome> = Outcome::ALL.into_iter().filter(|one| Failure::of(*one).is_some()).collect();
        assert_eq!(
            found,
            [Outcome::PermanentFailure, Outcome::TemporaryFailure, Outcome::TechnicalFailure, Outcome::InDoubt]
        );
    }
}
