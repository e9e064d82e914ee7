//! The distinct filters of subscribers, with their numbers. A number is never used again for another text.

use model::{
    KanaalName,
    addressee::{FilterId, FilterText},
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    row::{CONFIRMED, ENDED},
    topic,
};
use crate::Error;

/// The number of a filter, if it has one.
pub(super) fn find(connection: &Connection, text: &FilterText) -> Result<Option<FilterId>, Error> {
    let mut statement = connection.prepare_cached("SELECT number FROM filter WHERE text = ?1")?;
    Ok(statement.query_row([text.as_str()], |row| row.get(0)).optional()?.map(FilterId))
}

/// The number of a filter, assigned if it has none.
pub(super) fn assign(connection: &Connection, text: &FilterText) -> Result<FilterId, Error> {
    if let Some(id) = find(connection, text)? {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO filter (text) VALUES (?1)")?.execute([text.as_str()])?;
    let number = u32::try_from(connection.last_insert_rowid());
    number.map(FilterId).map_err(|_| corrupt("there are too many"))
}

/// Whether there is a filter with a number.
pub(super) fn is_known(connection: &Connection, id: FilterId) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM filter WHERE number = ?1")?;
    Ok(statement.exists([id.0])?)
}

/// The distinct filters of the confirmed addressees of a kanaal, and of the ended ones if wanted.
pub(super) fn of_kanaal(
    connection: &Connection,
    kanaal: &KanaalName,
    with_ended: bool,
) -> Result<Vec<(FilterId, FilterText)>, Error> {
    let Some([email, sms, inbox]) = topic::of_kanaal(connection, kanaal)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT number, text FROM filter WHERE number IN
             (SELECT filter FROM tally WHERE topic IN (?1, ?2, ?3) AND state IN (?4, ?5) AND filter > 0)",
    )?;
    let other = if with_ended { ENDED } else { CONFIRMED };
    let mut rows = statement.query((email, sms, inbox, CONFIRMED, other))?;
    let mut filters = Vec::new();
    while let Some(row) = rows.next()? {
        let text = FilterText::new(row.get(1)?).ok_or_else(|| corrupt("its text is too long"))?;
        filters.push((FilterId(row.get(0)?), text));
    }
    Ok(filters)
}

/// Forgets filters that nobody uses.
pub(super) fn remove_unused(connection: &Connection) -> Result<(), Error> {
    let sql = "DELETE FROM filter WHERE number NOT IN (SELECT filter FROM tally)";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "filter", reason: reason.into() }
}
