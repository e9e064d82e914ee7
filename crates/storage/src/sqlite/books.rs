//! Reads what is stored in the files of a store for the accounts of deliveries. Nothing is changed.

use std::{collections::HashMap, path::Path};

use model::{Partition, Registry};
use rusqlite::Connection;

use super::{
    GATEWAY, JOURNAL, control, database, failure, journal, log,
    log_rows::{self, Rows},
    verify::snapshot,
};
use crate::{
    Error,
    books::Bookkeeper,
    encoding::progress::{decode_key, decode_value},
    journal::RecordPlace,
    log::Limit,
    progress::{Key, Value},
};

/// Bounds of one read of a log.
const READ: Limit = Limit { records: 500, bytes: 4 << 20 };

/// Passes what the store in a directory holds on to a bookkeeper.
///
/// # Errors
/// `Unavailable` when there is no store, `NewerVersion` or `Corrupt` when its registry, progress or journal cannot be read.
pub fn read_books(dir: &Path, books: &mut dyn Bookkeeper) -> Result<(), Error> {
    let path = dir.join(GATEWAY);
    if !path.is_file() {
        return Err(failure::broken(format!("there is no {}", path.display())));
    }
    let gateway = snapshot(&path)?;
    // The snapshot of the journal later: outcomes are durable there before a mark is stored.
    let outcomes = snapshot(&dir.join(JOURNAL))?;
    let mut registry = Registry::default();
    control::read(&gateway, &mut registry)?;
    books.start(registry, vec![progress(&gateway)?]);
    let read = if database::has(&gateway, "record.checksum")? { log_rows::read } else { log_rows::read_without };
    for (id, naam, bounds) in log::bounds(&gateway)? {
        let mut next = bounds.first;
        while next < bounds.end {
            match read(&gateway, id, next, bounds.end, READ)? {
                Rows::Damaged(at, cause) => {
                    books.unread(format!("record {at} of kanaal {naam} ({cause})"));
                    next = at + 1;
                }
                Rows::Records(records, _) => {
                    next += records.len() as u64;
                    let place = |position| -> RecordPlace { (naam.clone(), Partition(0), position) };
                    let places: Vec<_> = records.iter().map(|stored| place(stored.position)).collect();
                    for (stored, deliveries) in records.into_iter().zip(journal::outcomes_of(&outcomes, &places)?) {
                        books.record(&naam, Partition(0), stored, &deliveries);
                    }
                }
            }
        }
    }
    Ok(())
}

fn progress(connection: &Connection) -> Result<HashMap<Key, Value>, Error> {
    let mut statement = connection.prepare("SELECT key, value FROM progress")?;
    let mut rows = statement.query([])?;
    let mut entries = HashMap::new();
    while let Some(row) = rows.next()? {
        let (key, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        entries.insert(decode_key(key.into())?, decode_value(value.into())?);
    }
    Ok(entries)
}
