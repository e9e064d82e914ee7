//! Starts mailings, with the mark behind their events.

use model::{
    KanaalName,
    mailing::{FollowedTo, MailingId, MailingStart, Phase},
};
use rusqlite::Connection;

use super::{
    super::{
        names::{Kind, Names},
        topic,
    },
    progress,
};
use crate::{Error, mailings::OpenMailing};

pub(super) fn all(
    connection: &Connection,
    kanaal: &KanaalName,
    followed: FollowedTo,
    starts: &[MailingStart],
) -> Result<Vec<OpenMailing>, Error> {
    let number = Names::default().number(connection, Kind::Kanaal, kanaal.as_str())?;
    let sql = "INSERT INTO mailing_followed (kanaal, partition, mark) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET mark = max(mark, excluded.mark)";
    connection.prepare_cached(sql)?.execute((number, followed.partition.0, followed.mark.0 as i64))?;
    let mut new = Vec::new();
    for start in starts {
        let sql =
            "INSERT INTO mailing (topic, source, id, partition, position, accepted, expires, walked, phase, counts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, '{}') ON CONFLICT DO NOTHING";
        let added = connection.prepare_cached(sql)?.execute((
            topic::of(number, start.channel),
            &start.event.source,
            &start.event.id,
            start.partition.0,
            start.position.0 as i64,
            start.accepted.as_micros(),
            start.expires.map(model::Timestamp::as_micros),
            progress::phase_number(Phase::Active),
        ))?;
        if added > 0 {
            let id = MailingId(connection.last_insert_rowid() as u64);
            new.push(OpenMailing { id, start: start.clone(), phase: Phase::Active });
        }
    }
    Ok(new)
}
