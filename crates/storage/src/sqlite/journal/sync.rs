//! Makes commits durable that did not wait for the disk.
//!
//! In WAL mode with `synchronous=NORMAL` a commit is in the write-ahead log, but may be lost with the power; SQLite syncs
//! the log before it copies pages into the file. SQLite holds its locks on the main file and on `-shm`, so opening and
//! closing `-wal` here does not release any.

use std::{fs::File, io::ErrorKind, path::Path};

use crate::{Error, sqlite::failure};

/// Waits until the content of a file is on the disk. A file that is not there has nothing to wait for.
pub(super) fn file(path: &Path) -> Result<(), Error> {
    match File::open(path).and_then(|file| file.sync_data()) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failure::io("sync", path, &error)),
        _ => Ok(()),
    }
}
