//! What an error of SQLite or of the file system means for the caller of a port.

use std::{path::Path, time::Duration};

use rusqlite::ErrorCode;

use crate::Error;

/// When trying again makes sense after a failure of the disk.
const BROKEN: Duration = Duration::from_secs(5);
/// When trying again makes sense after waiting for a turn in vain.
const BUSY: Duration = Duration::from_secs(1);

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { kind: "SQLite file", reason: error.to_string() }
            }
            _ => Self::Unavailable { reason: error.to_string(), retry_after: BROKEN },
        }
    }
}

/// A failure of the file system.
pub(super) fn io(what: &str, path: &Path, error: &std::io::Error) -> Error {
    broken(format!("cannot {what} {}: {error}", path.display()))
}

/// The disk, or a thread that works on it, does not do its work.
pub(super) fn broken(reason: impl Into<String>) -> Error {
    Error::Unavailable { reason: reason.into(), retry_after: BROKEN }
}

/// Too much waits, or the disk is too slow.
pub(super) fn busy() -> Error {
    Error::Unavailable { reason: "the disk does not keep up".into(), retry_after: BUSY }
}
