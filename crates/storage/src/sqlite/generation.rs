//! How the files of a store know each other: each opening of the store is a generation with a number and a random id,
//! which both files list.
//!
//! A file that was restored alone, copied without its write-ahead log, or taken from another store is noticed at the next
//! start. The write-ahead log holds commits that are not in the main file yet, so the row of a generation is copied into
//! the main file at the start, and gets the number of records at an orderly end. Not here: what is done with a journal
//! that does not belong to the log (`journal::agree`).

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::{log, notice::Notice, open_files};
use crate::Error;

/// Most generations that a file lists.
const LISTED: i64 = 1_000;

/// One opening of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation {
    /// Counts openings, from 1.
    pub(super) number: i64,
    /// Random, so that two copies of a store have no opening in common since they were separated.
    pub(super) id: Uuid,
}

/// Whether a file has a write-ahead log; to be looked at before it is opened, which creates one.
pub(super) fn has_wal(path: &Path) -> bool {
    open_files::wal(path).exists()
}

/// The newest generation that a file lists, and the number of records at its end if it ended in order.
pub(super) fn newest(connection: &Connection) -> Result<Option<(Generation, Option<u64>)>, Error> {
    let sql = "SELECT number, id, records FROM generation ORDER BY number DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Option<i64>>(2)?));
    let Some((number, id, records)) = connection.query_row(sql, [], row).optional()? else { return Ok(None) };
    let corrupt = |_| Error::Corrupt { kind: "generation", reason: "not an id".into() };
    let id = Uuid::from_slice(&id).map_err(corrupt)?;
    Ok(Some((Generation { number, id }, records.map(|records| records as u64))))
}

/// The generations that a file lists, newest first.
pub(super) fn all(connection: &Connection) -> Result<Vec<Generation>, Error> {
    let mut statement = connection.prepare("SELECT number, id FROM generation ORDER BY number DESC")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let corrupt = |_| Error::Corrupt { kind: "generation", reason: "not an id".into() };
    rows.map(|row| {
        let (number, id) = row?;
        Ok(Generation { number, id: Uuid::from_slice(&id).map_err(corrupt)? })
    })
    .collect()
}

/// Whether a file lists a generation.
pub(super) fn lists(connection: &Connection, generation: Generation) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM generation WHERE number = ?1 AND id = ?2";
    let count: i64 = connection.query_row(sql, (generation.number, &generation.id.as_bytes()[..]), |row| row.get(0))?;
    Ok(count > 0)
}

/// How the newest generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There is none: the store is new, or a version before this one wrote it.
    Unknown,
    /// In order, and all records are there.
    Closed,
    /// In order, and this many records are gone since.
    ClosedWithMore(u64),
    /// Not in order, as by a kill, and the write-ahead log is there.
    Killed,
    /// Not in order, and without a write-ahead log.
    WithoutWal,
}

/// How the newest generation ended, given the records that are there now.
pub(super) fn end(newest: Option<&(Generation, Option<u64>)>, has_wal: bool, records: u64) -> End {
    match newest {
        None => End::Unknown,
        Some((_, Some(closed))) if *closed > records => End::ClosedWithMore(closed - records),
        Some((_, Some(_))) => End::Closed,
        Some((_, None)) if has_wal => End::Killed,
        Some((_, None)) => End::WithoutWal,
    }
}

impl End {
    pub(super) fn notice(self) -> Option<Notice> {
        match self {
            Self::ClosedWithMore(missing) => Some(Notice::RecordsMissing { missing }),
            Self::WithoutWal => Some(Notice::NotClosed),
            Self::Unknown | Self::Closed | Self::Killed => None,
        }
    }

    /// Whether progress may be ahead of the log. It is in the same file, so not after an orderly end.
    pub(super) fn may_lack_records(self) -> bool {
        !matches!(self, Self::Unknown | Self::Closed)
    }
}

/// Lists a new generation in a file, instead of those of the file after `after`.
pub(super) fn list(connection: &Connection, after: i64, new: Generation) -> Result<(), Error> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("DELETE FROM generation WHERE number > ?1 OR number <= ?2", (after, new.number - LISTED))?;
    let sql = "INSERT INTO generation (number, id) VALUES (?1, ?2)";
    transaction.execute(sql, (new.number, &new.id.as_bytes()[..]))?;
    Ok(transaction.commit()?)
}

/// Copies the write-ahead log into the main file as far as readers permit.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), Error> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Notes the orderly end of the newest generation, with the number of records.
pub(super) fn close(connection: &Connection, records: u64) -> Result<(), Error> {
    note_records(connection, records)?;
    checkpoint(connection)
}

/// The number of records that were ever appended to the logs in a file.
pub(super) fn appended(connection: &Connection) -> Result<u64, Error> {
    Ok(log::bounds(connection)?.iter().map(|(_, _, bounds)| bounds.end).sum())
}

/// Adds the number of records to the newest generation.
pub(super) fn note_records(connection: &Connection, records: u64) -> Result<(), Error> {
    let sql = "UPDATE generation SET records = ?1 WHERE number = (SELECT max(number) FROM generation)";
    connection.execute(sql, [records as i64])?;
    Ok(())
}
