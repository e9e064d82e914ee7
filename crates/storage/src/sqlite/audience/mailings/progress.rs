//! The progress of one mailing: checkpoints, and their sum.

use std::collections::BTreeMap;

use model::{
    Timestamp,
    addressee::{AddresseeId, Digest},
    mailing::{Checkpoint, Cursor, MailingId, Phase, Progress, Unsettled},
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{corrupt, counts, resend};
use crate::{Error, mailings::MAX_ENDED};

/// The number of a phase, stored.
pub(super) const fn phase_number(phase: Phase) -> i64 {
    match phase {
        Phase::Active => 0,
        Phase::Suspended => 1,
        Phase::Stopped => 2,
    }
}

pub(super) fn phase(number: i64) -> Result<Phase, Error> {
    let all = [Phase::Active, Phase::Suspended, Phase::Stopped];
    all.into_iter().find(|phase| phase_number(*phase) == number).ok_or_else(|| corrupt("not a phase"))
}

pub(super) fn apply(connection: &Connection, id: MailingId, checkpoint: &Checkpoint) -> Result<(), Error> {
    let (cursor, walked) = match &checkpoint.cursor {
        Cursor::After(digest) => (digest.as_ref().map(|digest| &digest.0[..]), false),
        Cursor::End => (None, true),
    };
    let sql =
        "UPDATE mailing SET cursor = ?2, walked = ?3, phase = ?4, counts = ?5 WHERE number = ?1 AND ended IS NULL";
    let number = id.0 as i64;
    let counts = counts::encode(&checkpoint.counts)?;
    let changed =
        connection.prepare_cached(sql)?.execute((number, cursor, walked, phase_number(checkpoint.phase), counts))?;
    if changed == 0 {
        return Ok(());
    }
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO mailing_unsettled
             (mailing, addressee, digest, attempts, first, last, retry_at, in_doubt, intent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for one in &checkpoint.changed {
        insert.execute((
            number,
            &one.id.0.as_bytes()[..],
            &one.digest.0[..],
            one.attempts,
            one.tried.map(|(first, _)| first.as_micros()),
            one.tried.map(|(_, last)| last.as_micros()),
            one.retry_at.map(Timestamp::as_micros),
            one.in_doubt,
            one.intent,
        ))?;
    }
    let mut delete =
        connection.prepare_cached("DELETE FROM mailing_unsettled WHERE mailing = ?1 AND addressee = ?2")?;
    for addressee in &checkpoint.ended {
        delete.execute((number, &addressee.0.as_bytes()[..]))?;
    }
    Ok(())
}

/// Ends a mailing, and removes the oldest of those that have ended when there are too many. One whose event waits for the mail of
/// somebody stays.
pub(super) fn end(connection: &Connection, id: MailingId, at: Timestamp) -> Result<(), Error> {
    let number = id.0 as i64;
    let sql = "UPDATE mailing SET ended = ?2, cursor = NULL WHERE number = ?1 AND ended IS NULL";
    connection.prepare_cached(sql)?.execute((number, at.as_micros()))?;
    connection.prepare_cached("DELETE FROM mailing_unsettled WHERE mailing = ?1")?.execute([number])?;
    let sql =
        "DELETE FROM mailing WHERE ended IS NOT NULL AND number NOT IN (SELECT mailing FROM collected) AND number <=
             (SELECT number FROM mailing WHERE ended IS NOT NULL ORDER BY number DESC LIMIT 1 OFFSET ?1)";
    if connection.prepare_cached(sql)?.execute([MAX_ENDED])? > 0 {
        resend::remove_oldest(connection)?;
    }
    Ok(())
}

pub(super) fn read(connection: &Connection, id: MailingId) -> Result<Option<Progress>, Error> {
    type Columns = (Option<Vec<u8>>, bool, i64, String);
    let sql = "SELECT cursor, walked, phase, counts FROM mailing WHERE number = ?1 AND ended IS NULL";
    let columns = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let found: Option<Columns> = connection.prepare_cached(sql)?.query_row([id.0 as i64], columns).optional()?;
    let Some((cursor, walked, number, text)) = found else { return Ok(None) };
    let cursor = if walked { Cursor::End } else { Cursor::After(cursor.map(digest).transpose()?) };
    let unsettled = unsettled(connection, id)?;
    Ok(Some(Progress { cursor, phase: phase(number)?, counts: counts::decode(&text)?, unsettled }))
}

fn unsettled(connection: &Connection, id: MailingId) -> Result<BTreeMap<AddresseeId, Unsettled>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT addressee, digest, attempts, first, last, retry_at, in_doubt, intent FROM mailing_unsettled
         WHERE mailing = ?1",
    )?;
    let mut rows = statement.query([id.0 as i64])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let moment = |column: usize| Ok::<_, Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros));
        let id = Uuid::from_slice(&row.get::<_, Vec<u8>>(0)?).map_err(|_| corrupt("not an id"))?;
        let one = Unsettled {
            id: AddresseeId(id),
            digest: digest(row.get(1)?)?,
            attempts: row.get(2)?,
            tried: moment(3)?.zip(moment(4)?),
            retry_at: moment(5)?,
            in_doubt: row.get(6)?,
            intent: row.get(7)?,
        };
        all.insert(one.id, one);
    }
    Ok(all)
}

fn digest(bytes: Vec<u8>) -> Result<Digest, Error> {
    bytes.try_into().map(Digest).map_err(|_| corrupt("not a digest"))
}
