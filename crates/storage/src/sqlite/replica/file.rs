//! The connection that applies rows which others changed, and how far they are applied.

use std::path::Path;

use model::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params_from_iter, types::Value};

use super::{
    Row, note, row_form,
    tables::{self, PERSONAL, SEQUENCE, Table},
};
use crate::{
    Error,
    sqlite::{audience, database, generation},
};

/// What is known of this copy alone. `next` is where to read on; `at` is when the copy had everything that there was.
/// `unordered` is 1 while rows of `personal` are not in the order of their slots.
const STATE: &str = "CREATE TABLE IF NOT EXISTS replica (
        id INTEGER PRIMARY KEY CHECK (id = 1), next INTEGER NOT NULL, at INTEGER NOT NULL, unordered INTEGER NOT NULL)
        STRICT";

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// Where to read on.
    pub(crate) next: u64,
    /// When it had everything that there was; of a new copy when it was made.
    pub(crate) at: Timestamp,
}

/// A copy of `audience.db`.
pub(crate) struct ReplicaFile {
    connection: Connection,
    tables: Vec<Table>,
    /// Bytes of people were overwritten, and the write-ahead log still has them.
    overwrote: bool,
    /// Rows of `personal` are not in the order of their slots.
    is_unordered: bool,
}

impl ReplicaFile {
    /// Opens the file, or creates it for its owner only.
    ///
    /// # Errors
    /// `NewerVersion`, `Corrupt`, or `Unavailable` when the file system fails.
    pub(crate) fn open(path: &Path, now: Timestamp) -> Result<Self, Error> {
        audience::create_private(path)?;
        let connection = database::create(path, &database::AUDIENCE)?;
        database::add_feeds(&connection)?;
        connection.execute_batch(STATE)?;
        let sql = "INSERT OR IGNORE INTO replica (id, next, at, unordered) VALUES (1, 0, ?1, 0)";
        connection.execute(sql, [now.as_micros()])?;
        let is_unordered = connection.query_row("SELECT unordered FROM replica", [], |row| row.get(0))?;
        let tables = tables::all(&connection)?;
        // A process that was killed may have left it with bytes that were overwritten.
        generation::checkpoint(&connection)?;
        Ok(Self { connection, tables, overwrote: false, is_unordered })
    }

    /// The tables of the file.
    pub(crate) fn tables(&self) -> Vec<Table> {
        self.tables.clone()
    }

    /// How far it is.
    pub(crate) fn state(&self) -> Result<State, Error> {
        let row = |row: &rusqlite::Row<'_>| {
            Ok(State { next: row.get::<_, i64>(0)? as u64, at: Timestamp::from_micros(row.get(1)?) })
        };
        Ok(self.connection.query_row("SELECT next, at FROM replica", [], row)?)
    }

    /// Applies rows in their order, all in one transaction, and notes where to read on.
    ///
    /// # Errors
    /// `NewerVersion` when a row is of a newer program; `Corrupt`, `Unavailable`. Nothing is applied then.
    pub(crate) fn apply(&mut self, rows: &[Row], next: u64, at: Timestamp) -> Result<(), Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let applied = apply(&transaction, &self.tables, rows)?;
        note(&transaction, next, at)?;
        if applied.is_unordered {
            transaction.execute("UPDATE replica SET unordered = 1", [])?;
        }
        transaction.commit()?;
        self.is_unordered |= applied.is_unordered;
        self.overwrote |= applied.overwrote;
        Ok(())
    }

    /// Notes that there is nothing behind this.
    pub(crate) fn note(&mut self, next: u64, at: Timestamp) -> Result<(), Error> {
        note(&self.connection, next, at)
    }

    /// Empties the copy, to be filled from the beginning.
    pub(crate) fn clear(&mut self, at: Timestamp) -> Result<(), Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in &self.tables {
            transaction.execute(&format!("DELETE FROM main.{}", table.name), [])?;
        }
        // A new file has this row.
        transaction.execute("INSERT OR IGNORE INTO inbox_sequence (one, last) VALUES (1, 0)", [])?;
        transaction.execute("UPDATE replica SET next = 0, at = ?1, unordered = 1", [at.as_micros()])?;
        transaction.commit()?;
        (self.overwrote, self.is_unordered) = (true, true);
        Ok(())
    }

    /// Writes the file anew once rows of `personal` came out of order: then SQLite has moved some of them and left copies.
    pub(crate) fn put_in_order(&mut self) -> Result<(), Error> {
        if self.is_unordered {
            self.connection.execute_batch("VACUUM")?;
            self.connection.execute("UPDATE replica SET unordered = 0", [])?;
            (self.overwrote, self.is_unordered) = (true, false);
        }
        Ok(())
    }

    /// Leaves nothing in the write-ahead log of what was overwritten; what readers keep from that is done with the next call.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.overwrote {
            let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            self.overwrote = busy != 0;
        }
        Ok(())
    }
}

