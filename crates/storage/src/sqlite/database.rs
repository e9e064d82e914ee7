//! The files: their schemas and versions, and how connections to them are opened.
//!
//! `application_id` identifies a file and `user_version` is its version. A new version adds its migration here and
//! increments the number; a newer file is refused and never changed.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    audience::{collected, evidence, inbox, mailings},
    erase, failure,
    journal::{hourly, last_delivered},
};
use crate::Error;

/// The size of the write-ahead log, in pages of 4 KiB, after which it is copied into the file.
const CHECKPOINT_PAGES: i64 = 4_000;

/// The page cache of a writing connection, in KiB.
const CACHE_KIB: i64 = 4_096;

/// A kind of file.
#[derive(Debug)]
pub(super) struct FileFormat {
    kind: &'static str,
    application: i32,
    version: u32,
    schema: &'static str,
    /// Tables, columns and indexes that came later and that older programs do not notice, so the version stays. Each is a
    /// name (`table` or `table.column`) and the statement that adds it.
    additions: &'static [(&'static str, &'static str)],
    synchronous: &'static str,
    /// `FAST`, or `ON` where also pages that become free are overwritten each time; see [`erase`].
    secure_delete: &'static str,
}

/// The openings of the store, see [`generation`](super::generation).
const GENERATION: (&str, &str) =
    ("generation", "CREATE TABLE generation (number INTEGER PRIMARY KEY, id BLOB NOT NULL, records INTEGER) STRICT");

/// The runs, with what `delivery` has of their outcomes, counted.
const RUN: (&str, &str) = (
    "run",
    "CREATE TABLE run (
        id BLOB PRIMARY KEY, subscription BLOB NOT NULL, kind INTEGER NOT NULL, asked_by TEXT NOT NULL,
        created INTEGER NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, at INTEGER NOT NULL, ended INTEGER,
        delivered INTEGER NOT NULL, failed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE INDEX run_created ON run (created);
     CREATE INDEX run_subscription ON run (subscription, created);
     CREATE INDEX run_at ON run (at);",
);

/// The outbox of due messages.
const OUTGOING: (&str, &str) = (
    "outgoing",
    "CREATE TABLE outgoing (
        number INTEGER PRIMARY KEY, addressee INTEGER NOT NULL, message INTEGER NOT NULL, id BLOB NOT NULL UNIQUE,
        created INTEGER NOT NULL, due INTEGER, attempts INTEGER NOT NULL, ended INTEGER, slot INTEGER,
        checksum INTEGER NOT NULL, UNIQUE (addressee, message)) STRICT;
     CREATE INDEX outgoing_due ON outgoing (due) WHERE due IS NOT NULL;",
);

/// What was seen of feeds.
const FEED: (&str, &str) = (
    "feed",
    "CREATE TABLE feed (name TEXT PRIMARY KEY, url BLOB NOT NULL, etag TEXT, last_modified TEXT,
        not_before INTEGER, gone INTEGER, is_read INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE feed_item (feed TEXT NOT NULL, key BLOB NOT NULL, compared BLOB NOT NULL,
        missed INTEGER NOT NULL, PRIMARY KEY (feed, key)) STRICT, WITHOUT ROWID;",
);

/// Finds the ranges that a single record lies in. [`has`] finds no index, so the statement is repeated.
const RANGE_PLACE: (&str, &str) = (
    "settled_range_place",
    "CREATE INDEX IF NOT EXISTS settled_range_place ON settled_range (kanaal, partition, until)",
);

/// Lists of the failures of a subscription, newest first.
const DELIVERY_FAILURES: (&str, &str) = (
    "delivery_subscription_failed",
    "CREATE INDEX IF NOT EXISTS delivery_subscription_failed ON delivery (subscription, outcome, at) WHERE outcome > 0",
);

/// Lists of dead letters of a subscription or a kanaal, newest first. [`has`] finds no index, so the statements are repeated.
const DEAD_LETTER_LISTS: (&str, &str) = (
    "dead_letter_subscription",
    "CREATE INDEX IF NOT EXISTS dead_letter_subscription ON dead_letter (subscription, at);
     CREATE INDEX IF NOT EXISTS dead_letter_kanaal ON dead_letter (kanaal, at);",
);

