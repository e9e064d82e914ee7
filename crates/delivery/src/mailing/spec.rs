//! What a mailing is about, and its bounds. Both stay the same for its life; filters are evaluated again after a restart.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use model::{
    Timestamp,
    addressee::{Channel, Digest, EventReference, FilterId},
};

use super::Ladder;

/// The result of a distinct filter for the event (CH-74).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterResult {
    /// It matches.
    Matches,
    /// It does not match.
    Differs,
    /// It could not be evaluated, so it does not match (CH-70).
    Failed,
}

/// One event for the addressees of one kanaal and channel.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The event; its kanaal is that of the addressees.
    pub event: EventReference,
    /// The channel.
    pub channel: Channel,
    /// When the event was accepted.
    pub accepted: Timestamp,
    /// `expirytime` of the event.
    pub expires: Option<Timestamp>,
    /// The result of each distinct filter. A filter that is not in it does not match: it was assigned later.
    pub filters: HashMap<FilterId, FilterResult>,
    /// The addresses of a trial that it is for; `None` when it is for everybody (CH-132).
    pub trial: Option<Arc<BTreeSet<Digest>>>,
    /// Whether it goes to those who left as well (CH-21).
    pub is_obligatory: bool,
}

impl Spec {
    /// Whether an address may get the event.
    pub(super) fn is_for(&self, digest: &Digest) -> bool {
        self.trial.as_ref().is_none_or(|list| list.contains(digest))
    }

    /// Whether a message in doubt is never sent again, and the intent to send it is stored before: each one costs money, and
    /// there is no Message-ID by which the second is recognized.
    pub(super) fn stores_intent(&self) -> bool {
        self.channel == Channel::Sms
    }
}

/// The bounds of a mailing.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The most addressees that wait for their turn or are being sent to, at least 2; a chunk is half of it.
    pub window: usize,
    /// From how many addressees on the ladder on no chunk is read.
    pub waiting: usize,
    /// The most messages that are sent after the last durable checkpoint, and the most ends that are not recorded, at least 1.
    pub unstored: usize,
    /// The shortest time between two checkpoints, unless one is urgent.
    pub interval: Duration,
    /// The waits between attempts.
    pub ladder: Ladder,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: 1_000,
            waiting: 10_000,
            unstored: 1_000,
            interval: Duration::from_millis(200),
            ladder: Ladder::default(),
        }
    }
}

impl Settings {
    /// The number of addressees in a chunk.
    pub(super) fn chunk(&self) -> usize {
        (self.window / 2).max(1)
    }

    /// The most entries at any time. A chunk has more addressees than asked for when the last ones have the same address,
    /// `of_address` of them at most.
    pub fn most_open(&self, of_address: usize) -> usize {
        self.waiting + self.window.max(2) + of_address
    }
}
