//! Lists of mailings, and the marks of partitions.

use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::EventReference,
    mailing::{FollowedTo, MailingId, MailingStart},
};
use rusqlite::{Connection, Row};

use super::{
    super::{
        names::{self, Kind, Names},
        topic,
    },
    corrupt, counts, progress,
};
use crate::{
    Error,
    mailings::{EndedMailing, MAX_PAGE, OpenMailing},
};

const COLUMNS: &str = "number, topic, source, id, partition, position, accepted, expires";

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
    let sql = format!(
        "SELECT {COLUMNS}, phase FROM mailing
         WHERE ended IS NULL AND topic IN (?1, ?2, ?3) AND number > ?4 ORDER BY number LIMIT ?5"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let after = after.map_or(0, |after| after.0 as i64);
    let mut rows = statement.query((email, sms, inbox, after, limit.min(MAX_PAGE)))?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        let (id, start) = columns(connection, &mut names, row)?;
        found.push(OpenMailing { id, start, phase: progress::phase(row.get(8)?)? });
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
    let sql = format!(
        "SELECT {COLUMNS}, counts, ended FROM mailing
         WHERE ended IS NOT NULL AND (?1 IS NULL OR topic >> 2 = ?1) ORDER BY number DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((number, limit.min(MAX_PAGE)))?;
    let (mut found, mut names) = (Vec::new(), Names::default());
    while let Some(row) = rows.next()? {
        let (id, start) = columns(connection, &mut names, row)?;
        let counts = counts::decode(&row.get::<_, String>(8)?)?;
        found.push(EndedMailing { id, start, counts, ended: Timestamp::from_micros(row.get(9)?) });
    }
    Ok(found)
}

fn columns(connection: &Connection, names: &mut Names, row: &Row<'_>) -> Result<(MailingId, MailingStart), Error> {
    let (kanaal, channel) = topic::decode(connection, names, row.get(1)?)?;
    let start = MailingStart {
        event: EventReference { kanaal, source: row.get(2)?, id: row.get(3)? },
        channel,
        partition: Partition(row.get(4)?),
        position: Position(row.get::<_, i64>(5)? as u64),
        accepted: Timestamp::from_micros(row.get(6)?),
        expires: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
    };
    Ok((MailingId(row.get::<_, i64>(0)? as u64), start))
}