/// What became of rows that were applied.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Some replaced or removed others.
    overwrote: bool,
    /// Some rows of `personal` came between others.
    is_unordered: bool,
}

/// Applies rows in their order.
///
/// # Errors
/// As [`ReplicaFile::apply`]; the transaction has to be rolled back then.
pub(crate) fn apply(connection: &Connection, tables: &[Table], rows: &[Row]) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    for row in rows {
        let (name, key) = row_form::read_key(&row.key)?;
        let table = tables.iter().find(|table| table.name == name).ok_or_else(row_form::newer)?;
        if key.len() != table.key.len() {
            return Err(row_form::corrupt("its key has another number of columns"));
        }
        let Some(value) = &row.value else {
            applied.overwrote |= connection.prepare_cached(&table.delete)?.execute(params_from_iter(&key))? > 0;
            continue;
        };
        let columns = row_form::read_value(value)?;
        if columns.len() > table.columns {
            return Err(row_form::newer());
        }
        match table.name.as_str() {
            SEQUENCE => raise(connection, &columns)?,
            PERSONAL => match place(connection, &columns)? {
                Placed::Overwrote => applied.overwrote = true,
                Placed::Behind => {}
                Placed::Between => applied.is_unordered = true,
            },
            _ => store(connection, table, columns)?,
        }
    }
    Ok(applied)
}

/// Stores a row; columns that it does not have yet are null.
fn store(connection: &Connection, table: &Table, mut columns: Vec<Value>) -> Result<(), Error> {
    columns.resize(table.columns, Value::Null);
    connection.prepare_cached(&table.upsert)?.execute(params_from_iter(columns))?;
    Ok(())
}

/// Raises the highest number that a table ever had.
fn raise(connection: &Connection, columns: &[Value]) -> Result<(), Error> {
    let update = "UPDATE main.sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
    if connection.prepare_cached(update)?.execute(params_from_iter(columns))? == 0 {
        let insert = "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)";
        connection.prepare_cached(insert)?.execute(params_from_iter(columns))?;
    }
    Ok(())
}

/// Where a row of `personal` came.
enum Placed {
    /// Over what was in its slot.
    Overwrote,
    /// Behind all others.
    Behind,
    /// Between others, which may have moved.
    Between,
}

