//! Finds addressees by id, by address, and by the moment at which they end.

use model::{
    Timestamp,
    addressee::{AddresseeId, Digest},
};
use rusqlite::Connection;

use super::{names::Names, row, tally};
use crate::{Error, audience::Stored};

/// The addressee with an id.
pub(super) fn get(connection: &Connection, id: AddresseeId) -> Result<Option<Stored>, Error> {
    row::read_by_id(connection, &mut Names::default(), id)
}

/// The numbers of the rows of an address, of all topics.
pub(super) fn numbers(connection: &Connection, digest: &Digest) -> Result<Vec<i64>, Error> {
    let mut select = connection.prepare_cached("SELECT number FROM addressee WHERE topic = ?1 AND digest = ?2")?;
    let mut numbers = Vec::new();
    for topic in tally::topics(connection)? {
        for number in select.query_map((topic, &digest.0[..]), |row| row.get(0))? {
            numbers.push(number?);
        }
    }
    Ok(numbers)
}

/// All addressees of an address.
pub(super) fn all(connection: &Connection, digest: &Digest) -> Result<Vec<Stored>, Error> {
    let mut names = Names::default();
    let numbers = numbers(connection, digest)?.into_iter();
    let mut found = numbers.map(|number| row::read(connection, &mut names, number)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|stored| stored.addressee.id);
    Ok(found)
}

/// Addressees whose own end has come, first ones first.
pub(super) fn expired(connection: &Connection, now: Timestamp, limit: u32) -> Result<Vec<Stored>, Error> {
    let sql = "SELECT number FROM addressee WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut names = Names::default();
    let rows = statement.query_map((now.as_micros(), limit), |row| row.get(0))?;
    rows.map(|number| row::read(connection, &mut names, number?)).collect()
}
