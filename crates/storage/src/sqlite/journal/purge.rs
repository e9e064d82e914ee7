//! Removes what the journal has of purged events: index, deliveries and attempts. Dead letters are in `gateway.sqlite`.
//!
//! What was read before a purge may be recorded after it, so the writers ask [`Purged`] and leave that out. This is lost
//! with the process, as is everything that was read.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::{KanaalName, Mark, Partition, Position};
use rusqlite::Connection;

use super::name_ids;
use crate::{Error, journal::Entry, sqlite::erase};

/// Most rows that one transaction deletes.
const ROWS: i64 = 512;

/// Statements that delete at most `?4` rows of kanaal `?1`, partition `?2`, of positions before `?3`.
const STEPS: [&str; 4] = [
    "DELETE FROM event WHERE (kanaal, partition, position) IN
        (SELECT kanaal, partition, position FROM event
         WHERE kanaal = ?1 AND partition = ?2 AND position < ?3 LIMIT ?4)",
    "DELETE FROM attempt WHERE (kanaal, partition, position, subscription, run, number) IN
        (SELECT kanaal, partition, position, subscription, run, number FROM attempt
         WHERE kanaal = ?1 AND partition = ?2 AND position < ?3 LIMIT ?4)",
    "DELETE FROM delivery WHERE (kanaal, partition, position, subscription, run) IN
        (SELECT kanaal, partition, position, subscription, run FROM delivery
         WHERE kanaal = ?1 AND partition = ?2 AND position < ?3 LIMIT ?4)",
    "DELETE FROM settled_range WHERE id IN
        (SELECT id FROM settled_range WHERE kanaal = ?1 AND partition = ?2 AND until <= ?3 LIMIT ?4)",
];

/// The marks before which events were purged since the start.
#[derive(Debug, Default)]
pub(super) struct Purged(Mutex<HashMap<KanaalName, HashMap<Partition, Mark>>>);

impl Purged {
    pub(super) fn add(&self, kanaal: &KanaalName, ends: &[(Partition, Mark)]) {
        let mut purged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let marks = purged.entry(kanaal.clone()).or_default();
        for (partition, end) in ends {
            let mark = marks.entry(*partition).or_default();
            *mark = (*end).max(*mark);
        }
    }

    /// Whether the event at a position was purged.
    pub(super) fn contains(&self, kanaal: &KanaalName, partition: Partition, position: Position) -> bool {
        let purged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        purged.get(kanaal).and_then(|marks| marks.get(&partition)).is_some_and(|mark| position.0 < mark.0)
    }

    /// Whether an entry is about an event that was purged.
    pub(super) fn concerns(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Event(event) => self.contains(&event.kanaal, event.partition, event.position),
            Entry::Attempt { delivery, .. } | Entry::Settled { delivery, .. } => {
                self.contains(&delivery.kanaal, delivery.partition, delivery.position)
            }
            Entry::SettledRange { .. } | Entry::Run(_) => false,
        }
    }
}

/// Removes the rows of events before a mark, in short transactions. The mark of the index stays.
pub(super) fn rows(
    connection: &Mutex<Connection>,
    kanaal: &KanaalName,
    (partition, end): (Partition, Mark),
) -> Result<(), Error> {
    let lock = || connection.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(number) = name_ids::find(&lock(), &name_ids::of_kanaal(kanaal))? else { return Ok(()) };
    let end = i64::try_from(end.0).unwrap_or(i64::MAX);
    for step in STEPS {
        let delete =
            |connection: &Connection| Ok(connection.prepare_cached(step)?.execute((number, partition.0, end, ROWS))?);
        while erase::securely(&lock(), delete)? > 0 {}
    }
    Ok(())
}
