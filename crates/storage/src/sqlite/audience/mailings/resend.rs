//! Mailings that send the event of another one again (CH-94).
//!
//! A resend is a row of `mailing`, so that its progress is stored like that of any other. In place of a kanaal and channel its
//! topic has [`topic::of_resends`], and in place of an event the mailings that it follows; what it is about is in
//! `mailing_resend`. A program that does not know resends takes no such row for an open mailing: it would send to everybody.

use std::collections::BTreeSet;

use model::mailing::{Failure, MailingId, Phase, Resend};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{super::topic, corrupt, list, progress};
use crate::{Error, mailings::ResendStart};

/// The table, which came later than those of mailings. `first` is the number of the first mailing of the event by the channel.
pub(in crate::sqlite) const TABLE: (&str, &str) = (
    "mailing_resend",
    "CREATE TABLE mailing_resend (
        mailing INTEGER PRIMARY KEY, first INTEGER NOT NULL, topic INTEGER NOT NULL, source TEXT NOT NULL,
        id TEXT NOT NULL, failures INTEGER NOT NULL) STRICT;
     CREATE INDEX mailing_resend_first ON mailing_resend (first)",
);

/// The bit of a failure, stored.
const fn bit(failure: Failure) -> i64 {
    match failure {
        Failure::Permanent => 1,
        Failure::Temporary => 2,
        Failure::Technical => 4,
        Failure::InDoubt => 8,
    }
}

fn bits(failures: &BTreeSet<Failure>) -> i64 {
    failures.iter().map(|failure| bit(*failure)).sum()
}

/// What a row of `mailing_resend` says.
pub(super) fn of(first: i64, bits: i64) -> Result<Resend, Error> {
    let failures: BTreeSet<Failure> = Failure::ALL.into_iter().filter(|failure| bits & bit(*failure) != 0).collect();
    if failures.is_empty() || self::bits(&failures) != bits {
        return Err(corrupt("not failures"));
    }
    Ok(Resend { of: MailingId(first as u64), failures })
}

/// Starts a resend after the last mailing of the event by the channel, when all of them have ended.
pub(super) fn start(
    connection: &Connection,
    id: MailingId,
    failures: &BTreeSet<Failure>,
) -> Result<ResendStart, Error> {
    type About = (i64, i64, String, String);
    let sql = "SELECT coalesce(r.first, m.number), coalesce(r.topic, m.topic), coalesce(r.source, m.source),
             coalesce(r.id, m.id)
         FROM mailing m LEFT JOIN mailing_resend r ON r.mailing = m.number WHERE m.number = ?1";
    let about = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let found: Option<About> = connection.prepare_cached(sql)?.query_row([id.0 as i64], about).optional()?;
    let Some((first, event_topic, source, event)) = found else { return Ok(ResendStart::Unknown) };
    let sql = "SELECT max(number), count(*) - count(ended) FROM mailing
         WHERE number = ?1 OR number IN (SELECT mailing FROM mailing_resend WHERE first = ?1)";
    let (last, open): (i64, i64) =
        connection.prepare_cached(sql)?.query_row([first], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if open > 0 {
        return Ok(ResendStart::Open);
    }
    let sql = "INSERT INTO mailing (topic, source, id, partition, position, accepted, expires, walked, phase, counts)
         SELECT ?2, '', ?3, partition, position, accepted, expires, 0, ?4, '{}' FROM mailing WHERE number = ?1";
    connection.prepare_cached(sql)?.execute((
        id.0 as i64,
        topic::of_resends(event_topic >> 2),
        format!("{first}/{last}"),
        progress::phase_number(Phase::Active),
    ))?;
    let number = connection.last_insert_rowid();
    let sql =
        "INSERT INTO mailing_resend (mailing, first, topic, source, id, failures) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute((number, first, event_topic, source, event, bits(failures)))?;
    let started = list::open_one(connection, MailingId(number as u64))?;
    started.map(ResendStart::Started).ok_or_else(|| corrupt("a resend is missing"))
}

/// Removes what is left of resends that were removed with the oldest mailings.
pub(super) fn remove_oldest(connection: &Connection) -> Result<(), Error> {
    let sql = "DELETE FROM mailing_resend WHERE mailing < (SELECT min(number) FROM mailing)";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
