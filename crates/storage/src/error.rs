//! Why storage could not do what it was asked: one enum for all ports.

use std::time::Duration;

/// A failure of storage. None of them leaves anything half stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// It cannot be done now (disk full, read-only, slow; broker away); it may work later.
    #[error("storage is unavailable: {reason}")]
    Unavailable {
        /// What is wrong, for operators.
        reason: String,
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// This process no longer owns what it tried to write.
    #[error("another process has taken over")]
    Fenced,
    /// Another process uses the same files.
    #[error("{path} is in use by another process")]
    InUse {
        /// The file.
        path: String,
    },
    /// A stored record has a newer version than this program knows.
    #[error("a stored {kind} has version {found}; this program knows up to {known}")]
    NewerVersion {
        /// What kind of record.
        kind: &'static str,
        /// Its version.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// A stored record cannot be read.
    #[error("a stored {kind} cannot be read: {reason}")]
    Corrupt {
        /// What kind of record.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The record is larger than storage takes.
    #[error("a record of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// Its size, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}
