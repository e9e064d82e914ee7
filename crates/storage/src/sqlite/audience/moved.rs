//! Rows of the file on their way to the copies of another installation. What refers to a place on the log gets the place where the
//! same event is there; everything else is byte for byte the same, and what is sealed stays so.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use model::{KanaalName, Mark, Partition, Position};
use ring::digest;
use rusqlite::{Connection, types::Value};

use super::{SqliteAudience, names::Names};
use crate::{
    Error,
    audience::Error as AudienceError,
    sqlite::replica::{
        self, Row, Table,
        walk::{self, Columns, Place},
    },
};

/// Rows of one read, and of one durable write.
const PART: usize = 2_000;

/// The tables with marks of partitions: their columns are kanaal, partition and mark.
const FOLLOWED: [&str; 2] = ["inbox_followed", "mailing_followed"];

/// Where events are on the log of the other installation.
pub trait Places: Send + Sync {
    /// The marks that replace a mark of the only partition of a kanaal; none for a kanaal that is not there.
    fn marks(&self, kanaal: &KanaalName, mark: Mark) -> Vec<(Partition, Mark)>;

    /// The place of a record. One that is not on the log any more gets a place that no record will have.
    fn record(&self, kanaal: &KanaalName, position: Position) -> (Partition, Position);

    /// Whether the record is on the log.
    fn is_on_log(&self, kanaal: &KanaalName, position: Position) -> bool;
}

/// A walk over all rows of the file.
pub struct MovedRows<'a> {
    audience: &'a SqliteAudience,
    /// `None`: the rows as they are.
    places: Option<Arc<dyn Places>>,
    tables: Vec<Table>,
    kanalen: HashMap<i64, KanaalName>,
    place: Place,
    /// Messages of the inbox whose events are not on the log any more: retention would remove them next.
    expired: HashSet<i64>,
    /// The number of rows of each table, and a digest of them.
    counts: BTreeMap<String, u64>,
    hasher: digest::Context,
}

impl SqliteAudience {
    /// The marks and positions of the log that rows refer to.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`.
    pub async fn references(&self) -> Result<Vec<(KanaalName, u64)>, Error> {
        let sql = "SELECT kanaal, mark FROM inbox_followed UNION SELECT kanaal, mark FROM mailing_followed
             UNION SELECT topic >> 2, position FROM mailing UNION SELECT kanaal, position FROM inbox_message";
        let read = move |connection: &Connection| {
            let kanalen = kanalen(connection)?;
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            let mut found = Vec::new();
            for row in rows {
                let (kanaal, position) = row?;
                found.extend(kanalen.get(&kanaal).map(|kanaal| (kanaal.clone(), position as u64)));
            }
            Ok::<_, Error>(found)
        };
        self.read(read).await.map_err(storage)
    }

    /// Walks over all rows; with `places` they are those of another installation.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`.
    pub async fn rows(&self, places: Option<Arc<dyn Places>>) -> Result<MovedRows<'_>, Error> {
        let read = |connection: &Connection| Ok::<_, Error>((replica::tables(connection)?, kanalen(connection)?));
        let (tables, kanalen) = self.read(read).await.map_err(storage)?;
        let hasher = digest::Context::new(&digest::SHA256);
        let (place, expired, counts) = (Place::default(), HashSet::new(), BTreeMap::new());
        Ok(MovedRows { audience: self, places, tables, kanalen, place, expired, counts, hasher })
    }

    /// Stores rows of another file that this one does not have; returns their number.
    pub(crate) async fn adopt(&self, rows: Vec<Row>) -> Result<usize, Error> {
        let size = |row: &Row| row.key.len() + row.value.as_ref().map_or(0, Vec::len);
        let bytes = rows.iter().map(size).sum();
        let write = move |connection: &Connection| {
            let tables = replica::tables(connection)?;
            let mut missing = Vec::new();
            for row in rows {
                if !walk::has(connection, &tables, &row)? {
                    missing.push(row);
                }
            }
            replica::apply(connection, &tables, &missing)?;
            Ok::<_, Error>(missing.len())
        };
        self.write(bytes, write).await.map_err(storage)
    }
}

