//! Kanalen, subscriptions and runs as small numbers, to keep rows compact.
//!
//! They share one table; the first byte of a name is its kind (`k`, `s` or `r`). Number 0 means "no run".

use std::collections::HashMap;

use model::{KanaalName, SubscriptionId, run::RunId};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::Error;

/// Most numbers cached by the writing thread.
const MAX_CACHED: usize = 100_000;

pub(super) fn of_kanaal(kanaal: &KanaalName) -> Vec<u8> {
    [b"k", kanaal.as_str().as_bytes()].concat()
}

pub(super) fn of_subscription(id: SubscriptionId) -> [u8; 17] {
    of_uuid(b's', id.0)
}

pub(super) fn of_run(id: RunId) -> [u8; 17] {
    of_uuid(b'r', id.0)
}

fn of_uuid(kind: u8, id: Uuid) -> [u8; 17] {
    let mut name = [kind; 17];
    name[1..].copy_from_slice(id.as_bytes());
    name
}

/// The number of a name, if the journal contains it.
pub(super) fn find(connection: &Connection, name: &[u8]) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT id FROM name WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

fn name(connection: &Connection, number: i64) -> Result<Vec<u8>, Error> {
    let mut statement = connection.prepare_cached("SELECT name FROM name WHERE id = ?1")?;
    Ok(statement.query_row([number], |row| row.get(0))?)
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "journal name", reason: reason.into() }
}

pub(super) fn kanaal(connection: &Connection, number: i64) -> Result<KanaalName, Error> {
    let name = name(connection, number)?;
    let text = name.strip_prefix(b"k").and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(KanaalName::new).ok_or_else(|| corrupt("not a kanaal"))
}

fn uuid(name: &[u8], prefix: &[u8]) -> Result<Uuid, Error> {
    let bytes = name.strip_prefix(prefix).and_then(|bytes| Uuid::from_slice(bytes).ok());
    bytes.ok_or_else(|| corrupt("not an id"))
}

pub(super) fn subscription(connection: &Connection, number: i64) -> Result<SubscriptionId, Error> {
    uuid(&name(connection, number)?, b"s").map(SubscriptionId)
}

pub(super) fn run(connection: &Connection, number: i64) -> Result<Option<RunId>, Error> {
    if number == 0 {
        return Ok(None);
    }
    uuid(&name(connection, number)?, b"r").map(|id| Some(RunId(id)))
}

/// The cache of the writing thread; must be dropped when a transaction is rolled back.
#[derive(Debug, Default)]
pub(super) struct NameIds(HashMap<Vec<u8>, i64>);

impl NameIds {
    /// The number of a name, assigned if it has none.
    pub(super) fn get(&mut self, connection: &Connection, name: impl AsRef<[u8]>) -> Result<i64, Error> {
        let name = name.as_ref();
        if let Some(number) = self.0.get(name) {
            return Ok(*number);
        }
        let number = if let Some(number) = find(connection, name)? {
            number
        } else {
            connection.prepare_cached("INSERT INTO name (name) VALUES (?1)")?.execute([name])?;
            connection.last_insert_rowid()
        };
        if self.0.len() >= MAX_CACHED {
            self.0.clear();
        }
        self.0.insert(name.to_vec(), number);
        Ok(number)
    }
}
