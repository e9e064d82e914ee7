//! Due messages: those to one person that are not notifications, such as a confirmation. They wait in the outbox until they were
//! sent or given up. How long one is tried, and what it contains, is decided elsewhere.

use model::{
    Timestamp,
    addressee::{AddresseeId, Message},
    sealed::Sealed,
};
use uuid::Uuid;

/// The most messages that [`super::super::Audience::outbox`] returns at once.
pub const MAX_OUTBOX: u32 = 1_000;

/// The id of a due message; random. Each attempt has the same one, so that a mail that is sent twice has one `Message-ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutgoingId(pub Uuid);

/// A message that became due with the change of an addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: OutgoingId,
    /// Which message it is. To which address it goes is read from the addressee when it is sent, except for a notice about another
    /// address.
    pub message: Message,
    /// What is in the message and nowhere else, such as code and token, sealed; of a notice about another address the address that
    /// it goes to.
    pub secret: Option<Sealed>,
    /// When it became due.
    pub created: Timestamp,
}

/// A due message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutgoing {
    /// The addressee.
    pub addressee: AddresseeId,
    /// The message.
    pub outgoing: Outgoing,
    /// Failed attempts so far.
    pub attempts: u32,
    /// When it is tried next.
    pub due: Timestamp,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It was sent, or nobody needs it any more: it goes.
    Done,
    /// It is tried again.
    Retry {
        /// When.
        at: Timestamp,
        /// Failed attempts so far.
        attempts: u32,
    },
    /// It is not tried again. It is counted until its addressee is purged or another message replaces it; its secret goes at once.
    GivenUp {
        /// When that was decided.
        at: Timestamp,
    },
}

/// The numbers of due messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// Those that wait, also for a later attempt.
    pub waiting: u64,
    /// When the oldest of those became due.
    pub oldest: Option<Timestamp>,
    /// Those that were given up and are still there.
    pub given_up: u64,
}
