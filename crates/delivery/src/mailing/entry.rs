//! An addressee that was admitted and has not ended. It has no address: that is read with its state, when it is sent to.

use model::{Timestamp, addressee::Digest, clock::Instant};

/// Where an entry is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits for its turn.
    Ready,
    /// It waits until the intent to send is durable.
    StoringIntent,
    /// Its state is being read.
    Checking,
    /// It is being sent to.
    Sending,
    /// It waits for a retry.
    Waiting(Instant),
    /// Its message was refused; whether that is about this addressee, the next replies show.
    Held,
}

/// An addressee that has not ended.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The digest of the address that was seen last.
    pub digest: Digest,
    /// Attempts that were made and count.
    pub attempts: u32,
    /// When the first and the last of them were answered.
    pub tried: Option<(Timestamp, Timestamp)>,
    /// Whether an attempt is in doubt.
    pub in_doubt: bool,
    /// Whether the intent to send was, or is to be, stored.
    pub intent: bool,
    /// Whether a checkpoint that was written lists it.
    pub is_listed: bool,
    /// Whether it got events with others in one mail when it was met; unknown, so false, after a restart.
    pub is_collected: bool,
    pub stage: Stage,
}

impl Entry {
    pub fn new(digest: Digest) -> Self {
        Self {
            digest,
            attempts: 0,
            tried: None,
            in_doubt: false,
            intent: false,
            is_listed: false,
            is_collected: false,
            stage: Stage::Ready,
        }
    }

    /// Whether nothing of it is under way that will be answered.
    pub fn is_idle(&self) -> bool {
        !matches!(self.stage, Stage::Checking | Stage::Sending)
    }

    /// Counts an attempt that was answered, or whose answer was lost.
    pub fn count_attempt(&mut self, now: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.tried = Some((self.tried.map_or(now, |(first, _)| first), now));
    }
}
