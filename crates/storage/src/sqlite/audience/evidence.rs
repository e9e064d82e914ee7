//! Evidence of notifications, a row for each event, digest and addressee.

use model::{
    Timestamp,
    addressee::{AddresseeId, Digest, Evidence, Outcome},
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::events::Events;
use crate::{Error, audience::EvidencePage};

/// The columns behind the key.
const COLUMNS: &str = "attempts, tried, outcome, ended, read";

/// Stores evidence, merged with what is known.
pub(super) fn record(connection: &Connection, evidence: &[Evidence]) -> Result<(), Error> {
    let mut events = Events::default();
    let select = format!("SELECT {COLUMNS} FROM evidence WHERE digest = ?1 AND event = ?2 AND addressee = ?3");
    let mut select = connection.prepare_cached(&select)?;
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO evidence (digest, event, addressee, attempts, tried, outcome, ended, read)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for report in evidence {
        let event = events.number(connection, report)?;
        let key = (&report.digest.0[..], event, addressee_bytes(report.addressee));
        let progress = select.query_row((key.0, key.1, &key.2), |row| Ok(progress(row, 0))).optional()?.transpose()?;
        let merged = match progress {
            None => report.clone(),
            Some((tried, outcome, read)) => Evidence { tried, outcome, read, ..report.clone() }.merge(report),
        };
        insert.execute((
            key.0,
            key.1,
            key.2,
            merged.tried.map(|(attempts, _)| attempts),
            merged.tried.map(|(_, at)| at.as_micros()),
            merged.outcome.map(|(outcome, _)| outcome_number(outcome)),
            merged.outcome.map(|(_, at)| at.as_micros()),
            merged.read.map(Timestamp::as_micros),
        ))?;
    }
    Ok(())
}

/// The evidence of an address, in the order of events as they became known.
pub(super) fn of_address(connection: &Connection, digest: &Digest, page: EvidencePage) -> Result<Vec<Evidence>, Error> {
    let sql = format!(
        "SELECT event, addressee, {COLUMNS} FROM evidence WHERE digest = ?1 ORDER BY event, addressee LIMIT ?2 OFFSET ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let offset = i64::try_from(page.offset).unwrap_or(i64::MAX);
    let mut rows = statement.query((&digest.0[..], page.limit.min(1_000), offset))?;
    let (mut found, mut events) = (Vec::new(), Events::default());
    while let Some(row) = rows.next()? {
        let (event, accepted) = events.read(connection, row.get(0)?)?;
        let (tried, outcome, read) = progress(row, 2)?;
        let addressee = addressee(row.get(1)?)?;
        found.push(Evidence { event, digest: *digest, addressee, accepted, tried, outcome, read });
    }
    Ok(found)
}

type Progress = (Option<(u32, Timestamp)>, Option<(Outcome, Timestamp)>, Option<Timestamp>);

/// The columns from `first` on.
fn progress(row: &Row<'_>, first: usize) -> Result<Progress, Error> {
    let moment = |column: usize| Ok::<_, Error>(row.get::<_, Option<i64>>(first + column)?.map(Timestamp::from_micros));
    let (attempts, number): (Option<u32>, Option<i64>) = (row.get(first)?, row.get(first + 2)?);
    let outcome = number.map(outcome).transpose()?;
    Ok((attempts.zip(moment(1)?), outcome.zip(moment(3)?), moment(4)?))
}

/// The addressee in a key; empty for none.
fn addressee_bytes(addressee: Option<AddresseeId>) -> Vec<u8> {
    addressee.map_or(Vec::new(), |addressee| addressee.0.as_bytes().to_vec())
}

fn addressee(bytes: Vec<u8>) -> Result<Option<AddresseeId>, Error> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Uuid::from_slice(&bytes).map(|id| Some(AddresseeId(id))).map_err(|_| corrupt("not an id"))
}

/// The number of an outcome, stored.
const fn outcome_number(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Sent => 0,
        Outcome::Delivered => 1,
        Outcome::PermanentFailure => 2,
        Outcome::TemporaryFailure => 3,
        Outcome::TechnicalFailure => 4,
        Outcome::InDoubt => 5,
        Outcome::Expired => 6,
        Outcome::Ended => 7,
    }
}

fn outcome(number: i64) -> Result<Outcome, Error> {
    let found = Outcome::ALL.into_iter().find(|outcome| outcome_number(*outcome) == number);
    found.ok_or_else(|| corrupt("not an outcome"))
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "evidence", reason: reason.into() }
}
