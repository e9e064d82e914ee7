//! Removes rows whose retention is over. Their slots are overwritten at once; the write-ahead log is emptied by the caller.

use model::{KanaalName, Timestamp};
use rusqlite::Connection;

use super::{
    collected, filters,
    names::{self, Kind},
    outgoing,
    row::{self, ENDED, UNCONFIRMED},
    slots,
    tally::Differences,
};
use crate::{Error, audience::Purge};

/// The number of rows to remove.
pub(super) fn count(connection: &Connection, purge: &Purge) -> Result<u64, Error> {
    let by_state = |state: i64, before: Timestamp| -> Result<i64, Error> {
        let sql = "SELECT count(*) FROM addressee WHERE state = ?1 AND since < ?2";
        Ok(connection.prepare_cached(sql)?.query_row((state, before.as_micros()), |row| row.get(0))?)
    };
    let count = match purge {
        Purge::Unconfirmed { before } => by_state(UNCONFIRMED, *before)?,
        Purge::Ended { before } => by_state(ENDED, *before)?,
        Purge::Evidence { kanaal, before } => {
            let Some(kanaal) = names::find(connection, Kind::Kanaal, kanaal.as_str())? else { return Ok(0) };
            let sql = "SELECT (SELECT count(*) FROM event e JOIN evidence v ON v.event = e.number
                           WHERE e.kanaal = ?1 AND e.accepted < ?2)
                       + (SELECT count(*) FROM event e JOIN evidence_resend v ON v.event = e.number
                           WHERE e.kanaal = ?1 AND e.accepted < ?2)";
            connection.prepare_cached(sql)?.query_row((kanaal, before.as_micros()), |row| row.get(0))?
        }
    };
    Ok(count as u64)
}

/// Removes at most `max` rows; returns their number.
pub(super) fn remove(connection: &Connection, purge: &Purge, max: usize) -> Result<usize, Error> {
    match purge {
        Purge::Unconfirmed { before } => addressees(connection, UNCONFIRMED, *before, max),
        Purge::Ended { before } => addressees(connection, ENDED, *before, max),
        Purge::Evidence { kanaal, before } => evidence(connection, kanaal, *before, max),
    }
}

fn addressees(connection: &Connection, state: i64, before: Timestamp, max: usize) -> Result<usize, Error> {
    let sql = "SELECT number FROM addressee WHERE state = ?1 AND since < ?2 ORDER BY since LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let numbers = select.query_map((state, before.as_micros(), max as i64), |row| row.get(0))?;
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    let mut delete = connection.prepare_cached("DELETE FROM addressee WHERE number = ?1")?;
    let mut differences = Differences::default();
    for number in &numbers {
        let found = row::numbered(connection, *number)?;
        slots::free(connection, found.slot)?;
        collected::remove_all(connection, *number)?;
        outgoing::remove_all(connection, *number)?;
        delete.execute([number])?;
        differences.remove(found.tally_key());
    }
    differences.store(connection)?;
    if numbers.len() < max {
        filters::remove_unused(connection)?;
    }
    Ok(numbers.len())
}

fn evidence(connection: &Connection, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, kanaal.as_str())? else { return Ok(0) };
    let mut select = connection
        .prepare_cached("SELECT number FROM event WHERE kanaal = ?1 AND accepted < ?2 ORDER BY accepted LIMIT 1")?;
    let mut remove = connection.prepare_cached(
        "DELETE FROM evidence WHERE (digest, event, addressee) IN
             (SELECT digest, event, addressee FROM evidence WHERE event = ?1 LIMIT ?2)",
    )?;
    let mut remove_resends = connection.prepare_cached(
        "DELETE FROM evidence_resend WHERE (digest, event, addressee, mailing) IN
             (SELECT digest, event, addressee, mailing FROM evidence_resend WHERE event = ?1 LIMIT ?2)",
    )?;
    let mut remove_event = connection.prepare_cached("DELETE FROM event WHERE number = ?1")?;
    let mut removed = 0;
    while removed < max {
        let events = select.query_map((kanaal, before.as_micros()), |row| row.get(0))?;
        let Some(event) = events.collect::<Result<Vec<i64>, _>>()?.first().copied() else { break };
        let left = max - removed;
        let mut rows = remove_resends.execute((event, left as i64))?;
        if rows < left {
            rows += remove.execute((event, (left - rows) as i64))?;
        }
        removed += rows;
        if rows < left {
            remove_event.execute([event])?;
        }
    }
    Ok(removed)
}
