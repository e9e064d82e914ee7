//! How kanalen send (CH-132): the state of each, and its trials with their lists.
//!
//! A trial that is over stays as long as a mailing goes on that is of it, and among the last [`KEPT`] of its kanaal.

use std::{collections::BTreeSet, sync::Arc};

use model::{
    KanaalName, Timestamp,
    addressee::Digest,
    mailing::{Sending, SendingChange, SendingState, Trial},
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    super::names::{self, Kind, Names},
    corrupt,
};
use crate::Error;

/// The tables, which came later than those of mailings. `until` is null while a trial goes on.
pub(in crate::sqlite) const TABLES: (&str, &str) = (
    "sending",
    "CREATE TABLE sending (kanaal INTEGER PRIMARY KEY, state INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
     CREATE TABLE trial (
        kanaal INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (kanaal, since))
        STRICT, WITHOUT ROWID;
     CREATE TABLE trial_address (
        kanaal INTEGER NOT NULL, since INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (kanaal, since, digest))
        STRICT, WITHOUT ROWID",
);

/// How many trials of a kanaal are kept when no mailing is of them any more.
const KEPT: u32 = 10;

/// The number of a state, stored.
const fn state_number(state: SendingState) -> i64 {
    match state {
        SendingState::Open => 0,
        SendingState::Paused => 1,
        SendingState::Trial => 2,
    }
}

fn state(number: i64) -> Result<SendingState, Error> {
    let found = SendingState::ALL.into_iter().find(|state| state_number(*state) == number);
    found.ok_or_else(|| corrupt("not a state of sending"))
}

/// All kanalen whose sending was ever changed.
pub(super) fn all(connection: &Connection) -> Result<Vec<(KanaalName, Sending)>, Error> {
    let mut statement = connection.prepare_cached("SELECT kanaal FROM sending ORDER BY kanaal")?;
    let numbers: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut names = Names::default();
    let mut found = Vec::with_capacity(numbers.len());
    for number in numbers {
        let name = KanaalName::new(&names.text(connection, number)?);
        let name = name.ok_or_else(|| corrupt("not a name of a kanaal"))?;
        found.push((name, read(connection, number)?));
    }
    Ok(found)
}

/// One kanaal.
pub(super) fn one(connection: &Connection, kanaal: &KanaalName) -> Result<Sending, Error> {
    let number = names::find(connection, Kind::Kanaal, kanaal.as_str())?;
    number.map_or_else(|| Ok(Sending::default()), |number| read(connection, number))
}

fn read(connection: &Connection, kanaal: i64) -> Result<Sending, Error> {
    let sql = "SELECT state, since FROM sending WHERE kanaal = ?1";
    let columns = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let found = connection.prepare_cached(sql)?.query_row([kanaal], columns).optional()?;
    let Some((number, since)) = found else { return Ok(Sending::default()) };
    let sql = "SELECT since, until FROM trial WHERE kanaal = ?1 ORDER BY since";
    let mut statement = connection.prepare_cached(sql)?;
    let columns = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
    let rows: Vec<_> = statement.query_map([kanaal], columns)?.collect::<Result<_, _>>()?;
    let mut trials = Vec::with_capacity(rows.len());
    for (since, until) in rows {
        let list = Arc::new(list(connection, kanaal, since)?);
        let until = until.map(Timestamp::from_micros);
        trials.push(Trial { since: Timestamp::from_micros(since), until, list });
    }
    Ok(Sending { state: state(number)?, since: Timestamp::from_micros(since), trials })
}

fn list(connection: &Connection, kanaal: i64, since: i64) -> Result<BTreeSet<Digest>, Error> {
    let sql = "SELECT digest FROM trial_address WHERE kanaal = ?1 AND since = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows: Vec<Vec<u8>> = statement.query_map((kanaal, since), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let digest = |bytes: Vec<u8>| bytes.try_into().map(Digest).map_err(|_| corrupt("not a digest"));
    rows.into_iter().map(digest).collect()
}

/// Changes how a kanaal sends, and returns what it is then.
pub(super) fn change(
    connection: &Connection,
    kanaal: &KanaalName,
    change: SendingChange,
    at: Timestamp,
) -> Result<Sending, Error> {
    let number = Names::default().number(connection, Kind::Kanaal, kanaal.as_str())?;
    let before = read(connection, number)?;
    let mut sending = before.clone();
    sending.change(change, at);
    let sql = "INSERT INTO sending (kanaal, state, since) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET state = excluded.state, since = excluded.since";
    connection.prepare_cached(sql)?.execute((number, state_number(sending.state), sending.since.as_micros()))?;
    let sql = "INSERT INTO trial (kanaal, since, until) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET until = excluded.until";
    for trial in sending.trials.iter().filter(|trial| !before.trials.contains(trial)) {
        let (since, until) = (trial.since.as_micros(), trial.until.map(Timestamp::as_micros));
        connection.prepare_cached(sql)?.execute((number, since, until))?;
        let sql = "INSERT INTO trial_address (kanaal, since, digest) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        for digest in trial.list.iter() {
            connection.prepare_cached(sql)?.execute((number, since, &digest.0[..]))?;
        }
    }
    remove_oldest(connection, number)?;
    read(connection, number)
}

fn remove_oldest(connection: &Connection, kanaal: i64) -> Result<(), Error> {
    let sql = "DELETE FROM trial WHERE kanaal = ?1 AND until IS NOT NULL
             AND since NOT IN (SELECT since FROM trial WHERE kanaal = ?1 ORDER BY since DESC LIMIT ?2)
             AND NOT EXISTS (SELECT 1 FROM mailing m WHERE m.ended IS NULL AND m.topic >> 2 = ?1
                 AND m.accepted >= trial.since AND m.accepted < trial.until)";
    if connection.prepare_cached(sql)?.execute((kanaal, KEPT))? > 0 {
        let sql =
            "DELETE FROM trial_address WHERE kanaal = ?1 AND since NOT IN (SELECT since FROM trial WHERE kanaal = ?1)";
        connection.prepare_cached(sql)?.execute([kanaal])?;
    }
    Ok(())
}

/// Removes an address that is erased from every list.
pub(in crate::sqlite::audience) fn erase(connection: &Connection, digest: &Digest) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM trial_address WHERE digest = ?1")?.execute([&digest.0[..]])?;
    Ok(())
}
