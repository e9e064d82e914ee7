//! The errors of all ports.

use std::time::Duration;

/// A failure of storage. A failed operation leaves nothing half stored, unless its documentation says otherwise.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The operation is not possible now (disk full, read-only or slow; brokers away) and may succeed later.
    #[error("storage is unavailable: {reason}")]
    Unavailable {
        /// The cause, for operators.
        reason: String,
        /// When to retry.
        retry_after: Duration,
    },
    /// Another process now owns what this process tried to write.
    #[error("another process has taken over")]
    Fenced,
    /// Another process uses the same files.
    #[error("{path} is in use by another process")]
    InUse {
        /// The directory.
        path: String,
    },
    /// A stored record has a newer version than this program knows.
    #[error("a stored {kind} has version {found}; this program knows up to {known}")]
    NewerVersion {
        /// The kind of record.
        kind: &'static str,
        /// Its version.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// A stored record, a file or a setting cannot be used.
    #[error("a stored {kind} cannot be read: {reason}")]
    Corrupt {
        /// The kind of record, file or setting.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The record is larger than the adapter accepts.
    #[error("a record of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// The size of the record in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
}
