//! Messages as one person has them, and what all people did with one.

use model::{
    Timestamp,
    addressee::{Digest, EventReference},
    inbox::{Message, MessageId, Totals},
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    super::names::{self, Kind},
    row::{self, COLUMNS},
};
use crate::{Error, inbox::MAX_PAGE};

pub(super) fn newest(connection: &Connection) -> Result<u64, Error> {
    let sql = "SELECT last FROM inbox_sequence WHERE one = 1";
    let last: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(last.unwrap_or_default() as u64)
}

/// Both halves are ranges of one index, so that messages for others cost nothing.
pub(super) fn page(
    connection: &Connection,
    person: Digest,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Message>, Error> {
    let half = |who: &str| {
        format!(
            "SELECT * FROM (SELECT * FROM inbox_message WHERE person {who} AND number IS NOT NULL AND number < ?2
             ORDER BY number DESC LIMIT ?3)"
        )
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM ({} UNION ALL {}) m
         LEFT JOIN inbox_state s ON s.person = ?1 AND s.message = m.message ORDER BY m.number DESC LIMIT ?3",
        half("= ?1"),
        half("IS NULL")
    );
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let found = row::all(connection, &sql, (&person.0[..], before, limit.min(MAX_PAGE)))?;
    Ok(found.into_iter().map(|(_, message)| message).collect())
}

/// Messages that this person changed after the number, and those that appeared after it and have no state.
pub(super) fn changes(connection: &Connection, person: Digest, after: u64, limit: u32) -> Result<Vec<Message>, Error> {
    let appeared = |who: &str| {
        format!(
            "SELECT * FROM (SELECT {COLUMNS}, m.number AS place FROM inbox_message m
                 LEFT JOIN inbox_state s ON s.person = ?1 AND s.message = m.message
             WHERE m.person {who} AND m.number IS NOT NULL AND m.number > ?2 AND s.changed IS NULL
             ORDER BY m.number LIMIT ?3)"
        )
    };
    let sql = format!(
        "SELECT * FROM (
             {} UNION ALL {} UNION ALL
             SELECT * FROM (SELECT {COLUMNS}, s.changed AS place FROM inbox_state s
                 JOIN inbox_message m ON m.message = s.message
             WHERE s.person = ?1 AND s.changed > ?2 AND m.number IS NOT NULL ORDER BY s.changed LIMIT ?3)
         ) ORDER BY place LIMIT ?3",
        appeared("= ?1"),
        appeared("IS NULL")
    );
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let found = row::all(connection, &sql, (&person.0[..], after, limit.min(MAX_PAGE)))?;
    Ok(found.into_iter().map(|(_, message)| message).collect())
}

pub(super) fn get(connection: &Connection, person: Digest, id: MessageId) -> Result<Option<Message>, Error> {
    Ok(numbered(connection, person, id)?.map(|(_, message)| message))
}

/// A message for this person that has appeared, with its number in the table.
pub(super) fn numbered(
    connection: &Connection,
    person: Digest,
    id: MessageId,
) -> Result<Option<(i64, Message)>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM inbox_message m LEFT JOIN inbox_state s ON s.person = ?1 AND s.message = m.message
         WHERE m.id = ?2 AND m.number IS NOT NULL AND (m.person IS NULL OR m.person = ?1)"
    );
    Ok(row::all(connection, &sql, (&person.0[..], &id.0.as_bytes()[..]))?.pop())
}

/// The columns of a message that totals need: number of the row, id, whether it is for everybody, due, expiry, whether it appeared.
type Found = (i64, Vec<u8>, bool, i64, Option<i64>, bool);

pub(super) fn totals(connection: &Connection, event: &EventReference) -> Result<Option<Totals>, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, event.kanaal.as_str())? else { return Ok(None) };
    let sql = "SELECT message, id, person IS NULL, due, expires, number IS NOT NULL FROM inbox_message
         WHERE kanaal = ?1 AND source = ?2 AND event = ?3";
    let columns = |row: &Row<'_>| -> rusqlite::Result<Found> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    };
    let found = connection.prepare_cached(sql)?.query_row((kanaal, &event.source, &event.id), columns).optional()?;
    let Some((message, id, is_broadcast, due, expires, has_appeared)) = found else { return Ok(None) };
    let sql = "SELECT count(read), count(deleted) FROM inbox_state WHERE message = ?1";
    let counts = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (read, deleted): (i64, i64) = connection.prepare_cached(sql)?.query_row([message], counts)?;
    Ok(Some(Totals {
        id: row::id(id)?,
        is_broadcast,
        since: Timestamp::from_micros(due),
        expires: expires.map(Timestamp::from_micros),
        has_appeared,
        read: read as u64,
        deleted: deleted as u64,
    }))
}
