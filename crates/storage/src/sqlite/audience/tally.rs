//! The numbers of addressees by topic, state and filter, kept with each change, so that counts and distinct filters cost no
//! walk.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::Error;

/// Topic, state and filter as stored.
pub(super) type Key = (i64, i64, i64);

/// The differences that one transaction makes.
#[derive(Debug, Default)]
pub(super) struct Differences(HashMap<Key, i64>);

impl Differences {
    /// One more.
    pub(super) fn add(&mut self, key: Key) {
        *self.0.entry(key).or_default() += 1;
    }

    /// One less.
    pub(super) fn remove(&mut self, key: Key) {
        *self.0.entry(key).or_default() -= 1;
    }

    /// Writes them.
    pub(super) fn store(self, connection: &Connection) -> Result<(), Error> {
        let mut add = connection.prepare_cached(
            "INSERT INTO tally (topic, state, filter, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        let mut remove = connection
            .prepare_cached("DELETE FROM tally WHERE topic = ?1 AND state = ?2 AND filter = ?3 AND count <= 0")?;
        for ((topic, state, filter), difference) in self.0 {
            if difference != 0 {
                add.execute((topic, state, filter, difference))?;
            }
            if difference < 0 {
                remove.execute((topic, state, filter))?;
            }
        }
        Ok(())
    }
}

/// The number of all addressees.
pub(in crate::sqlite) fn total(connection: &Connection) -> Result<u64, Error> {
    let total: i64 = connection.query_row("SELECT coalesce(sum(count), 0) FROM tally", [], |row| row.get(0))?;
    Ok(total as u64)
}

/// The topics that have addressees.
pub(super) fn topics(connection: &Connection) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT topic FROM tally")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
