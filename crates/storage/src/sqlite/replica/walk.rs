//! Reads the rows of a file in a fixed order: tables in the order of their names, with [`SEQUENCE`] in front, and rows in that of
//! their keys.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    Row, row_form,
    tables::{SEQUENCE, Table},
};
use crate::Error;

/// A row with its columns, in the order of its table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    /// The name of its table.
    pub(crate) table: String,
    /// The values.
    pub(crate) values: Vec<Value>,
}

/// Where a walk is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// How many tables are done.
    table: usize,
    /// The key of the last row that was read of the next one.
    after: Option<Vec<Value>>,
}

/// The next rows of a file, at most `limit` of one table; `None` at the end.
pub(crate) fn next(
    connection: &Connection,
    tables: &[Table],
    place: &mut Place,
    limit: usize,
) -> Result<Option<Vec<Columns>>, Error> {
    let mut ordered: Vec<&Table> = tables.iter().collect();
    ordered.sort_by_key(|table| table.name != SEQUENCE);
    while let Some(table) = ordered.get(place.table) {
        let rows = part(connection, table, place.after.as_deref(), limit)?;
        match rows.last() {
            Some(last) if rows.len() == limit => place.after = Some(table.key_of(last)),
            _ => *place = Place { table: place.table + 1, after: None },
        }
        if !rows.is_empty() {
            let columns = |values| Columns { table: table.name.clone(), values };
            return Ok(Some(rows.into_iter().map(columns).collect()));
        }
    }
    Ok(None)
}

fn part(
    connection: &Connection,
    table: &Table,
    after: Option<&[Value]>,
    limit: usize,
) -> Result<Vec<Vec<Value>>, Error> {
    let (names, key) = (table.names.join(", "), table.key.join(", "));
    let places: Vec<String> = (1..=table.key.len()).map(|place| format!("?{place}")).collect();
    let behind = after.map(|_| format!("WHERE ({key}) > ({})", places.join(", "))).unwrap_or_default();
    let sql = format!("SELECT {names} FROM main.{} {behind} ORDER BY {key} LIMIT {limit}", table.name);
    let mut statement = connection.prepare_cached(&sql)?;
    let columns = |row: &rusqlite::Row<'_>| {
        (0..table.columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, rusqlite::Error>>()
    };
    let rows = statement.query_map(params_from_iter(after.unwrap_or_default()), columns)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The stored form of a row.
pub(crate) fn to_row(tables: &[Table], columns: &Columns) -> Result<Row, Error> {
    let table = tables.iter().find(|table| table.name == columns.table);
    let table = table.ok_or_else(|| row_form::corrupt("its table is not known"))?;
    let key = row_form::key(&table.name, &table.key_of(&columns.values));
    Ok(Row { key, value: Some(row_form::value(&columns.values)) })
}

/// Whether a file has exactly this row.
pub(crate) fn has(connection: &Connection, tables: &[Table], row: &Row) -> Result<bool, Error> {
    let (name, key) = row_form::read_key(&row.key)?;
    let table = tables.iter().find(|table| table.name == name).ok_or_else(row_form::newer)?;
    let mut statement = connection.prepare_cached(&table.select)?;
    let mut rows = statement.query(params_from_iter(&key))?;
    let Some(found) = rows.next()? else { return Ok(false) };
    let columns = (0..table.columns).map(|column| found.get(column)).collect::<Result<Vec<Value>, _>>()?;
    Ok(row.value.as_deref() == Some(&*row_form::value(&columns)))
}

/// Whether a row is compared: not one that says only which numbers were given, nor one of feeds, which other files have.
pub(crate) fn is_compared(columns: &Columns) -> bool {
    columns.table != SEQUENCE && !columns.table.starts_with("feed")
}
