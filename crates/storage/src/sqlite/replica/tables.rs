//! The tables of a file, with the statements for one row of each.

use rusqlite::{Connection, types::Value};

use crate::Error;

/// Where SQLite keeps the highest number that each table with `AUTOINCREMENT` ever had. It has no primary key; the name is one.
pub(super) const SEQUENCE: &str = "sqlite_sequence";

/// The table whose rows never move; see [`audience`](super::super::audience).
pub(super) const PERSONAL: &str = "personal";

/// Tables that are about this copy of the file alone.
const OWN: [&str; 2] = ["generation", "replica"];

/// Most columns of a primary key.
pub(super) const MAX_KEY: usize = 4;

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(super) name: String,
    pub(super) columns: usize,
    /// Their names.
    pub(super) names: Vec<String>,
    /// The columns of the primary key, in its order.
    pub(super) key: Vec<String>,
    /// Whether [`SEQUENCE`] has a row of it.
    pub(super) is_counted: bool,
    /// Reads the columns of the row with a key.
    pub(super) select: String,
    /// Stores a row, given its columns.
    pub(super) upsert: String,
    /// Removes the row with a key.
    pub(super) delete: String,
}

impl Table {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The place of a column in a row.
    pub(crate) fn place_of(&self, column: &str) -> Option<usize> {
        self.names.iter().position(|name| name == column)
    }

    /// The columns of the primary key in a whole row.
    pub(super) fn key_of(&self, values: &[Value]) -> Vec<Value> {
        self.key.iter().filter_map(|column| values.get(self.place_of(column)?).cloned()).collect()
    }
}

/// All tables that are covered, in the order of their names.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Table>, Error> {
    let sql = "SELECT name, sql FROM main.sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))?;
    let mut tables = Vec::new();
    for table in found {
        let (name, sql) = table?;
        if OWN.contains(&name.as_str()) || (name.starts_with("sqlite_") && name != SEQUENCE) {
            continue;
        }
        let is_counted = sql.is_some_and(|sql| sql.contains("AUTOINCREMENT"));
        tables.push(table_of(connection, name, is_counted)?);
    }
    Ok(tables)
}

fn table_of(connection: &Connection, name: String, is_counted: bool) -> Result<Table, Error> {
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let columns = statement.query_map([&name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let columns: Vec<(String, i64)> = columns.collect::<Result<_, _>>()?;
    let mut key: Vec<(i64, String)> =
        columns.iter().filter(|(_, place)| *place > 0).map(|(column, place)| (*place, column.clone())).collect();
    key.sort();
    let mut key: Vec<String> = key.into_iter().map(|(_, column)| column).collect();
    if name == SEQUENCE {
        key = vec!["name".to_owned()];
    }
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Error::Corrupt { kind: "copy of a file", reason: format!("table {name} has no usable key") });
    }
    let all: Vec<String> = columns.into_iter().map(|(column, _)| column).collect();
    let places: Vec<String> = (1..=all.len()).map(|place| format!("?{place}")).collect();
    let matches: Vec<String> = key.iter().zip(1..).map(|(column, place)| format!("{column} = ?{place}")).collect();
    let (names, places, matches) = (all.join(", "), places.join(", "), matches.join(" AND "));
    Ok(Table {
        columns: all.len(),
        names: all,
        is_counted,
        select: format!("SELECT {names} FROM main.{name} WHERE {matches}"),
        upsert: format!("INSERT OR REPLACE INTO main.{name} ({names}) VALUES ({places})"),
        delete: format!("DELETE FROM main.{name} WHERE {matches}"),
        key,
        name,
    })
}
