//! Parts of a walk over those to whom a mailing did not get through, by their evidence (CH-94).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    addressee::{Channel, Digest, EventReference},
    mailing::{Failure, MailingId},
};

/// A part of a walk over the confirmed addressees of a channel whose evidence about an event ends in a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedWalk {
    /// The event.
    pub event: EventReference,
    /// The channel.
    pub channel: Channel,
    /// Those whose last end is one of these. An address that was changed since then is not one of them.
    pub failures: BTreeSet<Failure>,
    /// The resend that walks: what it and later ones sent does not count; `None` when all counts.
    pub before: Option<MailingId>,
    /// Whether those who left are among them, for a message that has to be sent (CH-21).
    pub with_left: bool,
    /// Only addressees with higher digests; `None` to begin.
    pub after: Option<Digest>,
    /// How many addressees are wanted, 1 to [`MAX_CHUNK`](super::MAX_CHUNK); more are returned when the last ones have the same
    /// digest.
    pub limit: u32,
}

/// A part of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCounts {
    /// How many addressees, by their last end; without zeros.
    pub addressees: BTreeMap<Failure, u64>,
    /// Where to count on; `None` at the end.
    pub next: Option<Digest>,
}
