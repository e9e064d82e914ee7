//! Evidence of notifications, a row for each event, digest and addressee, and one for each resend to them.

use model::{
    Timestamp,
    addressee::{AddresseeId, Digest, Evidence, Outcome},
    mailing::MailingId,
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::events::Events;
use crate::{Error, audience::EvidencePage};

/// The columns behind the key.
const COLUMNS: &str = "attempts, tried, outcome, ended, read";

/// The table of resends, which came later than the first version of the file. `mailing` is the number of the resend; the other
/// columns are those of `evidence`.
pub(in crate::sqlite) const RESENDS: (&str, &str) = (
    "evidence_resend",
    "CREATE TABLE evidence_resend (
        digest BLOB NOT NULL, event INTEGER NOT NULL, addressee BLOB NOT NULL, mailing INTEGER NOT NULL,
        attempts INTEGER, tried INTEGER, outcome INTEGER, ended INTEGER, read INTEGER,
        PRIMARY KEY (digest, event, addressee, mailing)) STRICT, WITHOUT ROWID;
     CREATE INDEX evidence_resend_event ON evidence_resend (event)",
);

/// Stores evidence, merged with what is known of the resend; without one, of the last time that it was sent.
pub(super) fn record(connection: &Connection, resend: Option<MailingId>, evidence: &[Evidence]) -> Result<(), Error> {
    let mut events = Events::default();
    for report in evidence {
        let event = events.number(connection, report)?;
        let addressee = addressee_bytes(report.addressee);
        let key = Key { digest: &report.digest, event, addressee: &addressee };
        let resend = match resend {
            Some(id) => Some(id.0 as i64),
            None => last_resend(connection, &key)?,
        };
        let merged = match known(connection, &key, resend)? {
            None => report.clone(),
            Some((tried, outcome, read)) => Evidence { tried, outcome, read, ..report.clone() }.merge(report),
        };
        store(connection, &key, resend, &merged)?;
    }
    Ok(())
}

/// What evidence is about, as it is stored.
struct Key<'a> {
    digest: &'a Digest,
    event: i64,
    addressee: &'a [u8],
}

/// The last resend to an addressee of which there is evidence.
fn last_resend(connection: &Connection, key: &Key<'_>) -> Result<Option<i64>, Error> {
    let sql = "SELECT max(mailing) FROM evidence_resend WHERE digest = ?1 AND event = ?2 AND addressee = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row((&key.digest.0[..], key.event, key.addressee), |row| row.get(0))?)
}

fn known(connection: &Connection, key: &Key<'_>, resend: Option<i64>) -> Result<Option<Progress>, Error> {
    let (table, of_resend) = match resend {
        None => ("evidence", "?4 IS NULL"),
        Some(_) => ("evidence_resend", "mailing = ?4"),
    };
    let sql =
        format!("SELECT {COLUMNS} FROM {table} WHERE digest = ?1 AND event = ?2 AND addressee = ?3 AND {of_resend}");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement
        .query_row((&key.digest.0[..], key.event, key.addressee, resend), |row| Ok(progress(row, 0)))
        .optional()?;
    found.transpose()
}

fn store(connection: &Connection, key: &Key<'_>, resend: Option<i64>, merged: &Evidence) -> Result<(), Error> {
    let sql = match resend {
        None => {
            "INSERT OR REPLACE INTO evidence (digest, event, addressee, attempts, tried, outcome, ended, read)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        }
        Some(_) => {
            "INSERT OR REPLACE INTO evidence_resend
                 (digest, event, addressee, attempts, tried, outcome, ended, read, mailing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        }
    };
    let (attempts, tried) = merged.tried.map(|(attempts, at)| (attempts, at.as_micros())).unzip();
    let (outcome, ended) = merged.outcome.map(|(outcome, at)| (outcome_number(outcome), at.as_micros())).unzip();
    let read = merged.read.map(Timestamp::as_micros);
    let (digest, event, addressee) = (&key.digest.0[..], key.event, key.addressee);
    let mut statement = connection.prepare_cached(sql)?;
    match resend {
        None => statement.execute((digest, event, addressee, attempts, tried, outcome, ended, read))?,
        Some(id) => statement.execute((digest, event, addressee, attempts, tried, outcome, ended, read, id))?,
    };
    Ok(())
}

/// The evidence of an address, in the order of events as they became known, and of the times that one was sent.
pub(super) fn of_address(connection: &Connection, digest: &Digest, page: EvidencePage) -> Result<Vec<Evidence>, Error> {
    let sql = format!(
        "SELECT event, addressee, {COLUMNS}, 0 AS mailing FROM evidence WHERE digest = ?1
         UNION ALL SELECT event, addressee, {COLUMNS}, mailing FROM evidence_resend WHERE digest = ?1
         ORDER BY event, addressee, mailing LIMIT ?2 OFFSET ?3"
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

pub(super) fn outcome(number: i64) -> Result<Outcome, Error> {
    let found = Outcome::ALL.into_iter().find(|outcome| outcome_number(*outcome) == number);
    found.ok_or_else(|| corrupt("not an outcome"))
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "evidence", reason: reason.into() }
}
