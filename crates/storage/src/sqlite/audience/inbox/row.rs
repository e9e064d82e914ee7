//! Rows of messages with the state of one person.

use model::{
    KanaalName, Partition, Position, Timestamp,
    addressee::EventReference,
    inbox::{Message, MessageId, State},
};
use rusqlite::{Connection, Params, Row};
use uuid::Uuid;

use super::{super::names::Names, corrupt};
use crate::Error;

/// What is read of a message `m` and a state `s`.
pub(super) const COLUMNS: &str = "m.message, m.id, m.kanaal, m.source, m.event, m.partition, m.position,
     m.person IS NULL, m.due, m.expires, m.number, s.read, s.deleted, s.changed";

/// The messages that a query of [`COLUMNS`] finds, each with its number in the table.
pub(super) fn all(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<(i64, Message)>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, message(connection, &mut names, row)?));
    }
    Ok(found)
}

fn message(connection: &Connection, names: &mut Names, row: &Row<'_>) -> Result<Message, Error> {
    let kanaal = names.text(connection, row.get(2)?)?;
    let moment = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    Ok(Message {
        id: id(row.get(1)?)?,
        event: EventReference {
            kanaal: KanaalName::new(&kanaal).ok_or_else(|| corrupt("not a name of a kanaal"))?,
            source: row.get(3)?,
            id: row.get(4)?,
        },
        partition: Partition(row.get(5)?),
        position: Position(row.get::<_, i64>(6)? as u64),
        is_broadcast: row.get(7)?,
        since: Timestamp::from_micros(row.get(8)?),
        expires: moment(row.get(9)?),
        number: row.get::<_, Option<i64>>(10)?.ok_or_else(|| corrupt("a message that waits"))? as u64,
        state: match (moment(row.get(11)?), moment(row.get(12)?)) {
            (None, None) => State::New,
            (Some(at), None) => State::Read { at },
            (read, Some(at)) => State::Deleted { at, read },
        },
        changed: row.get::<_, Option<i64>>(13)?.map(|number| number as u64),
    })
}

/// An id as it is stored.
pub(super) fn id(bytes: Vec<u8>) -> Result<MessageId, Error> {
    Uuid::from_slice(&bytes).map(MessageId).map_err(|_| corrupt("not an id"))
}
