//! Stores addressees, all or none.

use std::collections::HashSet;

use model::addressee::{Addressee, FilterId};
use rusqlite::Connection;

use super::{
    filters, form,
    names::{Kind, Names},
    outgoing,
    row::{self, Columns},
    slots,
    tally::Differences,
    topic,
};
use crate::audience::{Error, MAX_OF_ADDRESS, Put, Version};

/// The size of an addressee in the writer's queue, in bytes.
pub(super) fn queue_bytes(put: &Put) -> usize {
    let address = put.addressee.address.as_ref().map_or(0, |address| address.ciphertext.len());
    let due = put.due.as_ref().map_or(0, |due| 256 + due.secret.as_ref().map_or(0, |secret| secret.ciphertext.len()));
    512 + address + put.addressee.attributes.as_str().len() + due
}

/// Stores addressees inside the transaction of a group. What the caller did wrong is in the inner result; then nothing of it is
/// written, and the others of the group are.
pub(super) fn all(connection: &Connection, puts: &[Put]) -> Result<Result<(), Error>, crate::Error> {
    connection.execute_batch("SAVEPOINT put")?;
    match store(connection, puts) {
        Ok(()) => {
            connection.execute_batch("RELEASE put")?;
            Ok(Ok(()))
        }
        Err(Error::Storage(error)) => Err(error),
        Err(refused) => {
            connection.execute_batch("ROLLBACK TO put; RELEASE put")?;
            Ok(Err(refused))
        }
    }
}

fn store(connection: &Connection, puts: &[Put]) -> Result<(), Error> {
    let mut batch = Batch::default();
    for put in puts {
        batch.put(connection, put)?;
    }
    batch.differences.store(connection)?;
    Ok(())
}

/// What is remembered while addressees are stored in one transaction.
#[derive(Debug, Default)]
pub(super) struct Batch {
    names: Names,
    filters: HashSet<FilterId>,
    pub(super) differences: Differences,
}

impl Batch {
    fn put(&mut self, connection: &Connection, put: &Put) -> Result<(), Error> {
        let addressee = &put.addressee;
        let found = row::find(connection, addressee.id)?;
        if found.as_ref().map(|found| Version(found.version)) != put.seen {
            return Err(Error::Conflict(addressee.id));
        }
        let kanaal = self.names.number(connection, Kind::Kanaal, addressee.kanaal.as_str())?;
        let topic = topic::of(kanaal, addressee.channel);
        if found.as_ref().is_some_and(|found| found.topic != topic) {
            return Err(Error::Conflict(addressee.id));
        }
        if let Some(filter) = addressee.filter
            && self.filters.insert(filter)
            && !filters::is_known(connection, filter)?
        {
            return Err(Error::UnknownFilter(filter));
        }
        let is_of_address = found.as_ref().is_some_and(|found| found.digest == addressee.digest);
        if !is_of_address && has_too_many(connection, topic, addressee)? {
            return Err(Error::TooManyOfAddress(addressee.id));
        }
        if put.alone && has_others(connection, topic, (found.as_ref(), addressee))? {
            return Err(Error::Conflict(addressee.id));
        }
        let number = self.write(connection, found.as_ref(), addressee)?;
        if let Some(due) = &put.due {
            outgoing::store(connection, &mut self.names, number, due)?;
        }
        Ok(())
    }

    /// Writes an addressee over the row that was found, or as a new one; returns the number of its row.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        found: Option<&Columns>,
        addressee: &Addressee,
    ) -> Result<i64, crate::Error> {
        let body = slots::pad(form::encode(connection, &mut self.names, addressee)?);
        let slot = match found {
            Some(found) => slots::replace(connection, found.slot, &body)?,
            None => slots::take(connection, &body)?,
        };
        let (number, version) = found.map_or((0, 1), |found| (found.number, found.version + 1));
        let columns = Columns::new(connection, &mut self.names, addressee, (number, version, slot))?;
        if let Some(found) = found {
            self.differences.remove(found.tally_key());
        }
        self.differences.add(columns.tally_key());
        let sql = if found.is_some() {
            "UPDATE addressee SET id = ?2, topic = ?3, digest = ?4, state = ?5, filter = ?6, version = ?7, since = ?8,
                 expires = ?9, pending = ?10, slot = ?11, checksum = ?12 WHERE number = ?1"
        } else {
            "INSERT INTO addressee (number, id, topic, digest, state, filter, version, since, expires, pending, slot,
                 checksum) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        };
        connection.prepare_cached(sql)?.execute((
            columns.number,
            &columns.id.0.as_bytes()[..],
            columns.topic,
            &columns.digest.0[..],
            columns.state,
            columns.filter,
            columns.version as i64,
            columns.since,
            columns.expires,
            columns.pending.as_ref().map(|pending| &pending.0[..]),
            columns.slot,
            columns.checksum(&body),
        ))?;
        Ok(if found.is_some() { number } else { connection.last_insert_rowid() })
    }
}

/// Whether there is another one of the address that has not ended.
fn has_others(
    connection: &Connection,
    topic: i64,
    (found, addressee): (Option<&Columns>, &Addressee),
) -> Result<bool, crate::Error> {
    let sql = "SELECT 1 FROM addressee WHERE topic = ?1 AND digest = ?2 AND state <> ?3 AND number <> ?4";
    let own = found.map_or(0, |found| found.number);
    Ok(connection.prepare_cached(sql)?.exists((topic, &addressee.digest.0[..], row::ENDED, own))?)
}

fn has_too_many(connection: &Connection, topic: i64, addressee: &Addressee) -> Result<bool, crate::Error> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM addressee WHERE topic = ?1 AND digest = ?2 LIMIT ?3)";
    let most = MAX_OF_ADDRESS as i64;
    let count: i64 =
        connection.prepare_cached(sql)?.query_row((topic, &addressee.digest.0[..], most), |row| row.get(0))?;
    Ok(count >= most)
}
