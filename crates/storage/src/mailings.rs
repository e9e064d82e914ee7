//! Port Mailings: which events have become mailings, and how far each mailing is. It stores what `delivery::mailing` decided,
//! and has no address: addressees are ids and keyed digests. Of an event that replaces another one it has the record, sealed, until it
//! is on the log.

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::EventReference,
    mailing::{
        Checkpoint, Counts, Failure, FollowedTo, MailingId, MailingStart, Phase, Progress, Sending, SendingChange,
    },
    sealed::Sealed,
};

use crate::Error;

/// The most mailings that a page has.
pub const MAX_PAGE: u32 = 1_000;

/// How many mailings that have ended are kept; the oldest go first.
pub const MAX_ENDED: u32 = 10_000;

/// A mailing that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMailing {
    /// Its number.
    pub id: MailingId,
    /// What it is about.
    pub start: MailingStart,
    /// Whether messages are sent.
    pub phase: Phase,
}

/// A mailing that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedMailing {
    /// Its number.
    pub id: MailingId,
    /// What it was about.
    pub start: MailingStart,
    /// How its addressees ended.
    pub counts: Counts,
    /// When it ended.
    pub ended: Timestamp,
}

/// What came of the wish to send an event again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResendStart {
    /// It is a mailing with a number of its own.
    Started(OpenMailing),
    /// The mailing, or a resend of it, has not ended.
    Open,
    /// There is no such mailing, or no trace of it any more.
    Unknown,
}

/// The most replacements that wait to be published.
pub const MAX_REPLACEMENTS: u32 = 1_000;

/// The wish to replace what people would get of an event by what they get of another one (CH-98).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The event that waits for its moment.
    pub event: EventReference,
    /// Where it is on the log.
    pub partition: Partition,
    /// Where it is on the log.
    pub position: Position,
    /// Its mailings, none of which begins meanwhile.
    pub mailings: Vec<MailingId>,
    /// The record of the other event, on the same kanaal, sealed.
    pub record: Sealed,
}

/// What came of that wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// Nobody gets the event, and the other one is to be published.
    Done,
    /// Its moment was there, or it was cancelled or replaced before. Nothing was changed.
    Over,
    /// It has neither a mailing nor a message of the inbox, or not all of them are known yet. Nothing was changed.
    Unknown,
}

/// An event that replaces another one, and is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReplacement {
    /// Its number; numbers only grow.
    pub number: u64,
    /// The kanaal of both events.
    pub kanaal: KanaalName,
    /// The record to append, sealed.
    pub record: Sealed,
}

/// The port: the progress of mailings. One process writes it.
#[async_trait]
pub trait Mailings: Send + Sync {
    /// Up to where the events of each partition of a kanaal have become mailings; without partitions that were never followed.
    ///
    /// # Errors
    /// As all operations: `Unavailable` or `Corrupt`.
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error>;

    /// Stores new mailings and the mark behind their events, all in one durable write; returns those that are new. None of them is a
    /// resend. An event of which there is a mailing by the same channel, open or ended, starts no other: it was published twice, or the write is
    /// repeated. The mark never goes back.
    async fn start(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        starts: Vec<MailingStart>,
    ) -> Result<Vec<OpenMailing>, Error>;

    /// Starts a mailing that sends the event of a mailing again to those who failed so (CH-94), in one durable write. `id` is of
    /// the first mailing of the event, or of a resend; it follows the last of them. Of two calls at the same time one starts it.
    /// `failures` is not empty.
    async fn resend(&self, id: MailingId, failures: BTreeSet<Failure>) -> Result<ResendStart, Error>;

    /// Makes a checkpoint durable, as [`Progress::apply`] does it. Nothing happens when the mailing has ended.
    async fn apply(&self, id: MailingId, checkpoint: Checkpoint) -> Result<(), Error>;

    /// Stops mailings that have not begun (CH-98), all in one durable write; returns whether it did. When one of them has ended or is
    /// stopped already, nothing happens.
    async fn cancel(&self, ids: Vec<MailingId>) -> Result<bool, Error>;

    /// Stops the mailings of an event that waits at `now`, cancels its message of the inbox, and stores the record of the event that
    /// replaces it, all in one durable write or nothing (CH-98). Of two calls at the same time for one event, one does it. At most
    /// [`MAX_REPLACEMENTS`] records are kept, then it fails with `Unavailable`.
    async fn replace(&self, replacement: Replacement, now: Timestamp) -> Result<Replaced, Error>;

    /// The oldest record that is to be published, behind a number if one is given.
    async fn next_replacement(&self, after: Option<u64>) -> Result<Option<StoredReplacement>, Error>;

    /// The record of a replacement is on the log. Repeated, it changes nothing.
    async fn replacement_published(&self, number: u64) -> Result<(), Error>;

    /// Ends a mailing whose addressees have all ended: its counts are kept. Repeated, it changes nothing.
    async fn end(&self, id: MailingId, at: Timestamp) -> Result<(), Error>;

    /// The mailings of a kanaal that have not ended, oldest first, from behind a number on; at most `limit` (1 to [`MAX_PAGE`]).
    async fn open(&self, kanaal: &KanaalName, after: Option<MailingId>, limit: u32) -> Result<Vec<OpenMailing>, Error>;

    /// The kanalen that have mailings that have not ended, in no order.
    async fn kanalen(&self) -> Result<Vec<KanaalName>, Error>;

    /// The first mailings of an event by each channel: those that go on, and those that have ended and are kept. No resend is among
    /// them.
    async fn of_event(&self, event: &EventReference) -> Result<(Vec<OpenMailing>, Vec<EndedMailing>), Error>;

    /// What is stored of a mailing that has not ended: all its checkpoints together; `None` when it has ended, or never was.
    async fn progress(&self, id: MailingId) -> Result<Option<Progress>, Error>;

    /// The mailings that ended last, newest first, of one kanaal or of all; at most `limit` (1 to [`MAX_PAGE`]). At most
    /// [`MAX_ENDED`] are kept.
    async fn ended(&self, kanaal: Option<&KanaalName>, limit: u32) -> Result<Vec<EndedMailing>, Error>;

    /// A mailing that has ended; `None` when it goes on, never was, or is not kept any more.
    async fn ended_one(&self, id: MailingId) -> Result<Option<EndedMailing>, Error>;

    /// How kanalen send whose sending was ever changed (CH-132), in no order.
    async fn sendings(&self) -> Result<Vec<(KanaalName, Sending)>, Error>;

    /// How one kanaal sends: to everybody when that was never changed.
    async fn sending(&self, kanaal: &KanaalName) -> Result<Sending, Error>;

    /// Changes it, as [`Sending::change`] does, in one durable write; returns what it is then. Of the trials that are over, those are
    /// kept that a mailing is of which has not ended, and the last ones.
    async fn change_sending(&self, kanaal: &KanaalName, change: SendingChange, at: Timestamp)
    -> Result<Sending, Error>;
}

/// The mark of a partition among those that were followed.
pub fn mark_of(followed: &[FollowedTo], partition: Partition) -> Option<Mark> {
    followed.iter().find(|one| one.partition == partition).map(|one| one.mark)
}
