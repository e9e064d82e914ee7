//! Slots of table `personal`: rows that are appended, overwritten in place and reused, but never move; see
//! [the module](super). This does not know what is in them.

use rusqlite::{Connection, OptionalExtension};

use crate::Error;

/// Sizes are multiples of this, in bytes.
const STEP: usize = 16;

/// Fills a body up to the size of a slot with zeros.
pub(super) fn pad(mut body: Vec<u8>) -> Vec<u8> {
    body.resize(body.len().next_multiple_of(STEP), 0);
    body
}

/// Stores a body whose size is that of a slot; returns the slot.
pub(super) fn take(connection: &Connection, body: &[u8]) -> Result<i64, Error> {
    let size = body.len() as i64;
    let free = "SELECT slot FROM free_slot WHERE size = ?1 LIMIT 1";
    let free: Option<i64> = connection.prepare_cached(free)?.query_row([size], |row| row.get(0)).optional()?;
    let Some(slot) = free else {
        connection.prepare_cached("INSERT INTO personal (body) VALUES (?1)")?.execute([body])?;
        return Ok(connection.last_insert_rowid());
    };
    connection.prepare_cached("DELETE FROM free_slot WHERE size = ?1 AND slot = ?2")?.execute((size, slot))?;
    overwrite(connection, slot, body)?;
    Ok(slot)
}

/// Replaces the body in a slot; returns its slot from now on, another one if the size differs.
pub(super) fn replace(connection: &Connection, slot: i64, body: &[u8]) -> Result<i64, Error> {
    if size(connection, slot)? == Some(body.len() as i64) {
        overwrite(connection, slot, body)?;
        return Ok(slot);
    }
    free(connection, slot)?;
    take(connection, body)
}

/// Overwrites a slot with zeros and frees it.
pub(super) fn free(connection: &Connection, slot: i64) -> Result<(), Error> {
    let Some(size) = size(connection, slot)? else { return Ok(()) };
    connection.prepare_cached("UPDATE personal SET body = zeroblob(?2) WHERE slot = ?1")?.execute((slot, size))?;
    connection.prepare_cached("INSERT OR IGNORE INTO free_slot (size, slot) VALUES (?1, ?2)")?.execute((size, slot))?;
    Ok(())
}

fn overwrite(connection: &Connection, slot: i64, body: &[u8]) -> Result<(), Error> {
    connection.prepare_cached("UPDATE personal SET body = ?2 WHERE slot = ?1")?.execute((slot, body))?;
    Ok(())
}

fn size(connection: &Connection, slot: i64) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT length(body) FROM personal WHERE slot = ?1")?;
    Ok(statement.query_row([slot], |row| row.get(0)).optional()?)
}
