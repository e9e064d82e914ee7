//! Makes the files of a store as small as what they hold: SQLite keeps pages whose rows were removed, for later rows.
//!
//! Each file is written anew beside the old one and takes its place when it is durable, so a crash or a full disk leaves the
//! store as it was. It needs room for one such file, and a bounded amount of memory. The lock keeps a gateway away meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{
    AUDIENCE, GATEWAY, JOURNAL, audience,
    backup::{finish, partial, records, remove, require},
    database::{self, FileFormat},
    failure, generation,
    lock::Lock,
    open_files,
};
use crate::Error;

/// A file that was compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// The file.
    pub file: PathBuf,
    /// Its size before, in bytes, with its write-ahead log.
    pub before: u64,
    /// Its size now, in bytes.
    pub after: u64,
}

/// Compacts the files of a store. Blocks for about as long as a copy of them takes.
///
/// # Errors
/// `InUse` when a gateway uses the directory, `NewerVersion` or `Corrupt` when a file cannot be read, `Unavailable` when
/// there is no store or no room. The store is usable after each of them.
pub fn compact(dir: &Path) -> Result<Vec<Compacted>, Error> {
    require(dir)?;
    let _lock = Lock::take(dir)?;
    let mut done = Vec::new();
    let files = [(JOURNAL, &database::JOURNAL), (AUDIENCE, &database::AUDIENCE), (GATEWAY, &database::GATEWAY)];
    for (name, format) in files {
        let file = dir.join(name);
        if file.is_file() {
            done.push(compact_file(file, format)?);
        }
    }
    database::sync_directory(dir)?;
    Ok(done)
}

fn compact_file(file: PathBuf, format: &FileFormat) -> Result<Compacted, Error> {
    let wal = open_files::wal(&file);
    let has_wal = wal.exists();
    let bytes = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    let before = bytes(&file) + bytes(&wal);
    let part = partial(&file);
    remove(&part)?;
    let target = part.to_str().ok_or_else(|| failure::broken("the name of the directory is not UTF-8"))?;
    let connection = database::open(&file, format)?;
    let complete = records_at_orderly_end(&connection, has_wal)?;
    if format.is_private() {
        audience::create_private(&part)?;
    }
    if let Err(error) = connection.execute("VACUUM INTO ?1", [target]) {
        remove(&part)?;
        return Err(error.into());
    }
    // The main file must be whole without its write-ahead log, which does not fit the new file.
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        remove(&part)?;
        return Err(failure::broken(format!("{} is being read, by a backup or verify", file.display())));
    }
    connection.close().map_err(|(_, error)| Error::from(error))?;
    if let Some(records) = complete {
        // The new file has no write-ahead log, and lacks nothing.
        let written = Connection::open(&part)?;
        generation::note_records(&written, records)?;
    }
    remove(&wal)?;
    let after = finish(&part, &file)?;
    Ok(Compacted { file, before, after })
}

/// The number of records to note in the new file, if all that was committed to the file is there; a start reports it otherwise.
fn records_at_orderly_end(connection: &Connection, has_wal: bool) -> Result<Option<u64>, Error> {
    if !database::has(connection, "generation")? {
        return Ok(None);
    }
    let Some(records) = records(connection)? else { return Ok(None) };
    let end = generation::end(generation::newest(connection)?.as_ref(), has_wal, records);
    Ok(matches!(end, generation::End::Closed | generation::End::Killed).then_some(records))
}
