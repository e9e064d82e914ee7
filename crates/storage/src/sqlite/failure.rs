//! Maps errors of SQLite and of the file system to [`Error`].

use std::{path::Path, time::Duration};

use rusqlite::ErrorCode;

use crate::Error;

/// `retry_after` after a failure of the disk.
const DISK_RETRY_AFTER: Duration = Duration::from_secs(5);
/// `retry_after` after a change waited too long in the queue.
const BUSY_RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { kind: "SQLite file", reason: error.to_string() }
            }
            _ => Self::Unavailable { reason: error.to_string(), retry_after: DISK_RETRY_AFTER },
        }
    }
}

/// An `Unavailable` for an error of the file system; `what` is a verb such as "open".
pub(super) fn io(what: &str, path: &Path, error: &std::io::Error) -> Error {
    broken(format!("cannot {what} {}: {error}", path.display()))
}

/// An `Unavailable` because the disk, or a thread that uses it, fails.
pub(super) fn broken(reason: impl Into<String>) -> Error {
    Error::Unavailable { reason: reason.into(), retry_after: DISK_RETRY_AFTER }
}

/// An `Unavailable` because too many changes wait or the disk is too slow.
pub(super) fn busy() -> Error {
    Error::Unavailable { reason: "the disk does not keep up".into(), retry_after: BUSY_RETRY_AFTER }
}
