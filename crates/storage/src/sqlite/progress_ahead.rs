//! Progress that is ahead of the log when a store is opened, because records were lost: marks go back to the end of the
//! log, so that the next events are delivered, and deliveries of lost records are dropped.
//!
//! Marks of runs stay: the records of a run are those that were there when it began.

use model::{KanaalName, Mark, Partition};
use rusqlite::Connection;

use crate::{
    Error,
    encoding::progress::{decode_key, decode_value, encode_value},
    progress::{Key, Value},
};

/// The new value of a row, or that it is deleted.
enum NewValue {
    At(Vec<u8>),
    Gone,
}

/// The change of one row: its key and its new value.
type Change = (Vec<u8>, NewValue);

/// Corrects the rows that are ahead of the log; returns their number. `ends` are the ends of its kanalen.
///
/// # Errors
/// `Unavailable` when the file system fails. Rows that this program cannot read are left alone.
pub(super) fn correct(connection: &Connection, ends: &[(KanaalName, u64)]) -> Result<usize, Error> {
    let changes = changes(connection, ends)?;
    if changes.is_empty() {
        return Ok(0);
    }
    let transaction = connection.unchecked_transaction()?;
    for (key, value) in &changes {
        match value {
            NewValue::At(value) => {
                transaction.execute("UPDATE progress SET value = ?2 WHERE key = ?1", (key, value))?
            }
            NewValue::Gone => transaction.execute("DELETE FROM progress WHERE key = ?1", [key])?,
        };
    }
    transaction.commit()?;
    Ok(changes.len())
}

/// The number of rows that are ahead of the log.
pub(super) fn count(connection: &Connection, ends: &[(KanaalName, u64)]) -> Result<usize, Error> {
    Ok(changes(connection, ends)?.len())
}

fn changes(connection: &Connection, ends: &[(KanaalName, u64)]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let mut statement = connection.prepare("SELECT key, value FROM progress")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        changes.extend(change(&key, &value, ends).map(|new| (key, new)));
    }
    Ok(changes)
}

/// The new value of a row that is ahead of the log.
fn change(key: &[u8], value: &[u8], ends: &[(KanaalName, u64)]) -> Option<NewValue> {
    let end = |kanaal: &KanaalName| ends.iter().find(|(naam, _)| naam == kanaal).map_or(0, |(_, end)| *end);
    let (key, value) = (decode_key(key.to_vec().into()).ok()?, decode_value(value.to_vec().into()).ok()?);
    match (key, value) {
        (Key::Reader(kanaal, Partition(0)) | Key::Subscription(_, kanaal, Partition(0)), Value::At(mark)) => {
            let end = end(&kanaal);
            (mark.0 > end).then(|| NewValue::At(encode_value(&Value::At(Mark(end)))))
        }
        (Key::Unsettled(delivery), _) if delivery.partition == Partition(0) && delivery.run.is_none() => {
            (delivery.position.0 >= end(&delivery.kanaal)).then_some(NewValue::Gone)
        }
        _ => None,
    }
}
