//! Queries on the index of events.

use model::{KanaalName, Mark, Partition, Position, Timestamp};
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};

use super::{
    name_ids,
    where_clause::{WhereClause, page_limit, page_offset},
};
use crate::{
    Error,
    journal::{BoundedRows, EventQuery, EventRow, Page},
};

/// The mark behind the newest indexed event of a partition.
pub(super) fn indexed(connection: &Connection, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error> {
    let Some(kanaal) = name_ids::find(connection, &name_ids::of_kanaal(kanaal))? else { return Ok(Mark::BEGINNING) };
    let mut statement = connection.prepare_cached("SELECT mark FROM indexed WHERE kanaal = ?1 AND partition = ?2")?;
    let mark: Option<i64> = statement.query_row((kanaal, partition.0), |row| row.get(0)).optional()?;
    Ok(Mark(mark.unwrap_or(0) as u64))
}

/// Events, newest first.
pub(super) fn list(connection: &Connection, query: &EventQuery, page: Page) -> Result<Vec<EventRow>, Error> {
    let kanaal = match &query.kanaal {
        None => None,
        Some(kanaal) => match name_ids::find(connection, &name_ids::of_kanaal(kanaal))? {
            Some(number) => Some(number.into()),
            None => return Ok(Vec::new()),
        },
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let mut filter = WhereClause::default();
    // The most selective column first; a plus keeps the indexes of the others out of the query plan.
    let mut plus = "";
    for (column, value) in [
        ("id", text(&query.id)),
        ("subject", text(&query.subject)),
        ("source", text(&query.source)),
        ("kanaal", kanaal),
    ] {
        let given = value.is_some();
        filter.add(&format!("{plus}{column} ="), value);
        if given {
            plus = "+";
        }
    }
    filter.add_range("appended", query.from, query.until);
    if let (Some(_), Some(most)) = (&query.kind, query.newest)
        && let Some(behind) = behind_newest(connection, &filter, most)?
    {
        filter.add("appended >", Some(behind));
    }
    // A plus, so that the plan is that of the other members.
    filter.add("+kind =", query.kind.clone());
    let sql = format!(
        "SELECT kanaal, partition, position, appended, id, source, kind, subject FROM event WHERE {}
         ORDER BY appended DESC, kanaal DESC, partition DESC, position DESC LIMIT {} OFFSET {}",
        filter.sql(),
        page_limit(page),
        page_offset(page)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut events = BoundedRows::new();
    while let Some(row) = rows.next()? {
        events.push(EventRow {
            kanaal: name_ids::kanaal(connection, row.get(0)?)?,
            partition: Partition(row.get(1)?),
            position: Position(row.get::<_, i64>(2)? as u64),
            appended: Timestamp::from_micros(row.get(3)?),
            id: row.get(4)?,
            source: row.get(5)?,
            kind: row.get(6)?,
            subject: row.get(7)?,
        })?;
    }
    Ok(events.into_rows())
}

/// When the newest event behind the newest `most` that a filter passes was appended; `None` when there are no more.
fn behind_newest(connection: &Connection, filter: &WhereClause, most: u32) -> Result<Option<i64>, Error> {
    let sql = format!(
        "SELECT appended FROM event WHERE {} ORDER BY appended DESC, kanaal DESC, partition DESC, position DESC
         LIMIT 1 OFFSET {most}",
        filter.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values.iter()))?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}
