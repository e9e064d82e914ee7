//! Port Inbox: which events are messages of the inbox, and the state that each person gave them. It has no payload, which stays in
//! the log, and no person, only keyed digests. What a person sees of the rows is decided by `model::inbox`.
//!
//! A message for everybody is one row, whatever the number of people; a person has rows only for messages that it changed (CH-13).

use std::time::Duration;

use async_trait::async_trait;
use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::{Digest, EventReference},
    inbox::{Change, Message, MessageId, NewMessage, Totals, UndoOver},
    mailing::FollowedTo,
};

use crate::Error;

/// The most messages that a page has.
pub const MAX_PAGE: u32 = 1_000;

/// What [`Inbox::release`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// The number of messages that appeared.
    pub count: u64,
    /// When the next one is due, if any waits.
    pub next: Option<Timestamp>,
}

/// Messages that are kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxPurge {
    /// Those that expired before this moment (CH-136).
    Expired {
        /// The moment.
        before: Timestamp,
    },
    /// Those whose event is no longer in the log.
    Trimmed {
        /// The kanaal of the events.
        kanaal: KanaalName,
        /// Their partition.
        partition: Partition,
        /// The oldest event that is still there.
        oldest: Mark,
    },
}

/// What came of cancelling a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Nobody will see it.
    Done,
    /// It was due before. Nothing was changed.
    Appeared,
    /// The event is no message.
    Unknown,
}

/// The port: messages and their states. One process writes it.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Up to where the events of each partition of a kanaal have become messages; without partitions that were never followed.
    ///
    /// # Errors
    /// As all operations: `Unavailable` or `Corrupt`.
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error>;

    /// Stores new messages and the mark behind their events, all in one durable write. Those that are due at `now` appear, in
    /// this order; the others wait for [`Inbox::release`]. An event of which there is a message becomes no other one. The mark
    /// never goes back. Returns how many appeared.
    async fn add(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        messages: Vec<NewMessage>,
        now: Timestamp,
    ) -> Result<u64, Error>;

    /// Lets waiting messages that are due at `now` appear, in the order in which they are due.
    async fn release(&self, now: Timestamp) -> Result<Released, Error>;

    /// Where the event of a message is, also of one that waits; `None` when the event is no message.
    async fn place(&self, event: &EventReference) -> Result<Option<(Partition, Position)>, Error>;

    /// Cancels a message that waits at `now` (CH-98): nobody ever sees it, and its event becomes no other. Repeated while it would
    /// wait, it changes nothing.
    async fn cancel(&self, event: &EventReference, now: Timestamp) -> Result<Cancelled, Error>;

    /// The number of the last message that appeared or state that changed; 0 before the first. Numbers never go back.
    async fn newest(&self) -> Result<u64, Error>;

    /// The messages for a person, those for everybody among them, newest first, in front of a number if one is given; in every
    /// state, expired ones included; at most `limit` (1 to [`MAX_PAGE`]). The cost does not depend on the number of messages for
    /// others.
    async fn page(&self, person: Digest, before: Option<u64>, limit: u32) -> Result<Vec<Message>, Error>;

    /// The messages for a person whose [`Message::last_number`] is higher than `after`, in the order of that number; at most
    /// `limit` (1 to [`MAX_PAGE`]). Who goes on behind the last one meets every message that appears and every message whose
    /// state this person changes, and none without a change twice.
    async fn changes(&self, person: Digest, after: u64, limit: u32) -> Result<Vec<Message>, Error>;

    /// A message for this person that has appeared; `None` also for one for somebody else.
    async fn message(&self, person: Digest, id: MessageId) -> Result<Option<Message>, Error>;

    /// Changes the state of a message for one person by [`State::after`](model::inbox::State::after), and returns the message; the
    /// state gets a new number unless it stays the same. `None` as for [`Inbox::message`]; also for one that the person cannot see at
    /// `now`, except that a deletion that cannot be undone any more is [`UndoOver`].
    async fn change(
        &self,
        person: Digest,
        id: MessageId,
        change: Change,
        now: Timestamp,
        undo: Duration,
    ) -> Result<Option<Result<Message, UndoOver>>, Error>;

    /// What all people did with the message of an event; `None` when it has none.
    async fn totals(&self, event: &EventReference) -> Result<Option<Totals>, Error>;

    /// Erases what is stored of a person: its states, and the messages for it alone (CH-135). On return they are in no file of this
    /// store. Returns the number of rows.
    async fn erase_person(&self, person: Digest) -> Result<u64, Error>;

    /// The number of messages that [`Inbox::remove`] would remove now.
    async fn removable(&self, purge: InboxPurge) -> Result<u64, Error>;

    /// Removes messages that are kept no longer, with the states of all people, at most `max` (1 to 10,000) per call; returns
    /// their number.
    async fn remove(&self, purge: InboxPurge, max: u32) -> Result<u64, Error>;
}
