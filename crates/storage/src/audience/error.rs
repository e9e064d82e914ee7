//! The errors of the port Audience. None of them has an address or a digest.

use model::addressee::{AddresseeId, FilterId};

/// The most addressees of one address on one kanaal by one channel, ended ones included.
pub const MAX_OF_ADDRESS: usize = 1_000;

/// Why the port did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another change came first: read it again and decide again.
    #[error("addressee {0} was changed by another")]
    Conflict(AddresseeId),
    /// The filter was never stored, or was forgotten because nobody used it.
    #[error("filter {} is not known", .0.0)]
    UnknownFilter(FilterId),
    /// There are [`MAX_OF_ADDRESS`] addressees of this address on the kanaal already.
    #[error("the address of addressee {0} has too many addressees on the kanaal")]
    TooManyOfAddress(AddresseeId),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] crate::Error),
}
