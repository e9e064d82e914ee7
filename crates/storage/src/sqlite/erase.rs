//! Deletes rows so that their bytes are in no file afterwards: SQLite overwrites them with zeros, and the write-ahead log,
//! which has older copies of the pages, is emptied. This does not decide what is deleted.
//!
//! Every writing connection has `secure_delete=FAST`, which overwrites deleted rows in pages that are written anyway. Only
//! [`securely`] overwrites pages that become free too, which costs writes.

use std::{path::Path, time::Duration};

use rusqlite::Connection;

use super::{
    database::{self, FileFormat},
    failure,
};
use crate::Error;

/// How long one attempt to empty the log waits for readers. Commits wait meanwhile.
const WAIT: Duration = Duration::from_millis(200);
/// The pause after an attempt.
const PAUSE: Duration = Duration::from_millis(200);
/// Most attempts.
const ATTEMPTS: u32 = 50;

/// Sets how deleted rows are overwritten: `FAST` or `ON`.
pub(super) fn set_secure_delete(connection: &Connection, mode: &str) -> Result<(), Error> {
    Ok(connection.pragma_update_and_check(None, "secure_delete", mode, |_| Ok(()))?)
}

/// Executes statements that overwrite all they delete.
pub(super) fn securely<T>(
    connection: &Connection,
    statements: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    set_secure_delete(connection, "ON")?;
    let result = statements(connection);
    set_secure_delete(connection, "FAST")?;
    result
}

/// Copies the write-ahead log of a file into the file, and empties it.
///
/// # Errors
/// `Unavailable` when readers or a full disk prevent that for several seconds.
pub(super) async fn empty_wal(path: &Path, format: &'static FileFormat) -> Result<(), Error> {
    let path = path.to_owned();
    let work = move || {
        let connection = database::open(&path, format)?;
        connection.busy_timeout(WAIT)?;
        for _ in 0..ATTEMPTS {
            // Copies most of it without holding up commits.
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Err(failure::broken("the write-ahead log is in use and was not emptied"))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| failure::broken(format!("emptying failed: {error}")))?
}
