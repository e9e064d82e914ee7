//! The embedded adapter: all ports on SQLite files in one directory, owned by one process.
//!
//! `gateway.sqlite` holds data that must not be lost (log, control, audit trail, progress, dead letters): WAL, `synchronous=FULL`,
//! and one writer thread with group commit. `journal.sqlite` holds data whose last moments may be lost in a crash:
//! `synchronous=NORMAL`, a sync on request, and a writer thread of its own. Reads use their own connections and never wait for a commit.
//! `audience.db` holds people and the evidence of what they got, and is there only when it was asked for: `synchronous=FULL`,
//! `secure_delete=ON`, and a writer of its own. There is one shard, and one partition per kanaal.

mod audience;
mod audit;
mod backup;
mod books;
mod checksum;
mod compact;
mod control;
mod damage;
mod database;
mod erase;
mod failure;
mod failure_log;
mod feeds;
mod generation;
mod journal;
mod lock;
mod log;
mod log_rows;
mod notice;
mod open_files;
mod options;
mod probe;
mod progress;
mod progress_ahead;
mod readers;
#[cfg(feature = "kafka")]
pub(crate) mod replica;
mod statement_job;
mod stored_registry;
mod tail;
pub(crate) mod upstream;
mod verify;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use model::KanaalName;
use rusqlite::Connection;
use uuid::Uuid;

#[cfg(feature = "kafka")]
pub(crate) use self::audience::carried;
#[cfg(feature = "kafka")]
pub use self::audience::{MovedRows, Places};
#[cfg(feature = "suite")]
pub use self::options::Fault;
pub use self::{
    audience::SqliteAudience,
    audit::read_lines,
    backup::{backup, restore},
    books::read_books,
    compact::{Compacted, compact},
    control::SqliteControl,
    feeds::SqliteFeeds,
    journal::SqliteJournal,
    log::SqliteLog,
    notice::Notice,
    options::Options,
    progress::SqliteProgress,
    stored_registry::stored_registry,
    verify::{Finding, verify},
};
use self::{
    damage::Damage,
    generation::Generation,
    lock::Lock,
    probe::Probe,
    readers::Readers,
    writer::{Writer, WrittenFile},
};
use crate::Error;

/// The file for data that must not be lost.
const GATEWAY: &str = "gateway.sqlite";
/// The file for what happened, for searches.
const JOURNAL: &str = "journal.sqlite";
/// The file for addressees and the evidence of what they got.
const AUDIENCE: &str = "audience.db";

/// The ports on one directory. The directory is unlocked when all of them are dropped.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The logs of all kanalen.
    pub log: Arc<SqliteLog>,
    /// Kanalen, subscriptions, applicaties and runs; and the audit trail.
    pub control: Arc<SqliteControl>,
    /// The progress of deliveries.
    pub progress: Arc<SqliteProgress>,
    /// Attempts, outcomes, dead letters and the index of events.
    pub journal: Arc<SqliteJournal>,
    /// The state of feeds.
    pub feeds: Arc<SqliteFeeds>,
    /// What was found at the start and operators should know; it was logged.
    pub notices: Arc<[Notice]>,
    dir: PathBuf,
    lock: Arc<Lock>,
}

impl Embedded {
    /// Opens the files in a directory; creates the directory and files that are missing. Blocks while it reads the
    /// registry.
    ///
    /// # Errors
    /// `InUse` when another process has locked the directory, `NewerVersion` when a newer program wrote the files,
    /// `Corrupt` when they cannot be read, `Unavailable` when the file system fails.
    pub fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        let mut notices = notice::missing_files(dir)?;
        std::fs::create_dir_all(dir).map_err(|error| failure::io("make", dir, &error))?;
        let lock = Arc::new(Lock::take(dir)?);
        let path = dir.join(GATEWAY);
        let has_wal = generation::has_wal(&path);
        let connection = database::create(&path, &database::GATEWAY)?;
        let journal_path = dir.join(JOURNAL);
        let journal = if options.holds_log {
            agree(dir, &connection, has_wal, options.random.uuid(), &mut notices)?
        } else {
            notices.clear();
            database::create(&journal_path, &database::JOURNAL)?
        };
        let logs = log::Logs::load(&connection, &options)?;
        let control = control::State::load(&connection, &options)?;
        database::sync_directory(dir)?;
        for notice in &notices {
            notice.log(dir);
        }

        let (format, records) = (&database::GATEWAY, generation::appended);
        let file = WrittenFile { path: path.clone(), format, records, upstream: None };
        let writer = Arc::new(Writer::start(file, connection, &options, Arc::clone(&lock))?);
        let readers = Arc::new(Readers::new(path)?);
        let probe = Probe::new(dir, Arc::clone(&writer));
        let damage = Arc::new(Damage::default());
        Ok(Self {
            log: Arc::new(SqliteLog::new(logs, Arc::clone(&writer), Arc::clone(&readers), probe.clone(), damage)),
            control: Arc::new(SqliteControl::new(control, Arc::clone(&writer), Arc::clone(&readers), probe)),
            progress: Arc::new(SqliteProgress::new(Arc::clone(&writer), Arc::clone(&readers))),
            feeds: Arc::new(SqliteFeeds::new(Arc::clone(&writer), Arc::clone(&readers))),
            journal: Arc::new(SqliteJournal::start(
                (journal_path, journal),
                writer,
                readers,
                &options,
                Arc::clone(&lock),
            )?),
            notices: notices.into(),
            dir: dir.to_owned(),
            lock,
        })
    }
}

/// Compares the files with each other and with what they were at the end, corrects what is ahead of the log, and notes
/// this opening in both. Returns the journal.
fn agree(
    dir: &Path,
    gateway: &Connection,
    has_wal: bool,
    id: Uuid,
    notices: &mut Vec<Notice>,
) -> Result<Connection, Error> {
    let is_new = notices.iter().any(|notice| matches!(notice, Notice::Created { .. }));
    let ends: Vec<(KanaalName, u64)> =
        log::bounds(gateway)?.into_iter().map(|(_, naam, bounds)| (naam, bounds.end)).collect();
    let newest = generation::newest(gateway)?;
    let end = generation::end(newest.as_ref(), has_wal, ends.iter().map(|(_, end)| end).sum());
    notices.extend(end.notice());
    if end.may_lack_records() {
        let entries = progress_ahead::correct(gateway, &ends)?;
        if entries > 0 {
            notices.push(Notice::ProgressAhead { entries });
        }
    }
    let previous = newest.map(|(generation, _)| generation);
    let new = Generation { number: previous.map_or(0, |previous| previous.number) + 1, id };
    let log = journal::agree::Log { connection: gateway, previous, end, is_new, ends: &ends };
    let journal = journal::agree::open(dir, &log, new, notices)?;
    let last = previous.map_or(0, |previous| previous.number);
    let noted = generation::list(gateway, last, new)
        .and_then(|()| generation::list(&journal, last, new))
        .and_then(|()| generation::checkpoint(gateway));
    if let Err(error) = noted {
        // A full disk does not keep the store from starting: deliveries go on.
        notices.push(Notice::NotNoted { reason: error.to_string() });
    }
    Ok(journal)
}
