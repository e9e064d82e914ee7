//! The errors of these use cases. No variant has personal data.

use std::time::Duration;

use management::addressees;

use crate::KeysError;

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such subscription for this caller, or the link, code or token does not fit it any more (CH-49, CH-58, CH-59).
    #[error("There is no such subscription, or the link is wrong or void.")]
    Unknown,
    /// Too many requests for the address or from the source; nothing is sent (CH-46).
    #[error("Too many requests were made for this address or from this source.")]
    TooManyRequests {
        /// How long to wait.
        wait: Duration,
    },
    /// The address has too many subscriptions to the kanaal, ended ones included.
    #[error("This address has too many subscriptions.")]
    TooManyOfAddress,
    /// The attributes of the subscription would be longer than they may be (CH-72).
    #[error("The attributes must have at most {} bytes as JSON.", model::addressee::MAX_ATTRIBUTES)]
    AttributesTooLong,
    /// Others changed it between reading and writing, several times in a row.
    #[error("The subscription is being changed by others; try again.")]
    Busy,
    /// Storage did not confirm, or could not be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// Something cannot be sealed or opened.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Error {
    /// What `management` reports, at a moment.
    pub(crate) fn at(error: addressees::Error, now: model::Timestamp) -> Self {
        use addressees::Error as E;
        match error {
            E::Unknown => Self::Unknown,
            E::TooManyRequests { retry_at } => Self::TooManyRequests { wait: retry_at.since(now) },
            E::TooManyOfAddress => Self::TooManyOfAddress,
            // A filter is forgotten only when nobody uses it; the same request works again.
            E::Busy | E::UnknownFilter => Self::Busy,
            E::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<storage::audience::Error> for Error {
    fn from(error: storage::audience::Error) -> Self {
        Self::at(error.into(), model::Timestamp::from_seconds(0))
    }
}
