//! Removal of what is kept no longer, and erasure of a person.

use model::addressee::Digest;
use rusqlite::Connection;

use super::super::names::{self, Kind};
use crate::{Error, inbox::InboxPurge};

/// The condition of the messages that a purge removes, with its two values; `None` when there can be none.
fn condition(connection: &Connection, purge: &InboxPurge) -> Result<Option<(&'static str, [i64; 3])>, Error> {
    Ok(match purge {
        InboxPurge::Expired { before } => {
            Some(("expires IS NOT NULL AND expires < ?1 AND ?2 = 0 AND ?3 = 0", [before.as_micros(), 0, 0]))
        }
        InboxPurge::Trimmed { kanaal, partition, oldest } => {
            let kanaal = names::find(connection, Kind::Kanaal, kanaal.as_str())?;
            let values = |kanaal| [kanaal, i64::from(partition.0), oldest.0 as i64];
            kanaal.map(|kanaal| ("kanaal = ?1 AND partition = ?2 AND position < ?3", values(kanaal)))
        }
    })
}

pub(super) fn count(connection: &Connection, purge: &InboxPurge) -> Result<u64, Error> {
    let Some((condition, values)) = condition(connection, purge)? else { return Ok(0) };
    let sql = format!("SELECT count(*) FROM inbox_message WHERE {condition}");
    let count: i64 = connection.prepare_cached(&sql)?.query_row(values, |row| row.get(0))?;
    Ok(count as u64)
}

pub(super) fn remove(connection: &Connection, purge: &InboxPurge, max: u32) -> Result<u64, Error> {
    let Some((condition, [one, two, three])) = condition(connection, purge)? else { return Ok(0) };
    let sql = format!("SELECT message FROM inbox_message WHERE {condition} LIMIT ?4");
    let mut select = connection.prepare_cached(&sql)?;
    let messages = select.query_map((one, two, three, max), |row| row.get(0))?;
    let messages: Vec<i64> = messages.collect::<Result<_, _>>()?;
    let mut states = connection.prepare_cached("DELETE FROM inbox_state WHERE message = ?1")?;
    let mut delete = connection.prepare_cached("DELETE FROM inbox_message WHERE message = ?1")?;
    for message in &messages {
        states.execute([message])?;
        delete.execute([message])?;
    }
    Ok(messages.len() as u64)
}

pub(super) fn erase(connection: &Connection, person: Digest) -> Result<u64, Error> {
    let mut erased = 0;
    for table in ["inbox_state", "inbox_message"] {
        let sql = format!("DELETE FROM {table} WHERE person = ?1");
        erased += connection.prepare_cached(&sql)?.execute([&person.0[..]])?;
    }
    Ok(erased as u64)
}