/// The file for data that must not be lost.
///
/// `record.place` is `kanaal << 40 | offset`, so that a read is one range of the table's primary key; offsets of a
/// kanaal are dense from `kanaal.first`. A row of `control` is the current state of one object of the registry. A row of `audit` is
/// a line of the audit trail, at its number in the chain.
pub(super) const GATEWAY: FileFormat = FileFormat {
    kind: "gateway file",
    application: 0x4e4c_4777,
    version: 1,
    synchronous: "FULL",
    secure_delete: "FAST",
    additions: &[
        GENERATION,
        ("probe", "CREATE TABLE probe (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT"),
        ("record.checksum", "ALTER TABLE record ADD COLUMN checksum INTEGER"),
        DEAD_LETTER_LISTS,
        (
            "audit",
            "CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
             CREATE INDEX audit_at ON audit (at);",
        ),
        FEED,
    ],
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

/// The file for events, deliveries and attempts, whose last moments may be lost in a crash. Kanalen, subscriptions and
/// runs are stored as numbers (table `name`).
///
/// `delivery.outcome` is null while the delivery goes on; a success is this one row, including its request. `run` is 0
/// for deliveries outside a run.
pub(super) const JOURNAL: FileFormat = FileFormat {
    kind: "journal file",
    application: 0x4e4c_4a6e,
    version: 1,
    synchronous: "NORMAL",
    secure_delete: "FAST",
    additions: &[
        GENERATION,
        RUN,
        RANGE_PLACE,
        DELIVERY_FAILURES,
        hourly::TABLES,
        last_delivered::TABLE,
        ("delivery.fsc_transaction", "ALTER TABLE delivery ADD COLUMN fsc_transaction BLOB"),
        ("attempt.fsc_transaction", "ALTER TABLE attempt ADD COLUMN fsc_transaction BLOB"),
        ("delivery.retry_after", "ALTER TABLE delivery ADD COLUMN retry_after INTEGER"),
        ("attempt.retry_after", "ALTER TABLE attempt ADD COLUMN retry_after INTEGER"),
    ],
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

/// The file for addressees and evidence; see [`audience`](super::audience) for what each table is for.
///
/// `addressee.topic` is `kanaal << 2 | channel`; kanalen and other repeated texts are numbers in `name`. `state` is 0 for
/// unconfirmed, 1 for confirmed, 2 for ended; `filter` is 0 for none. `since` is null in confirmed rows, and `expires` in ended
/// ones, so that the partial indexes stay small. `tally` has the number of addressees by topic, state and filter. `outgoing.due` is null in
/// messages that were given up, at `ended`.
pub(super) const AUDIENCE: FileFormat = FileFormat {
    kind: "audience file",
    application: 0x4e4c_4761,
    version: 1,
    synchronous: "FULL",
    secure_delete: "ON",
    additions: &[
        GENERATION,
        OUTGOING,
        mailings::TABLES,
        inbox::TABLES,
        mailings::RESENDS,
        evidence::RESENDS,
        collected::TABLE,
        mailings::SENDING,
        mailings::REPLACEMENTS,
    ],
    schema: "
        CREATE TABLE name (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name))
            STRICT;
        CREATE TABLE filter (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE personal (slot INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
        CREATE TABLE free_slot (size INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (size, slot))
            STRICT, WITHOUT ROWID;
        CREATE TABLE addressee (
            number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, topic INTEGER NOT NULL, digest BLOB NOT NULL,
            state INTEGER NOT NULL, filter INTEGER NOT NULL, version INTEGER NOT NULL, since INTEGER, expires INTEGER,
            pending BLOB, slot INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;
        CREATE INDEX addressee_walk ON addressee (topic, digest, state, filter);
        CREATE INDEX addressee_since ON addressee (state, since) WHERE since IS NOT NULL;
        CREATE INDEX addressee_expires ON addressee (expires) WHERE expires IS NOT NULL;
        CREATE INDEX addressee_pending ON addressee (pending) WHERE pending IS NOT NULL;
        CREATE TABLE tally (
            topic INTEGER NOT NULL, state INTEGER NOT NULL, filter INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (topic, state, filter)) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            number INTEGER PRIMARY KEY, kanaal INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
            accepted INTEGER NOT NULL, UNIQUE (kanaal, source, id)) STRICT;
        CREATE INDEX event_accepted ON event (kanaal, accepted);
        CREATE TABLE evidence (
            digest BLOB NOT NULL, event INTEGER NOT NULL, addressee BLOB NOT NULL, attempts INTEGER, tried INTEGER,
            outcome INTEGER, ended INTEGER, read INTEGER, PRIMARY KEY (digest, event, addressee))
            STRICT, WITHOUT ROWID;
        CREATE INDEX evidence_event ON evidence (event);",
};

impl FileFormat {
    /// Whether such files are for their owner only.
    pub(super) fn is_private(&self) -> bool {
        self.application == AUDIENCE.application
    }

    /// Whether this is the `application_id` of such files.
    pub(super) fn is_application(&self, id: i32) -> bool {
        self.application == id
    }
}

/// Opens a file for writing; creates it if it is missing, and adds what came later.
pub(super) fn create(path: &Path, format: &FileFormat) -> Result<Connection, Error> {
    let connection = connect(path, format, OpenFlags::SQLITE_OPEN_CREATE)?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        connection.execute_batch(&format!(
            "BEGIN EXCLUSIVE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;",
            format.schema, format.application, format.version
        ))?;
    }
    for (name, sql) in format.additions {
        if !has(&connection, name)? {
            connection.execute_batch(sql)?;
        }
    }
    Ok(connection)
}

/// Adds what was seen of feeds to a file that has no such tables, as a copy of people on Kafka.
#[cfg(feature = "kafka")]
pub(super) fn add_feeds(connection: &Connection) -> Result<(), Error> {
    let (name, sql) = FEED;
    if !has(connection, name)? {
        connection.execute_batch(sql)?;
    }
    Ok(())
}

/// An empty file in memory.
#[cfg(feature = "kafka")]
pub(super) fn in_memory(format: &FileFormat) -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(format.schema)?;
    for (_, sql) in format.additions {
        connection.execute_batch(sql)?;
    }
    Ok(connection)
}

/// Opens a file for writing that [`create`] opened before. A file that has gone since is not created again.
pub(super) fn open(path: &Path, format: &FileFormat) -> Result<Connection, Error> {
    connect(path, format, OpenFlags::empty())
}

fn connect(path: &Path, format: &FileFormat, create: OpenFlags) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if version > 0 && application != format.application {
        return Err(Error::Corrupt { kind: format.kind, reason: format!("{} is something else", path.display()) });
    }
    if version > format.version {
        return Err(Error::NewerVersion { kind: format.kind, found: version, known: format.version });
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", format.synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    erase::set_secure_delete(&connection, format.secure_delete)?;
    prepare_once(&connection)?;
    Ok(connection)
}

/// Whether a file has a table, or a column as `table.column`.
pub(super) fn has(connection: &Connection, name: &str) -> Result<bool, Error> {
    let (table, column) = name.split_once('.').map_or((name, None), |(table, column)| (table, Some(column)));
    let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE ?2 IS NULL OR name = ?2";
    let count: i64 = connection.query_row(sql, (table, column), |row| row.get(0))?;
    Ok(count > 0)
}

/// Opens a file read-only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    prepare_once(&connection)?;
    Ok(connection)
}

/// Keeps prepared statements. SQLite is built with `SQLITE_ENABLE_STAT4` and would prepare a statement again whenever a value is bound that
/// could change its plan, at each use of some; no file has the statistics that such a plan would follow.
fn prepare_once(connection: &Connection) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Makes the directory entries of new files durable.
pub(super) fn sync_directory(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| failure::io("sync", dir, &error))
}
