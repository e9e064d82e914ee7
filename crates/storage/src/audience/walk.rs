//! Parts of long lists: addressees in the order of digests, and evidence.

use model::{
    KanaalName,
    addressee::{Channel, Digest, FilterId, StateKind},
};

use super::Stored;

/// The most addressees that a chunk is asked for.
pub const MAX_CHUNK: u32 = 10_000;

/// A part of a walk over the addressees of a kanaal and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// Only addressees with higher digests; `None` to begin.
    pub after: Option<Digest>,
    /// Only addressees in this state; `None` for all.
    pub state: Option<StateKind>,
    /// Only addressees with one of these filters, `None` among them for those without a filter; all when it is `None`.
    pub filters: Option<Vec<Option<FilterId>>>,
    /// How many addressees are wanted, 1 to [`MAX_CHUNK`]; more are returned when the last ones have the same digest.
    pub limit: u32,
}

/// A part of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The addressees.
    pub addressees: Vec<Stored>,
    /// Where to walk on; `None` at the end.
    pub next: Option<Digest>,
    /// The number of damaged rows that were passed over.
    pub damaged: u32,
}

/// A part of the evidence of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidencePage {
    /// The number of rows to skip.
    pub offset: u64,
    /// Most rows, 1 to 1,000.
    pub limit: u32,
}
