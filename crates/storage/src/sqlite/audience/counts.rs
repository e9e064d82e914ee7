//! The numbers of addressees by kanaal, channel and state.

use model::KanaalName;
use rusqlite::Connection;

use super::{names::Names, row, topic};
use crate::{Error, audience::Count};

/// The counts of a kanaal, or of all.
pub(super) fn all(connection: &Connection, kanaal: Option<&KanaalName>) -> Result<Vec<Count>, Error> {
    let only = match kanaal {
        Some(kanaal) => match topic::of_kanaal(connection, kanaal)? {
            Some(topics) => Some(topics),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let sql = "SELECT topic, state, sum(count) FROM tally GROUP BY topic, state";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let (mut counts, mut names) = (Vec::new(), Names::default());
    while let Some(found) = rows.next()? {
        let (number, count): (i64, i64) = (found.get(0)?, found.get(2)?);
        if only.is_none_or(|topics| topics.contains(&number)) && count > 0 {
            let (kanaal, channel) = topic::decode(connection, &mut names, number)?;
            let state = row::state_kind(found.get(1)?)?;
            counts.push(Count { kanaal, channel, state, addressees: count as u64 });
        }
    }
    Ok(counts)
}