impl MovedRows<'_> {
    /// The next rows; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Row>>, Error> {
        let (mut place, tables) = (self.place.clone(), self.tables.clone());
        let read = move |connection: &Connection| {
            let rows = walk::next(connection, &tables, &mut place, PART)?;
            Ok::<_, Error>((rows, place))
        };
        let (found, place) = self.audience.read(read).await.map_err(storage)?;
        self.place = place;
        let Some(found) = found else { return Ok(None) };
        let mut rows = Vec::with_capacity(found.len());
        for columns in found {
            for moved in self.moved(columns)? {
                let row = walk::to_row(&self.tables, &moved)?;
                if walk::is_compared(&moved) {
                    self.hasher.update(&row.key);
                    self.hasher.update(row.value.as_deref().unwrap_or_default());
                    *self.counts.entry(moved.table).or_default() += 1;
                }
                rows.push(row);
            }
        }
        Ok(Some(rows))
    }

    /// Reads what is left.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`.
    pub async fn count(mut self) -> Result<(BTreeMap<String, u64>, String), Error> {
        while self.next().await?.is_some() {}
        Ok(self.finish())
    }

    /// The numbers of rows that were read, by table, and their digest in hexadecimal.
    pub(crate) fn finish(self) -> (BTreeMap<String, u64>, String) {
        let digest: Vec<String> = self.hasher.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.counts, digest.concat())
    }

    /// What a row becomes.
    fn moved(&mut self, mut row: Columns) -> Result<Vec<Columns>, Error> {
        let Some(places) = self.places.clone() else { return Ok(vec![row]) };
        if FOLLOWED.contains(&row.table.as_str()) {
            let Some(kanaal) = self.kanaal(self.number(&row, "kanaal")?) else { return Ok(Vec::new()) };
            let marks = places.marks(kanaal, Mark(self.number(&row, "mark")? as u64));
            let mut rows = Vec::with_capacity(marks.len());
            for (partition, mark) in marks {
                let mut own = row.clone();
                self.set(&mut own, "partition", partition.0.into())?;
                self.set(&mut own, "mark", mark.0 as i64)?;
                rows.push(own);
            }
            return Ok(rows);
        }
        let kanaal = match row.table.as_str() {
            "mailing" => self.number(&row, "topic")? >> 2,
            "inbox_message" => self.number(&row, "kanaal")?,
            "inbox_state" if self.expired.contains(&self.number(&row, "message")?) => return Ok(Vec::new()),
            _ => return Ok(vec![row]),
        };
        let position = Position(self.number(&row, "position")? as u64);
        let kanaal = self.kanaal(kanaal).cloned();
        let is_on_log = kanaal.as_ref().is_some_and(|kanaal| places.is_on_log(kanaal, position));
        if row.table == "inbox_message" && !is_on_log {
            let message = self.number(&row, "message")?;
            self.expired.insert(message);
            return Ok(Vec::new());
        }
        if let Some(kanaal) = kanaal {
            let (partition, position) = places.record(&kanaal, position);
            self.set(&mut row, "partition", partition.0.into())?;
            self.set(&mut row, "position", position.0 as i64)?;
        }
        Ok(vec![row])
    }

    fn kanaal(&self, number: i64) -> Option<&KanaalName> {
        self.kanalen.get(&number)
    }

    fn column(&self, row: &Columns, column: &str) -> Result<usize, Error> {
        let table = self.tables.iter().find(|table| table.name() == row.table);
        table.and_then(|table| table.place_of(column)).ok_or_else(|| corrupt("a column is missing"))
    }

    fn number(&self, row: &Columns, column: &str) -> Result<i64, Error> {
        match row.values.get(self.column(row, column)?) {
            Some(Value::Integer(number)) => Ok(*number),
            _ => Err(corrupt("a column is not a number")),
        }
    }

    fn set(&self, row: &mut Columns, column: &str, number: i64) -> Result<(), Error> {
        let place = self.column(row, column)?;
        *row.values.get_mut(place).ok_or_else(|| corrupt("a column is missing"))? = Value::Integer(number);
        Ok(())
    }
}

/// The kanalen by their numbers.
fn kanalen(connection: &Connection) -> Result<HashMap<i64, KanaalName>, Error> {
    let numbers = "SELECT kanaal FROM inbox_followed UNION SELECT kanaal FROM mailing_followed
         UNION SELECT topic >> 2 FROM mailing UNION SELECT kanaal FROM inbox_message";
    let mut statement = connection.prepare(numbers)?;
    let numbers: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut names = Names::default();
    let mut found = HashMap::new();
    for number in numbers {
        let name = KanaalName::new(&names.text(connection, number)?);
        found.insert(number, name.ok_or_else(|| corrupt("not a name of a kanaal"))?);
    }
    Ok(found)
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "row of people", reason: reason.into() }
}

/// The statements here have only errors of storage.
fn storage(error: AudienceError) -> Error {
    match error {
        AudienceError::Storage(error) => error,
        other => corrupt(&other.to_string()),
    }
}
