//! A backup of a store, also while a gateway uses it, and its restore into an empty directory. The key of stored secrets is
//! a file of its own and not part of it.
//!
//! Each file is copied as one consistent snapshot. The journal comes first, so that it is never ahead of the log; what it
//! lacks then is a moment of history.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{GATEWAY, JOURNAL, database, failure, generation, lock::Lock};
use crate::Error;

/// Copies the store in a directory into another directory, which is created and must not hold a store; returns the
/// number of bytes. Blocks until the copy is durable. A gateway may run on the store meanwhile.
///
/// # Errors
/// `Corrupt` when the source cannot be read; `Unavailable` when there is no store in `from`, one in `to`, or a file
/// cannot be written.
pub fn backup(from: &Path, to: &Path) -> Result<u64, Error> {
    require(from)?;
    refuse_store(to)?;
    std::fs::create_dir_all(to).map_err(|error| failure::io("make", to, &error))?;
    let mut bytes = 0;
    for name in [JOURNAL, GATEWAY] {
        let (source, copy) = (from.join(name), to.join(name));
        if !source.exists() {
            continue;
        }
        let part = partial(&copy);
        remove(&part)?;
        let target = part.to_str().ok_or_else(|| failure::broken("the name of the directory is not UTF-8"))?;
        database::open_reader(&source)?.execute("VACUUM INTO ?1", [target])?;
        if name == GATEWAY {
            // The copy is complete, as after an orderly end.
            let connection = Connection::open(&part)?;
            if database::has(&connection, "generation")? {
                generation::note_records(&connection, generation::appended(&connection)?)?;
            }
        }
        bytes += finish(&part, &copy)?;
    }
    database::sync_directory(to)?;
    Ok(bytes)
}

/// Copies a backup into the data directory of a gateway, which is created and must not hold a store; returns the number of
/// bytes. Blocks until the copy is durable.
///
/// # Errors
/// `InUse` when a gateway uses the directory; `Unavailable` when there is no backup in `from`, a store in `to`, or a file
/// cannot be written.
pub fn restore(from: &Path, to: &Path) -> Result<u64, Error> {
    require(from)?;
    refuse_store(to)?;
    std::fs::create_dir_all(to).map_err(|error| failure::io("make", to, &error))?;
    let _lock = Lock::take(to)?;
    let mut bytes = 0;
    // The log last: without it there is no store yet.
    for name in [JOURNAL, GATEWAY] {
        let (source, copy) = (from.join(name), to.join(name));
        if !source.exists() {
            continue;
        }
        let part = partial(&copy);
        std::fs::copy(&source, &part).map_err(|error| failure::io("copy", &source, &error))?;
        bytes += finish(&part, &copy)?;
    }
    database::sync_directory(to)?;
    Ok(bytes)
}

pub(super) fn require(dir: &Path) -> Result<(), Error> {
    let file = dir.join(GATEWAY);
    if file.is_file() { Ok(()) } else { Err(failure::broken(format!("there is no {}", file.display()))) }
}

fn refuse_store(dir: &Path) -> Result<(), Error> {
    match [GATEWAY, JOURNAL].map(|name| dir.join(name)).into_iter().find(|file| file.exists()) {
        Some(file) => Err(failure::broken(format!("{} exists: name an empty directory", file.display()))),
        None => Ok(()),
    }
}

pub(super) fn partial(copy: &Path) -> PathBuf {
    copy.with_extension("sqlite-part")
}

pub(super) fn remove(file: &Path) -> Result<(), Error> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failure::io("remove", file, &error)),
        _ => Ok(()),
    }
}

/// Makes a copy durable under its name; returns its size.
pub(super) fn finish(part: &Path, copy: &Path) -> Result<u64, Error> {
    let synced = File::open(part).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
    let metadata = synced.map_err(|error| failure::io("sync", part, &error))?;
    std::fs::rename(part, copy).map_err(|error| failure::io("rename", part, &error))?;
    Ok(metadata.len())
}
