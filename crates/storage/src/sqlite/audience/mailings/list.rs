//! Lists of mailings, and the marks of partitions.

use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::EventReference,
    mailing::{FollowedTo, MailingId, MailingStart, Phase},
};
use rusqlite::{Connection, Params, Row};

use super::{
    super::{
        names::{self, Kind, Names},
        topic,
    },
    corrupt, counts, progress, resend,
};
use crate::{
    Error,
    audience::Collected,
    mailings::{EndedMailing, MAX_PAGE, OpenMailing},
};

/// The columns of a mailing; those that a resend has elsewhere come from there.
const COLUMNS: &str = "m.number, coalesce(r.topic, m.topic), coalesce(r.source, m.source), coalesce(r.id, m.id),
     m.partition, m.position, m.accepted, m.expires, r.first, r.failures";

/// The tables of these columns.
const TABLES: &str = "mailing m LEFT JOIN mailing_resend r ON r.mailing = m.number";

pub(super) fn followed(connection: &Connection, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
    let Some(number) = names::find(connection, Kind::Kanaal, kanaal.as_str())? else { return Ok(Vec::new()) };
    let mut statement = connection
        .prepare_cached("SELECT partition, mark FROM mailing_followed WHERE kanaal = ?1 ORDER BY partition")?;
    let row = |row: &Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?));
    let rows: Vec<(u32, i64)> = statement.query_map([number], row)?.collect::<Result<_, _>>()?;
    let followed = |(partition, mark)| FollowedTo { partition: Partition(partition), mark: Mark(mark as u64) };
    Ok(rows.into_iter().map(followed).collect())
}

pub(super) fn open(
    connection: &Connection,
    kanaal: &KanaalName,
    after: Option<MailingId>,
    limit: u32,
) -> Result<Vec<OpenMailing>, Error> {
    let Some([email, sms, inbox]) = topic::of_kanaal(connection, kanaal)? else { return Ok(Vec::new()) };
    let resends = topic::of_resends(email >> 2);
    let after = after.map_or(0, |after| after.0 as i64);
    let condition = "m.topic IN (?1, ?2, ?3, ?4) AND m.number > ?5 ORDER BY m.number LIMIT ?6";
    all_open(connection, condition, (email, sms, inbox, resends, after, limit.min(MAX_PAGE)))
}

/// The first mailings of an event.
pub(super) fn of_event(
    connection: &Connection,
    event: &EventReference,
) -> Result<(Vec<OpenMailing>, Vec<EndedMailing>), Error> {
    let Some([email, sms, inbox]) = topic::of_kanaal(connection, &event.kanaal)? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let condition = "m.topic IN (?1, ?2, ?3) AND m.source = ?4 AND m.id = ?5 ORDER BY m.number";
    let values = (email, sms, inbox, &event.source, &event.id);
    Ok((all_open(connection, condition, values)?, all_ended(connection, condition, values)?))
}

/// A mailing that has not ended.
pub(super) fn open_one(connection: &Connection, id: MailingId) -> Result<Option<OpenMailing>, Error> {
    Ok(all_open(connection, "m.number = ?1", [id.0 as i64])?.pop())
}

fn all_open(connection: &Connection, condition: &str, values: impl Params) -> Result<Vec<OpenMailing>, Error> {
    let sql = format!("SELECT {COLUMNS}, m.phase FROM {TABLES} WHERE m.ended IS NULL AND {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        let (id, start) = columns(connection, &mut names, row)?;
        found.push(OpenMailing { id, start, phase: progress::phase(row.get(10)?)? });
    }
    Ok(found)
}

pub(super) fn kanalen(connection: &Connection) -> Result<Vec<KanaalName>, Error> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT topic >> 2 FROM mailing WHERE ended IS NULL")?;
    let numbers: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut names = Names::default();
    let mut kanaal =
        |number| KanaalName::new(&names.text(connection, number)?).ok_or_else(|| corrupt("not a name of a kanaal"));
    numbers.into_iter().map(&mut kanaal).collect()
}

pub(super) fn ended(
    connection: &Connection,
    kanaal: Option<&KanaalName>,
    limit: u32,
) -> Result<Vec<EndedMailing>, Error> {
    let number = match kanaal {
        None => None,
        Some(kanaal) => match names::find(connection, Kind::Kanaal, kanaal.as_str())? {
            None => return Ok(Vec::new()),
            number => number,
        },
    };
    let condition = "(?1 IS NULL OR m.topic >> 2 = ?1) ORDER BY m.number DESC LIMIT ?2";
    all_ended(connection, condition, (number, limit.min(MAX_PAGE)))
}

/// A mailing that has ended.
pub(super) fn ended_one(connection: &Connection, id: MailingId) -> Result<Option<EndedMailing>, Error> {
    Ok(all_ended(connection, "m.number = ?1", [id.0 as i64])?.pop())
}

fn all_ended(connection: &Connection, condition: &str, values: impl Params) -> Result<Vec<EndedMailing>, Error> {
    let sql = format!("SELECT {COLUMNS}, m.counts, m.ended FROM {TABLES} WHERE m.ended IS NOT NULL AND {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        let (id, start) = columns(connection, &mut names, row)?;
        let counts = counts::decode(&row.get::<_, String>(10)?)?;
        found.push(EndedMailing { id, start, counts, ended: Timestamp::from_micros(row.get(11)?) });
    }
    Ok(found)
}

/// The mailings whose events wait for the mail of the addressee with a number.
pub(in super::super) fn collected(
    connection: &Connection,
    addressee: i64,
    limit: u32,
) -> Result<Vec<Collected>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, m.phase FROM {TABLES} JOIN collected c ON c.mailing = m.number
         WHERE c.addressee = ?1 ORDER BY m.number LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((addressee, limit))?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        let (mailing, start) = columns(connection, &mut names, row)?;
        let is_stopped = progress::phase(row.get(10)?)? == Phase::Stopped;
        found.push(Collected { mailing, start, is_stopped });
    }
    Ok(found)
}

fn columns(connection: &Connection, names: &mut Names, row: &Row<'_>) -> Result<(MailingId, MailingStart), Error> {
    let (kanaal, channel) = topic::decode(connection, names, row.get(1)?)?;
    let resend = row.get::<_, Option<i64>>(8)?.zip(row.get::<_, Option<i64>>(9)?);
    let start = MailingStart {
        event: EventReference { kanaal, source: row.get(2)?, id: row.get(3)? },
        channel,
        partition: Partition(row.get(4)?),
        position: Position(row.get::<_, i64>(5)? as u64),
        accepted: Timestamp::from_micros(row.get(6)?),
        expires: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
        resend: resend.map(|(first, failures)| resend::of(first, failures)).transpose()?,
    };
    Ok((MailingId(row.get::<_, i64>(0)? as u64), start))
}
