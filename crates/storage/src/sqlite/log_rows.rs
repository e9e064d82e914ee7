//! Rows of a log, read from the file and compared with their checksums.
//!
//! Offsets are dense, so a row that is missing is damage like one that cannot be read. Not here: what is done about it
//! (`damage`).

use bytes::Bytes;
use model::{Position, Timestamp};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};

use super::{
    checksum,
    log::{offset, row_id},
};
use crate::{
    Error,
    codec::decode_record,
    log::{Limit, Stored},
};

/// What a read of a log found.
#[derive(Debug)]
pub(super) enum Rows {
    /// Records from the start of the read on, and the oldest offset of the log. Damage behind them is found by the next
    /// read.
    Records(Vec<Stored>, u64),
    /// The record at this offset cannot be read.
    Damaged(u64, Cause),
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cause {
    /// The file says so, or the record is not as it was stored.
    #[error("{0}")]
    Content(String),
    /// The disk fails, which may pass.
    #[error("{0}")]
    Disk(String),
}

/// The oldest offset of a log in this snapshot.
pub(super) fn stored_first(connection: &Connection, log: i64) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached("SELECT first FROM kanaal WHERE id = ?1")?;
    let first: Option<i64> = statement.query_row([log], |row| row.get(0)).optional()?;
    Ok(first.unwrap_or(0) as u64)
}

/// Reads from an offset on, up to the end of the log.
///
/// # Errors
/// `NewerVersion` for a record of a newer program, and errors that have nothing to do with the record.
pub(super) fn read(connection: &Connection, log: i64, from: u64, end: u64, limit: Limit) -> Result<Rows, Error> {
    let sql =
        "SELECT place, appended, body, checksum FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3";
    read_by(connection, sql, log, from, end, limit)
}

/// The same in a file without the column for checksums.
///
/// # Errors
/// As [`read`].
pub(super) fn read_without(
    connection: &Connection,
    log: i64,
    from: u64,
    end: u64,
    limit: Limit,
) -> Result<Rows, Error> {
    let sql = "SELECT place, appended, body, NULL FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3";
    read_by(connection, sql, log, from, end, limit)
}

fn read_by(connection: &Connection, sql: &str, log: i64, from: u64, end: u64, limit: Limit) -> Result<Rows, Error> {
    let first = stored_first(connection, log)?;
    let start = from.max(first);
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut statement = connection.prepare_cached(sql)?;
    let most = i64::try_from(limit.records.max(1)).unwrap_or(i64::MAX);
    let mut rows = statement.query((row_id(log, start), row_id(log, end), most))?;
    loop {
        let at = start + found.len() as u64;
        let cause = match rows.next() {
            Ok(None) if found.is_empty() && at < end => missing(),
            Ok(None) => break,
            Ok(Some(row)) => {
                let length = row.get_ref(2).ok().and_then(|body| body.as_blob().ok()).map_or(0, <[u8]>::len);
                if bytes + length > limit.bytes && !found.is_empty() {
                    break;
                }
                bytes += length;
                match record(row, at)? {
                    Ok(stored) => {
                        found.push(stored);
                        continue;
                    }
                    Err(cause) => cause,
                }
            }
            Err(error) => cause(error)?,
        };
        if found.is_empty() {
            return Ok(Rows::Damaged(at, cause));
        }
        break;
    }
    Ok(Rows::Records(found, first))
}

/// The record at one offset.
///
/// # Errors
/// As [`read`].
pub(super) fn one(connection: &Connection, log: i64, at: u64) -> Result<Result<Stored, Cause>, Error> {
    one_of(connection, "SELECT place, appended, body, checksum FROM record WHERE place = ?1", log, at)
}

fn one_of(connection: &Connection, sql: &str, log: i64, at: u64) -> Result<Result<Stored, Cause>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([row_id(log, at)])?;
    match rows.next() {
        Ok(Some(row)) => record(row, at),
        Ok(None) => Ok(Err(missing())),
        Err(error) => Ok(Err(cause(error)?)),
    }
}

/// The record at one offset in a file without the column for checksums.
///
/// # Errors
/// As [`read`].
pub(super) fn one_without(connection: &Connection, log: i64, at: u64) -> Result<Result<Stored, Cause>, Error> {
    one_of(connection, "SELECT place, appended, body, NULL FROM record WHERE place = ?1", log, at)
}

fn missing() -> Cause {
    Cause::Content("the record is missing".to_owned())
}

/// The record in a row, which should be at this offset.
fn record(row: &Row<'_>, at: u64) -> Result<Result<Stored, Cause>, Error> {
    let columns = (|| Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?, row.get(3)?)))();
    let (place, appended, body, stored): (i64, i64, &[u8], Option<i64>) = match columns {
        Ok(columns) => columns,
        Err(error) => return Ok(Err(cause(error)?)),
    };
    if offset(place) != at {
        return Ok(Err(missing()));
    }
    if !checksum::matches(stored, place, appended, body) {
        return Ok(Err(Cause::Content("the record is not as it was stored: its checksum differs".to_owned())));
    }
    match decode_record(Bytes::copy_from_slice(body)) {
        Ok(record) => Ok(Ok(Stored { position: Position(at), appended: Timestamp::from_micros(appended), record })),
        Err(Error::Corrupt { reason, .. }) => Ok(Err(Cause::Content(reason))),
        Err(error) => Err(error),
    }
}

/// The cause in an error of SQLite that concerns what was read.
fn cause(error: rusqlite::Error) -> Result<Cause, Error> {
    match error.sqlite_error_code() {
        // Without a code: a value of another type than was stored.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => Ok(Cause::Content(error.to_string())),
        Some(ErrorCode::SystemIoFailure) => Ok(Cause::Disk(error.to_string())),
        _ => Err(error.into()),
    }
}

/// The first offset from `first` on that was appended at or after `time`; `end` if there is none. Records that cannot be
/// read are passed over.
pub(super) fn first_since(
    connection: &Connection,
    log: i64,
    first: u64,
    end: u64,
    time: Timestamp,
) -> Result<u64, Error> {
    let (mut low, mut high) = (first, end.max(first));
    while low < high {
        let middle = low + (high - low) / 2;
        match readable(connection, log, middle, high)? {
            Some((at, appended)) if appended < time.as_micros() => low = at + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The first offset from `from` on, before `until`, whose append time can be read, with that time.
fn readable(connection: &Connection, log: i64, from: u64, until: u64) -> Result<Option<(u64, i64)>, Error> {
    let mut statement = connection.prepare_cached("SELECT appended FROM record WHERE place = ?1")?;
    for at in from..until {
        match statement.query_row([row_id(log, at)], |row| row.get(0)).optional() {
            Ok(Some(appended)) => return Ok(Some((at, appended))),
            Ok(None) => {}
            Err(error) => drop(cause(error)?),
        }
    }
    Ok(None)
}
