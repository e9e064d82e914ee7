//! Why a request of a person is refused. No variant has anything of a person or a message.

use model::inbox::UndoOver;
use people::KeysError;

/// Why something is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such message for this person, or no message of such an event.
    #[error("there is no such message")]
    Unknown,
    /// A deletion that cannot be undone any more.
    #[error(transparent)]
    UndoOver(#[from] UndoOver),
    /// A position of a list or a stream that was not made here.
    #[error("this position is not known")]
    Position,
    /// So many streams are open already, of this person or of all.
    #[error("too many streams are open")]
    Streams,
    /// The gateway stops.
    #[error("the gateway stops")]
    Stopping,
    /// The key is gone, or there is no randomness.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Storage fails.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}
