//! Events that evidence is about, as small numbers.

use std::collections::HashMap;

use model::{
    Timestamp,
    addressee::{EventReference, Evidence},
};
use rusqlite::{Connection, OptionalExtension};

use super::names::{Kind, Names};
use crate::Error;

/// The events that one operation met.
#[derive(Debug, Default)]
pub(super) struct Events {
    names: Names,
    numbers: HashMap<EventReference, i64>,
    read: HashMap<i64, (EventReference, Timestamp)>,
}

impl Events {
    /// The number of the event of an evidence, assigned if it has none.
    pub(super) fn number(&mut self, connection: &Connection, evidence: &Evidence) -> Result<i64, Error> {
        let event = &evidence.event;
        if let Some(number) = self.numbers.get(event) {
            return Ok(*number);
        }
        let kanaal = self.names.number(connection, Kind::Kanaal, event.kanaal.as_str())?;
        let sql = "SELECT number FROM event WHERE kanaal = ?1 AND source = ?2 AND id = ?3";
        let known: Option<i64> = connection
            .prepare_cached(sql)?
            .query_row((kanaal, &event.source, &event.id), |row| row.get(0))
            .optional()?;
        let number = if let Some(number) = known {
            number
        } else {
            let sql = "INSERT INTO event (kanaal, source, id, accepted) VALUES (?1, ?2, ?3, ?4)";
            let accepted = evidence.accepted.as_micros();
            connection.prepare_cached(sql)?.execute((kanaal, &event.source, &event.id, accepted))?;
            connection.last_insert_rowid()
        };
        self.numbers.insert(event.clone(), number);
        Ok(number)
    }

    /// The event of a number, and when it was accepted.
    pub(super) fn read(&mut self, connection: &Connection, number: i64) -> Result<(EventReference, Timestamp), Error> {
        if let Some(known) = self.read.get(&number) {
            return Ok(known.clone());
        }
        let sql = "SELECT kanaal, source, id, accepted FROM event WHERE number = ?1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let found = connection.prepare_cached(sql)?.query_row([number], row).optional()?;
        let corrupt = |reason: &str| Error::Corrupt { kind: "evidence", reason: reason.into() };
        let (kanaal, source, id, accepted) = found.ok_or_else(|| corrupt("its event is missing"))?;
        let kanaal = model::KanaalName::new(&self.names.text(connection, kanaal)?);
        let kanaal = kanaal.ok_or_else(|| corrupt("not a name of a kanaal"))?;
        let event = (EventReference { kanaal, source, id }, Timestamp::from_micros(accepted));
        self.read.insert(number, event.clone());
        Ok(event)
    }
}
