//! Texts that many rows share, as small numbers: kanalen, ids of keys, issuers, clients, agreements and sources. None of them
//! is about one person.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{Connection, OptionalExtension};

use crate::Error;

/// What a text is; stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Kanaal = 1,
    Key = 2,
    Issuer = 3,
    Client = 4,
    Agreement = 5,
    Source = 6,
}

/// The number of a text, if it has one.
pub(super) fn find(connection: &Connection, kind: Kind, text: &str) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT number FROM name WHERE kind = ?1 AND name = ?2")?;
    Ok(statement.query_row((kind as i64, text), |row| row.get(0)).optional()?)
}

/// The names that one operation met. It does not outlive a transaction, because the numbers may be rolled back.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<(Kind, String), i64>,
    texts: HashMap<i64, Arc<str>>,
}

impl Names {
    /// The number of a text, assigned if it has none.
    pub(super) fn number(&mut self, connection: &Connection, kind: Kind, text: &str) -> Result<i64, Error> {
        let key = (kind, text.to_owned());
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        let number = if let Some(number) = find(connection, kind, text)? {
            number
        } else {
            connection.prepare_cached("INSERT INTO name (kind, name) VALUES (?1, ?2)")?.execute((kind as i64, text))?;
            connection.last_insert_rowid()
        };
        self.numbers.insert(key, number);
        Ok(number)
    }

    /// The text of a number.
    pub(super) fn text(&mut self, connection: &Connection, number: i64) -> Result<Arc<str>, Error> {
        if let Some(text) = self.texts.get(&number) {
            return Ok(Arc::clone(text));
        }
        let mut statement = connection.prepare_cached("SELECT name FROM name WHERE number = ?1")?;
        let text: Option<String> = statement.query_row([number], |row| row.get(0)).optional()?;
        let corrupt = || Error::Corrupt { kind: "addressee", reason: format!("there is no name {number}") };
        let text: Arc<str> = text.ok_or_else(corrupt)?.into();
        self.texts.insert(number, Arc::clone(&text));
        Ok(text)
    }
}
