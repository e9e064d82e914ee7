//! The errors of these use cases. An unknown addressee, a wrong code and a void one are the same error (CH-49, CH-58), and no
//! error has personal data.

use model::{Timestamp, addressee::Rejection};
use storage::audience;

/// Why a use case did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such addressee, or the code or token does not fit it, or it cannot be done any more.
    #[error("There is no such subscription, or the code is wrong or void.")]
    Unknown,
    /// Too many codes were requested for the address; nothing is sent (CH-46).
    #[error("Too many codes were requested for this address.")]
    TooManyRequests {
        /// When the next request is possible.
        retry_at: Timestamp,
    },
    /// The address has too many subscriptions to the kanaal, ended ones included.
    #[error("This address has too many subscriptions.")]
    TooManyOfAddress,
    /// The filter is not known any more.
    #[error("The filter is not known.")]
    UnknownFilter,
    /// Others changed it between reading and writing, several times in a row.
    #[error("The subscription is being changed by others; try again.")]
    Busy,
    /// Storage did not confirm, or could not be read.
    #[error(transparent)]
    Storage(storage::Error),
}

impl From<audience::Error> for Error {
    fn from(error: audience::Error) -> Self {
        match error {
            audience::Error::Conflict(_) => Self::Busy,
            audience::Error::UnknownFilter(_) => Self::UnknownFilter,
            audience::Error::TooManyOfAddress(_) => Self::TooManyOfAddress,
            audience::Error::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::TooManyRequests { retry_at } => Self::TooManyRequests { retry_at },
            Rejection::NotProven { .. } | Rejection::WrongState | Rejection::NotUndoable | Rejection::NotDue => {
                Self::Unknown
            }
        }
    }
}
