//! The two files: their schemas, their versions, and how connections to them are opened.
//!
//! A file says what it is by `application_id` and which version it has by `user_version`. A new version
//! adds its steps here and raises the number; a file that is newer is refused, never rewritten.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::failure;
use crate::Error;

/// Pages (4 KiB) in the write-ahead log after which they are moved into the file.
const CHECKPOINT_PAGES: i64 = 4_000;

/// Pages that a writing connection keeps in memory, in KiB.
const CACHE_KIB: i64 = 4_096;

/// A kind of file.
#[derive(Debug)]
pub(super) struct Form {
    kind: &'static str,
    application: i32,
    version: u32,
    schema: &'static str,
    synchronous: &'static str,
}

/// What must not be lost.
///
/// `record.place` is `kanaal << 40 | offset`, so that a read is one range of the table itself; offsets of a
/// kanaal are dense from `kanaal.first`. Rows of `control` are the newest state of one thing.
pub(super) const GATEWAY: Form = Form {
    kind: "gateway file",
    application: 0x4e4c_4777,
    version: 1,
    synchronous: "FULL",
    schema: "
        CREATE TABLE kanaal (id INTEGER PRIMARY KEY, naam TEXT NOT NULL UNIQUE, first INTEGER NOT NULL) STRICT;
        CREATE TABLE record (place INTEGER PRIMARY KEY, appended INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
        CREATE TABLE control (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id))
            STRICT, WITHOUT ROWID;
        CREATE TABLE progress (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE dead_letter (
            number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, subscription BLOB NOT NULL, kanaal TEXT NOT NULL,
            partition INTEGER NOT NULL, position INTEGER NOT NULL, run BLOB NOT NULL, event_id TEXT NOT NULL,
            source TEXT NOT NULL, kind TEXT NOT NULL, outcome INTEGER NOT NULL, reason TEXT NOT NULL,
            last_status INTEGER, attempts INTEGER NOT NULL, at INTEGER NOT NULL, record BLOB NOT NULL,
            UNIQUE (subscription, kanaal, partition, position, run)) STRICT;
        CREATE INDEX dead_letter_at ON dead_letter (at);",
};

/// What may lose its last moments: events, deliveries and attempts, with kanalen, subscriptions and runs as
/// numbers (`name`).
///
/// `delivery.outcome` is null while it goes on; a success is this one row, its request included. `run` is 0
/// for the live stream.
pub(super) const JOURNAL: Form = Form {
    kind: "journal file",
    application: 0x4e4c_4a6e,
    version: 1,
    synchronous: "NORMAL",
    schema: "
        CREATE TABLE name (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE indexed (kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, mark INTEGER NOT NULL,
            PRIMARY KEY (kanaal, partition)) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, appended INTEGER NOT NULL,
            id TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT,
            PRIMARY KEY (kanaal, partition, position)) STRICT, WITHOUT ROWID;
        CREATE INDEX event_id ON event (id);
        CREATE INDEX event_appended ON event (appended);
        CREATE INDEX event_kanaal ON event (kanaal, appended);
        CREATE INDEX event_source ON event (source, appended);
        CREATE INDEX event_subject ON event (subject, appended) WHERE subject IS NOT NULL;
        CREATE TABLE delivery (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
            subscription INTEGER NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL, outcome INTEGER,
            attempts INTEGER NOT NULL, started INTEGER, micros INTEGER, status INTEGER, failure TEXT, excerpt TEXT,
            PRIMARY KEY (kanaal, partition, position, subscription, run)) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_at ON delivery (at);
        CREATE INDEX delivery_subscription ON delivery (subscription, at);
        CREATE INDEX delivery_failed ON delivery (outcome, at) WHERE outcome > 0;
        CREATE INDEX delivery_run ON delivery (run, at) WHERE run > 0;
        CREATE TABLE attempt (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
            subscription INTEGER NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL, started INTEGER NOT NULL,
            micros INTEGER NOT NULL, status INTEGER, failure TEXT, excerpt TEXT,
            PRIMARY KEY (kanaal, partition, position, subscription, run, number)) STRICT, WITHOUT ROWID;
        CREATE INDEX attempt_started ON attempt (started);
        CREATE TABLE settled_range (
            id INTEGER PRIMARY KEY, kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, first INTEGER NOT NULL,
            until INTEGER NOT NULL, subscription INTEGER NOT NULL, at INTEGER NOT NULL, outcome INTEGER NOT NULL) STRICT;
        CREATE INDEX settled_range_at ON settled_range (at);",
};

/// Opens a file for writing; makes it when it is not there.
pub(super) fn open(path: &Path, form: &Form) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if version > 0 && application != form.application {
        return Err(Error::Corrupt { kind: form.kind, reason: format!("{} is something else", path.display()) });
    }
    if version > form.version {
        return Err(Error::NewerVersion { kind: form.kind, found: version, known: form.version });
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", form.synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(64);
    if version == 0 {
        connection.execute_batch(&format!(
            "BEGIN EXCLUSIVE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;",
            form.schema, form.application, form.version
        ))?;
    }
    Ok(connection)
}

/// Opens a file for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes the names of new files durable.
pub(super) fn sync_directory(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| failure::io("sync", dir, &error))
}
