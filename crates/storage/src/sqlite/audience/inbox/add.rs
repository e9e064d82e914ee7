//! New messages with the mark behind their events, and those that are due.

use model::{KanaalName, Mark, Partition, Timestamp, inbox::NewMessage, mailing::FollowedTo};
use rusqlite::{Connection, Row};

use super::{
    super::names::{self, Kind, Names},
    next_number,
};
use crate::{
    Error,
    inbox::{MAX_PAGE, Released},
};

pub(super) fn followed(connection: &Connection, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
    let Some(number) = names::find(connection, Kind::Kanaal, kanaal.as_str())? else { return Ok(Vec::new()) };
    let sql = "SELECT partition, mark FROM inbox_followed WHERE kanaal = ?1 ORDER BY partition";
    let row =
        |row: &Row<'_>| Ok(FollowedTo { partition: Partition(row.get(0)?), mark: Mark(row.get::<_, i64>(1)? as u64) });
    Ok(connection.prepare_cached(sql)?.query_map([number], row)?.collect::<Result<_, _>>()?)
}

pub(super) fn all(
    connection: &Connection,
    kanaal: &KanaalName,
    followed: FollowedTo,
    messages: &[NewMessage],
    now: Timestamp,
) -> Result<u64, Error> {
    let kanaal = Names::default().number(connection, Kind::Kanaal, kanaal.as_str())?;
    let sql = "INSERT INTO inbox_followed (kanaal, partition, mark) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET mark = max(mark, excluded.mark)";
    connection.prepare_cached(sql)?.execute((kanaal, followed.partition.0, followed.mark.0 as i64))?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO inbox_message (id, kanaal, source, event, partition, position, person, due, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
    )?;
    let mut appeared = 0;
    for message in messages {
        let added = insert.execute((
            &message.id.0.as_bytes()[..],
            kanaal,
            &message.event.source,
            &message.event.id,
            message.partition.0,
            message.position.0 as i64,
            message.person.as_ref().map(|person| &person.0[..]),
            message.due.as_micros(),
            message.expires.map(Timestamp::as_micros),
        ))?;
        if added > 0 && message.due <= now {
            appear(connection, connection.last_insert_rowid())?;
            appeared += 1;
        }
    }
    Ok(appeared)
}

/// When the next waiting message is due.
pub(super) fn next_due(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT min(due) FROM inbox_message WHERE number IS NULL";
    let next: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(next.map(Timestamp::from_micros))
}

/// Lets at most a page of messages appear.
pub(super) fn release(connection: &Connection, now: Timestamp) -> Result<Released, Error> {
    let sql = "SELECT message FROM inbox_message WHERE number IS NULL AND due <= ?1 ORDER BY due, message LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let due = select.query_map((now.as_micros(), MAX_PAGE), |row| row.get(0))?;
    let due: Vec<i64> = due.collect::<Result<_, _>>()?;
    for message in &due {
        appear(connection, *message)?;
    }
    Ok(Released { count: due.len() as u64, next: next_due(connection)? })
}

fn appear(connection: &Connection, message: i64) -> Result<(), Error> {
    let number = next_number(connection)?;
    connection.prepare_cached("UPDATE inbox_message SET number = ?2 WHERE message = ?1")?.execute((message, number))?;
    Ok(())
}
