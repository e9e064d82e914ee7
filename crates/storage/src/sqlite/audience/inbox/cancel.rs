//! Cancels a message that waits: it ends before it appears. Its row stays, so that its event becomes no other message.

use model::{Partition, Position, Timestamp, addressee::EventReference};
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::names::{self, Kind};
use crate::{Error, inbox::Cancelled};

/// Where the event of a message is.
pub(super) fn place(connection: &Connection, event: &EventReference) -> Result<Option<(Partition, Position)>, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, event.kanaal.as_str())? else { return Ok(None) };
    let sql = "SELECT partition, position FROM inbox_message WHERE kanaal = ?1 AND source = ?2 AND event = ?3";
    let place = |row: &Row<'_>| Ok((Partition(row.get(0)?), Position(row.get::<_, i64>(1)? as u64)));
    Ok(connection.prepare_cached(sql)?.query_row((kanaal, &event.source, &event.id), place).optional()?)
}

pub(super) fn one(connection: &Connection, event: &EventReference, now: Timestamp) -> Result<Cancelled, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, event.kanaal.as_str())? else {
        return Ok(Cancelled::Unknown);
    };
    let sql = "SELECT message, number IS NULL AND due > ?4 FROM inbox_message
         WHERE kanaal = ?1 AND source = ?2 AND event = ?3";
    let mut select = connection.prepare_cached(sql)?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = select.query_row((kanaal, &event.source, &event.id, now.as_micros()), row).optional()?;
    let (message, waits): (i64, bool) = match found {
        None => return Ok(Cancelled::Unknown),
        Some(found) => found,
    };
    if !waits {
        return Ok(Cancelled::Appeared);
    }
    let sql = "UPDATE inbox_message SET expires = min(coalesce(expires, ?2), ?2) WHERE message = ?1";
    connection.prepare_cached(sql)?.execute((message, now.as_micros()))?;
    Ok(Cancelled::Done)
}
