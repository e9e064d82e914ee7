//! Removes old rows: one short transaction per table, oldest rows first.

use std::sync::{Mutex, PoisonError};

use model::Timestamp;
use rusqlite::Connection;

use crate::Error;

/// Statements that delete at most `?2` rows older than `?1`.
const STEPS: [&str; 4] = [
    "DELETE FROM event WHERE (kanaal, partition, position) IN
        (SELECT kanaal, partition, position FROM event WHERE appended < ?1 ORDER BY appended LIMIT ?2)",
    "DELETE FROM attempt WHERE (kanaal, partition, position, subscription, run, number) IN
        (SELECT kanaal, partition, position, subscription, run, number FROM attempt
         WHERE started < ?1 ORDER BY started LIMIT ?2)",
    "DELETE FROM delivery WHERE (kanaal, partition, position, subscription, run) IN
        (SELECT kanaal, partition, position, subscription, run FROM delivery WHERE at < ?1 ORDER BY at LIMIT ?2)",
    "DELETE FROM settled_range WHERE id IN (SELECT id FROM settled_range WHERE at < ?1 ORDER BY at LIMIT ?2)",
];

/// Removes at most `max` rows; returns their number.
pub(super) fn rows(connection: &Mutex<Connection>, before: Timestamp, max: usize) -> Result<usize, Error> {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let mut removed = 0;
    for step in STEPS {
        let most = i64::try_from(max - removed).unwrap_or(i64::MAX);
        removed += connection.prepare_cached(step)?.execute((before.as_micros(), most))?;
    }
    Ok(removed)
}
