//! What waits for the moment of its event (CH-98): the decisions to cancel and to replace it, and the sealed records of events that
//! replace another one, until they are on the log.
//!
//! A message of the inbox that is replaced is due and over at the moment of the decision: it appears expired, so nobody sees it, and
//! it is cancelled no more.

use std::{collections::BTreeSet, time::Duration};

use model::{
    KanaalName, Timestamp,
    addressee::Channel,
    mailing::{MailingId, Phase},
    sealed::Sealed,
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    super::{
        names::{self, Kind, Names},
        topic,
    },
    corrupt, progress,
};
use crate::{
    Error,
    mailings::{MAX_REPLACEMENTS, Replaced, Replacement, StoredReplacement},
};

/// The table, which came later than those of mailings.
pub(in crate::sqlite) const TABLE: (&str, &str) = (
    "replacement",
    "CREATE TABLE replacement (
        number INTEGER PRIMARY KEY AUTOINCREMENT, kanaal INTEGER NOT NULL, key TEXT NOT NULL, record BLOB NOT NULL) STRICT",
);

/// The stored phase of a mailing that is stopped.
const STOPPED: i64 = progress::phase_number(Phase::Stopped);

/// The wait before a replacement is tried again when too many are not published yet.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Stops mailings, or changes nothing.
pub(super) fn cancel(connection: &Connection, ids: &[MailingId]) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM mailing WHERE number = ?1 AND ended IS NULL AND phase != ?2)";
    let mut waits = connection.prepare_cached(sql)?;
    for id in ids {
        if !waits.query_row((id.0 as i64, STOPPED), |row| row.get::<_, bool>(0))? {
            return Ok(false);
        }
    }
    stop(connection, ids.iter().map(|id| id.0 as i64))?;
    Ok(true)
}

fn stop(connection: &Connection, numbers: impl IntoIterator<Item = i64>) -> Result<(), Error> {
    let mut stop = connection.prepare_cached("UPDATE mailing SET phase = ?2 WHERE number = ?1")?;
    for number in numbers {
        stop.execute((number, STOPPED))?;
    }
    Ok(())
}

/// Replaces an event, or changes nothing.
pub(super) fn decide(connection: &Connection, wanted: &Replacement, now: Timestamp) -> Result<Replaced, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, wanted.event.kanaal.as_str())? else {
        return Ok(Replaced::Unknown);
    };
    if !is_followed(connection, kanaal, wanted)? {
        return Ok(Replaced::Unknown);
    }
    let mailings = match mailings(connection, kanaal, wanted)? {
        Ok(mailings) => mailings,
        Err(refused) => return Ok(refused),
    };
    let message = match message(connection, kanaal, wanted, now)? {
        Ok(message) => message,
        Err(refused) => return Ok(refused),
    };
    if mailings.is_empty() && message.is_none() {
        return Ok(Replaced::Unknown);
    }
    let waiting: u32 =
        connection.prepare_cached("SELECT count(*) FROM replacement")?.query_row([], |row| row.get(0))?;
    if waiting >= MAX_REPLACEMENTS {
        let reason = "too many replacements are not published yet".to_owned();
        return Err(Error::Unavailable { reason, retry_after: RETRY_AFTER });
    }
    stop(connection, mailings)?;
    if let Some(message) = message {
        let sql = "UPDATE inbox_message SET due = ?2, expires = min(coalesce(expires, ?2), ?2) WHERE message = ?1";
        connection.prepare_cached(sql)?.execute((message, now.as_micros()))?;
    }
    let sql = "INSERT INTO replacement (kanaal, key, record) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((kanaal, &wanted.record.key_id, &wanted.record.ciphertext))?;
    Ok(Replaced::Done)
}

/// Whether everything that follows the partition has met the event.
fn is_followed(connection: &Connection, kanaal: i64, wanted: &Replacement) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM mailing_followed WHERE kanaal = ?1 AND partition = ?2 AND mark <= ?3)
         OR EXISTS (SELECT 1 FROM inbox_followed WHERE kanaal = ?1 AND partition = ?2 AND mark <= ?3)";
    let values = (kanaal, wanted.partition.0, wanted.position.0 as i64);
    let is_behind: bool = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(!is_behind)
}

/// The numbers of the mailings of the event, if these are the ones that do not begin meanwhile.
fn mailings(
    connection: &Connection,
    kanaal: i64,
    wanted: &Replacement,
) -> Result<Result<BTreeSet<i64>, Replaced>, Error> {
    let [email, sms, inbox] = Channel::ALL.map(|channel| topic::of(kanaal, channel));
    let sql = "SELECT number, ended IS NOT NULL OR phase = ?6 FROM mailing
         WHERE topic IN (?1, ?2, ?3) AND source = ?4 AND id = ?5";
    let values = (email, sms, inbox, &wanted.event.source, &wanted.event.id, STOPPED);
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(values, |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(i64, bool)> = rows.collect::<Result<_, _>>()?;
    if found.iter().any(|(_, is_over)| *is_over) {
        return Ok(Err(Replaced::Over));
    }
    let numbers: BTreeSet<i64> = found.into_iter().map(|(number, _)| number).collect();
    let held: BTreeSet<i64> = wanted.mailings.iter().map(|id| id.0 as i64).collect();
    Ok(if numbers == held { Ok(numbers) } else { Err(Replaced::Unknown) })
}

/// The message of the event, if it waits.
fn message(
    connection: &Connection,
    kanaal: i64,
    wanted: &Replacement,
    now: Timestamp,
) -> Result<Result<Option<i64>, Replaced>, Error> {
    let sql = "SELECT message, number IS NULL AND due > ?4 AND coalesce(expires > ?4, 1) FROM inbox_message
         WHERE kanaal = ?1 AND source = ?2 AND event = ?3";
    let values = (kanaal, &wanted.event.source, &wanted.event.id, now.as_micros());
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(i64, bool)> = connection.prepare_cached(sql)?.query_row(values, row).optional()?;
    Ok(match found {
        None => Ok(None),
        Some((message, true)) => Ok(Some(message)),
        Some((_, false)) => Err(Replaced::Over),
    })
}

/// The oldest record behind a number.
pub(super) fn next(connection: &Connection, after: Option<u64>) -> Result<Option<StoredReplacement>, Error> {
    type Columns = (i64, i64, String, Vec<u8>);
    let sql = "SELECT number, kanaal, key, record FROM replacement WHERE number > ?1 ORDER BY number LIMIT 1";
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let after = after.map_or(0, |after| after as i64);
    let found: Option<Columns> = connection.prepare_cached(sql)?.query_row([after], row).optional()?;
    let Some((number, kanaal, key_id, ciphertext)) = found else { return Ok(None) };
    let kanaal = KanaalName::new(&Names::default().text(connection, kanaal)?);
    let kanaal = kanaal.ok_or_else(|| corrupt("not a name of a kanaal"))?;
    Ok(Some(StoredReplacement { number: number as u64, kanaal, record: Sealed { key_id, ciphertext } }))
}

pub(super) fn remove(connection: &Connection, number: u64) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM replacement WHERE number = ?1")?.execute([number as i64])?;
    Ok(())
}
