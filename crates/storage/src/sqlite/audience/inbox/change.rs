//! The state that a person gives a message.

use std::time::Duration;

use model::{
    Timestamp,
    addressee::Digest,
    inbox::{Change, Message, MessageId, State, UndoOver},
};
use rusqlite::Connection;

use super::{list, next_number};
use crate::Error;

pub(super) fn decide(
    connection: &Connection,
    person: Digest,
    id: MessageId,
    change: Change,
    (now, undo): (Timestamp, Duration),
) -> Result<Option<Result<Message, UndoOver>>, Error> {
    let Some((number, mut message)) = list::numbered(connection, person, id)? else { return Ok(None) };
    let state = match message.state.after(change, now, undo) {
        Err(over) => return Ok(Some(Err(over))),
        Ok(_) if !message.is_visible(now, undo) => return Ok(None),
        Ok(state) => state,
    };
    if state == message.state {
        return Ok(Some(Ok(message)));
    }
    let changed = next_number(connection)?;
    let (read, deleted) = match state {
        State::New => (None, None),
        State::Read { at } => (Some(at), None),
        State::Deleted { at, read } => (read, Some(at)),
    };
    let sql =
        "INSERT OR REPLACE INTO inbox_state (person, message, read, deleted, changed) VALUES (?1, ?2, ?3, ?4, ?5)";
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
    connection.prepare_cached(sql)?.execute((&person.0[..], number, micros(read), micros(deleted), changed))?;
    (message.state, message.changed) = (state, Some(changed as u64));
    Ok(Some(Ok(message)))
}
