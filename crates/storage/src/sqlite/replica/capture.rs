//! Which rows a transaction changed: temporary triggers note their keys, and the rows are read when it is about to be committed.

use std::fmt::Write;

use model::Timestamp;
use rusqlite::{Connection, Row as SqlRow, params_from_iter, types::Value};

use super::{
    Row, row_form,
    tables::{MAX_KEY, SEQUENCE, Table},
};
use crate::Error;

/// Has the changes of this connection noted from now on.
pub(crate) fn watch(connection: &Connection, tables: &[Table]) -> Result<(), Error> {
    let is_watched = "SELECT 1 FROM temp.sqlite_master WHERE name = 'changed'";
    if connection.prepare_cached(is_watched)?.exists([])? {
        return Ok(());
    }
    let mut sql = String::from("CREATE TEMP TABLE changed (place INTEGER NOT NULL, a, b, c, d);");
    for (place, table) in tables.iter().enumerate().filter(|(_, table)| table.name != SEQUENCE) {
        let name = &table.name;
        let key = |side: &str| {
            let mut columns: Vec<String> = table.key.iter().map(|column| format!("{side}.{column}")).collect();
            columns.resize(MAX_KEY, "NULL".to_owned());
            columns.join(", ")
        };
        let insert = |side: &str| format!("INSERT INTO changed (place, a, b, c, d) VALUES ({place}, {});", key(side));
        let of_update = format!("{}{}", insert("OLD"), insert("NEW"));
        for (event, statements) in [("INSERT", insert("NEW")), ("UPDATE", of_update), ("DELETE", insert("OLD"))] {
            // Writing to a string cannot fail.
            let _ = write!(
                sql,
                "CREATE TEMP TRIGGER changed_{name}_{event} AFTER {event} ON main.{name} BEGIN {statements} END;"
            );
        }
    }
    // So that rows which REPLACE removes are noted.
    connection.pragma_update(None, "recursive_triggers", true)?;
    Ok(connection.execute_batch(&sql)?)
}

/// The rows that the transaction changed, each once as it is now, in the order of tables and keys; those that were removed come
/// first, since others may have taken over what was unique in them.
pub(crate) fn take(connection: &Connection, tables: &[Table]) -> Result<Vec<Row>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT DISTINCT place, a, b, c, d FROM temp.changed ORDER BY place, a, b, c, d")?;
    let columns = |row: &SqlRow<'_>| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]));
    let changed: Vec<(i64, [Value; MAX_KEY])> = statement.query_map([], columns)?.collect::<Result<_, _>>()?;
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    connection.prepare_cached("DELETE FROM temp.changed")?.execute([])?;
    let (mut removed, mut stored) = (Vec::new(), Vec::with_capacity(changed.len()));
    let mut counted = vec![false; tables.len()];
    for (place, key) in changed {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let table = tables.get(place).ok_or_else(|| row_form::corrupt("its table is not known"))?;
        counted[place] = table.is_counted;
        let row = read(connection, table, &key[..table.key.len()])?;
        if row.value.is_some() { stored.push(row) } else { removed.push(row) }
    }
    if let Some(sequence) = tables.iter().find(|table| table.name == SEQUENCE) {
        for (table, _) in tables.iter().zip(counted).filter(|(_, is_counted)| *is_counted) {
            let row = read(connection, sequence, &[Value::Text(table.name.clone())])?;
            stored.extend(row.value.is_some().then_some(row));
        }
    }
    removed.append(&mut stored);
    Ok(removed)
}

fn read(connection: &Connection, table: &Table, key: &[Value]) -> Result<Row, Error> {
    let mut statement = connection.prepare_cached(&table.select)?;
    let mut rows = statement.query(params_from_iter(key))?;
    let value = match rows.next()? {
        None => None,
        Some(row) => {
            let columns = (0..table.columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
            Some(row_form::value(&columns))
        }
    };
    Ok(Row { key: row_form::key(&table.name, key), value })
}

/// Notes in the transaction up to where this copy has what is kept elsewhere, and when.
pub(crate) fn note(connection: &Connection, next: u64, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE replica SET next = max(next, ?1), at = max(at, ?2)";
    connection.prepare_cached(sql)?.execute((next as i64, at.as_micros()))?;
    Ok(())
}
