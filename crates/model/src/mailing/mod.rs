//! What is stored of a mailing (one event to the addressees of one kanaal and channel): how far it is, who has not ended, and the
//! counts. The decisions are in `delivery::mailing`, the port in `storage::mailings`.

mod class;
mod counts;
mod due;
mod resend;
mod sending;

use std::collections::BTreeMap;

pub use self::{
    class::Class,
    counts::{Counts, End, Skip},
    due::{DELIVER_AFTER, due},
    resend::{Failure, Resend},
    sending::{MAX_TRIAL_ADDRESSES, Sending, SendingChange, SendingState, Trial},
};
use crate::{
    Mark, Partition, Position, Timestamp,
    addressee::{AddresseeId, Channel, Digest, EventReference},
};

/// The number of a mailing in its store, from 1; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailingId(pub u64);

/// What a mailing is about. It has nothing of the event but its identity; the event is read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailingStart {
    /// The event; its kanaal is that of the addressees.
    pub event: EventReference,
    /// The channel.
    pub channel: Channel,
    /// The partition that the event is in.
    pub partition: Partition,
    /// Its position there.
    pub position: Position,
    /// When the event was accepted.
    pub accepted: Timestamp,
    /// `expirytime` of the event.
    pub expires: Option<Timestamp>,
    /// To whom of an earlier mailing of the event it goes again; `None` for the first mailing, which goes to all.
    pub resend: Option<Resend>,
}

/// Up to where the events of a partition have become mailings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowedTo {
    /// The partition.
    pub partition: Partition,
    /// The event that is read next.
    pub mark: Mark,
}

/// Where the walk is. Every addressee up to here was admitted or skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Behind this digest; `None` at the beginning.
    After(Option<Digest>),
    /// At the end.
    End,
}

/// Whether messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// They are.
    #[default]
    Active,
    /// Messages were refused, and somebody has to look at that (CH-143).
    Suspended,
    /// It was stopped, for good (CH-94).
    Stopped,
}

/// An addressee that was admitted and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// The addressee.
    pub id: AddresseeId,
    /// The digest of its address.
    pub digest: Digest,
    /// Attempts that were made and count.
    pub attempts: u32,
    /// When the first and the last of them were answered.
    pub tried: Option<(Timestamp, Timestamp)>,
    /// When it is tried again; `None` when its turn has come.
    pub retry_at: Option<Timestamp>,
    /// Whether an attempt is in doubt.
    pub in_doubt: bool,
    /// Whether a message may be under way that must not be sent twice.
    pub intent: bool,
}

/// What changed since the last checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The cursor.
    pub cursor: Cursor,
    /// The phase.
    pub phase: Phase,
    /// The counts.
    pub counts: Counts,
    /// Addressees that were admitted, or changed.
    pub changed: Vec<Unsettled>,
    /// Listed addressees that ended.
    pub ended: Vec<AddresseeId>,
}

/// What is stored of a mailing: all its checkpoints together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The cursor.
    pub cursor: Cursor,
    /// The phase.
    pub phase: Phase,
    /// The counts.
    pub counts: Counts,
    /// Those that have not ended.
    pub unsettled: BTreeMap<AddresseeId, Unsettled>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            cursor: Cursor::After(None),
            phase: Phase::default(),
            counts: Counts::default(),
            unsettled: BTreeMap::new(),
        }
    }
}

impl Progress {
    /// Adds a checkpoint.
    pub fn apply(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { cursor, phase, counts, changed, ended } = checkpoint;
        (self.cursor, self.phase, self.counts) = (cursor, phase, counts);
        self.unsettled.extend(changed.into_iter().map(|one| (one.id, one)));
        for id in ended {
            self.unsettled.remove(&id);
        }
    }
}
