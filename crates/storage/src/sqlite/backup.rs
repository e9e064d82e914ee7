//! A backup of a store, also while a gateway uses it, and its restore into an empty directory. The key of stored secrets is
//! a file of its own and not part of it.
//!
//! Each file is copied as one consistent snapshot. The log comes last, so that no other file is ahead of it: what the journal
//! lacks then is a moment of history, and what the file with addressees lacks is a moment of what people did.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{AUDIENCE, GATEWAY, JOURNAL, audience, database, failure, generation, lock::Lock};
use crate::Error;

/// The files of a store that are copied, in this order; all but the last may be absent.
const FILES: [&str; 3] = [JOURNAL, AUDIENCE, GATEWAY];

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
    for name in FILES {
        let (source, copy) = (from.join(name), to.join(name));
        if !source.exists() {
            continue;
        }
        let part = partial(&copy);
        remove(&part)?;
        let target = part.to_str().ok_or_else(|| failure::broken("the name of the directory is not UTF-8"))?;
        if name == AUDIENCE {
            audience::create_private(&part)?;
        }
        database::open_reader(&source)?.execute("VACUUM INTO ?1", [target])?;
        // The copy is complete, as after an orderly end.
        let connection = Connection::open(&part)?;
        if database::has(&connection, "generation")?
            && let Some(records) = records(&connection)?
        {
            generation::note_records(&connection, records)?;
        }
        drop(connection);
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
    for name in FILES {
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
    match FILES.map(|name| dir.join(name)).into_iter().find(|file| file.exists()) {
        Some(file) => Err(failure::broken(format!("{} exists: name an empty directory", file.display()))),
        None => Ok(()),
    }
}

/// The number of records that a file notes at its orderly end: events of the log, or addressees. Others note none.
pub(super) fn records(connection: &Connection) -> Result<Option<u64>, Error> {
    if database::has(connection, "record")? {
        return generation::appended(connection).map(Some);
    }
    if database::has(connection, "tally")? {
        return audience::total(connection).map(Some);
    }
    Ok(None)
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