/// Stores a row of `personal` without moving any row, if it can.
fn place(connection: &Connection, columns: &[Value]) -> Result<Placed, Error> {
    let overwrite = "UPDATE main.personal SET body = ?2 WHERE slot = ?1 AND length(body) = length(?2)";
    if connection.prepare_cached(overwrite)?.execute(params_from_iter(columns))? > 0 {
        return Ok(Placed::Overwrote);
    }
    let last = "SELECT coalesce(max(slot), 0) FROM main.personal";
    let last: i64 = connection.prepare_cached(last)?.query_row([], |row| row.get(0))?;
    let insert = "INSERT OR REPLACE INTO main.personal (slot, body) VALUES (?1, ?2)";
    connection.prepare_cached(insert)?.execute(params_from_iter(columns))?;
    let is_behind = matches!(columns.first(), Some(Value::Integer(slot)) if *slot > last);
    Ok(if is_behind { Placed::Behind } else { Placed::Between })
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    const AT: Timestamp = Timestamp::from_seconds(1_800_000_000);

    struct Pair {
        dir: tempfile::TempDir,
        writer: Connection,
        copy: ReplicaFile,
        tables: Vec<Table>,
    }

    fn pair() -> Pair {
        let dir = tempfile::tempdir().unwrap();
        let original = dir.path().join("original.db");
        let tables = ReplicaFile::open(&original, AT).unwrap().tables();
        let writer = database::open(&original, &database::AUDIENCE).unwrap();
        let copy = ReplicaFile::open(&dir.path().join("copy.db"), AT).unwrap();
        Pair { dir, writer, copy, tables }
    }

    impl Pair {
        /// Executes statements in a transaction; returns what they changed.
        fn change(&self, sql: &str) -> Vec<Row> {
            let transaction = self.writer.unchecked_transaction().unwrap();
            watch(&transaction, &self.tables).unwrap();
            transaction.execute_batch(sql).unwrap();
            let rows = take(&transaction, &self.tables).unwrap();
            transaction.commit().unwrap();
            rows
        }

        fn assert_equal(&self) {
            for table in &self.tables {
                assert_eq!(dump(&self.writer, table), dump(&self.copy.connection, table), "{}", table.name);
            }
        }
    }

    fn dump(connection: &Connection, table: &Table) -> Vec<Vec<Value>> {
        let sql = format!("SELECT * FROM main.{} ORDER BY {}", table.name, table.key.join(", "));
        let mut statement = connection.prepare(&sql).unwrap();
        let columns = |row: &rusqlite::Row<'_>| {
            (0..table.columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, rusqlite::Error>>()
        };
        statement.query_map([], columns).unwrap().collect::<Result<_, _>>().unwrap()
    }

    const CHANGES: [&str; 6] = [
        "INSERT INTO name (kind, name) VALUES (0, 'weg'), (0, 'afval');
         INSERT INTO filter (text) VALUES ('a'), ('b');
         INSERT INTO personal (body) VALUES (x'0102'), (x'0304'), (x'0506')",
        "DELETE FROM filter WHERE number = 2; UPDATE personal SET body = x'0000' WHERE slot = 2",
        "INSERT INTO evidence (digest, event, addressee, attempts) VALUES (x'aa', 1, x'', 1);
         INSERT OR REPLACE INTO evidence (digest, event, addressee, attempts) VALUES (x'aa', 1, x'', 2);
         INSERT INTO tally VALUES (0, 1, 0, 5) ON CONFLICT DO UPDATE SET count = count + 5;
         INSERT INTO tally VALUES (0, 1, 0, 5) ON CONFLICT DO UPDATE SET count = count + 5",
        "UPDATE inbox_sequence SET last = last + 1",
        // Takes over what was unique in another row.
        "DELETE FROM name WHERE name = 'weg'; INSERT INTO name (number, kind, name) VALUES (9, 0, 'weg')",
        "DELETE FROM evidence; DELETE FROM tally",
    ];

    #[test]
    fn a_copy_is_equal_after_each_change() {
        let mut pair = pair();
        for (number, sql) in (1..).zip(CHANGES) {
            let rows = pair.change(sql);
            assert!(!rows.is_empty(), "{sql}");
            pair.copy.apply(&rows, number, AT).unwrap();
            pair.assert_equal();
            assert_eq!(pair.copy.state().unwrap().next, number);
            pair.copy.put_in_order().unwrap();
            pair.copy.settle().unwrap();
            pair.assert_equal();
        }
        assert!(pair.change("UPDATE tally SET count = 1").is_empty(), "nothing was changed");
    }

    /// The newest row of each key is enough, in the order in which compaction leaves them, and it makes no difference what a
    /// copy had before.
    #[test]
    fn a_compacted_topic_gives_the_same_copy() {
        let mut pair = pair();
        let all: Vec<Row> = CHANGES.iter().flat_map(|sql| pair.change(sql)).collect();
        let is_newest = |at: usize| !all[at + 1..].iter().any(|later| later.key == all[at].key);
        let compacted: Vec<Row> =
            (0..all.len()).filter(|at| is_newest(*at) && all[*at].value.is_some()).map(|at| all[at].clone()).collect();
        assert!(compacted.len() < all.len());
        pair.copy.apply(&compacted, 100, AT).unwrap();
        pair.copy.put_in_order().unwrap();
        pair.copy.settle().unwrap();
        pair.assert_equal();
        pair.copy.clear(AT).unwrap();
        assert_eq!(pair.copy.state().unwrap(), State { next: 0, at: AT });
        pair.copy.apply(&compacted, 100, AT).unwrap();
        pair.copy.put_in_order().unwrap();
        pair.copy.settle().unwrap();
        pair.assert_equal();
    }

    /// A number that was given to a filter is not given to another one, also by a copy that never saw the first.
    #[test]
    fn numbers_are_not_used_again() {
        let mut pair = pair();
        pair.change("INSERT INTO filter (text) VALUES ('a'), ('b')");
        let rows = pair.change("DELETE FROM filter");
        pair.copy.apply(&rows, 1, AT).unwrap();
        let rows = pair.change("INSERT INTO filter (text) VALUES ('c')");
        pair.copy.apply(&rows, 2, AT).unwrap();
        pair.change("DELETE FROM filter");
        pair.copy.connection.execute("INSERT INTO filter (text) VALUES ('d')", []).unwrap();
        let number: i64 =
            pair.copy.connection.query_row("SELECT number FROM filter WHERE text = 'd'", [], |row| row.get(0)).unwrap();
        assert_eq!(number, 4);
    }

    #[test]
    fn rows_of_a_newer_program_are_refused_and_nothing_is_applied() {
        let mut pair = pair();
        let mut rows = pair.change(CHANGES[0]);
        let known = rows[0].clone();
        rows.push(Row { key: row_form::key("later", &[Value::Integer(1)]), value: Some(row_form::value(&[])) });
        assert!(matches!(pair.copy.apply(&rows, 1, AT), Err(Error::NewerVersion { .. })));
        assert_eq!(pair.copy.state().unwrap().next, 0);
        let wide = row_form::value(&vec![Value::Integer(1); 30]);
        assert!(matches!(
            pair.copy.apply(&[Row { value: Some(wide), ..known }], 1, AT),
            Err(Error::NewerVersion { .. })
        ));
    }

    /// Rows of people that came in another order than that of their slots leave no bytes behind once they are overwritten.
    #[test]
    fn nothing_of_an_overwritten_row_is_left_in_a_copy_ch_135() {
        let mut pair = pair();
        let secret = |number: usize| format!("sealed-address-{number:04}-{}", "x".repeat(40));
        let fill = |number: usize| {
            format!("INSERT INTO personal (slot, body) VALUES ({number}, CAST('{}' AS BLOB));", secret(number))
        };
        let mut rows = pair.change(&(1..=400).map(fill).collect::<String>());
        // As compaction may leave them.
        rows.sort_by_key(|row| row.value.as_ref().map(|value| value[9] ^ 0x5a));
        pair.copy.apply(&rows, 1, AT).unwrap();
        pair.copy.put_in_order().unwrap();
        pair.copy.settle().unwrap();
        let rows = pair.change("UPDATE personal SET body = zeroblob(length(body)) WHERE slot % 2 = 0");
        pair.copy.apply(&rows, 2, AT).unwrap();
        pair.copy.put_in_order().unwrap();
        pair.copy.settle().unwrap();
        let dir = pair.dir.path();
        let bytes = ["copy.db", "copy.db-wal"].map(|name| std::fs::read(dir.join(name)).unwrap_or_default()).concat();
        for number in 1..=400 {
            let found = memchr::memmem::find_iter(&bytes, secret(number).as_bytes()).count();
            assert_eq!(found, number % 2, "{number}");
        }
    }
}
