//! The embedded adapter: all four ports on two SQLite files in one directory, owned by one process.
//!
//! `gateway.sqlite` holds what must not be lost (log, control, progress, dead letters): WAL, `synchronous=FULL`,
//! one writer thread that commits in groups. `journal.sqlite` holds what may lose its last moments in a crash:
//! `synchronous=NORMAL`, a writer thread of its own. Reads run on connections of their own and never wait
//! for a commit. There is one shard and one partition per kanaal.

mod control;
mod database;
mod failure;
mod journal;
mod lock;
mod log;
mod progress;
mod readers;
mod statement_job;
mod tail;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use model::Clock;

pub use self::{control::SqliteControl, journal::SqliteJournal, log::SqliteLog, progress::SqliteProgress};
use self::{lock::Lock, readers::Readers, writer::Writer};
use crate::Error;

/// How the embedded adapter works; start from [`Options::new`].
#[derive(Clone)]
pub struct Options {
    /// Where append times come from.
    pub clock: Arc<dyn Clock>,
    /// How long a change waits for its turn before it fails with `Unavailable`; default 5 s.
    pub deadline: Duration,
    /// Most changes that wait for their turn; default 8,192.
    pub queue_changes: usize,
    /// Most bytes of changes that wait for their turn, and so the largest single change; default 64 MiB.
    pub queue_bytes: usize,
    /// Bytes of newest records kept in memory over all kanalen, so that fresh events are read without SQL;
    /// default 16 MiB.
    pub tail_bytes: usize,
    /// Most journal entries that wait to be written; default 65,536. The oldest are dropped beyond it.
    pub journal_entries: usize,
    /// Runs at the start of every transaction on `gateway.sqlite`: makes a disk slow, full or broken. For tests.
    #[cfg(feature = "suite")]
    pub fault: Option<Fault>,
}

/// A fault to inject, see [`Options::fault`].
#[cfg(feature = "suite")]
pub type Fault = Arc<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send + Sync>;

impl Options {
    /// The defaults, with this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            deadline: Duration::from_secs(5),
            queue_changes: 8_192,
            queue_bytes: 64 << 20,
            tail_bytes: 16 << 20,
            journal_entries: 65_536,
            #[cfg(feature = "suite")]
            fault: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// The four ports on one directory. It is given free when all of them are dropped.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The logs of all kanalen.
    pub log: Arc<SqliteLog>,
    /// Kanalen, subscriptions, applicaties and runs.
    pub control: Arc<SqliteControl>,
    /// How far deliveries have come.
    pub progress: Arc<SqliteProgress>,
    /// What happened.
    pub journal: Arc<SqliteJournal>,
}

impl Embedded {
    /// Opens the files in a directory and makes what is missing, the directory included. Blocks for as long as
    /// reading control takes.
    ///
    /// # Errors
    /// `InUse` when another process has them, `NewerVersion` when a newer program wrote them, `Corrupt` when
    /// they cannot be read, `Unavailable` when the disk does not let us.
    pub fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(|error| failure::io("make", dir, &error))?;
        let lock = Arc::new(Lock::take(dir)?);
        let path = dir.join("gateway.sqlite");
        let connection = database::open(&path, &database::GATEWAY)?;
        let logs = log::Logs::load(&connection, &options)?;
        let control = control::State::load(&connection)?;
        let journal_path = dir.join("journal.sqlite");
        drop(database::open(&journal_path, &database::JOURNAL)?);
        database::sync_directory(dir)?;

        let writer = Arc::new(Writer::start(path.clone(), connection, &options, Arc::clone(&lock))?);
        let readers = Arc::new(Readers::new(path));
        Ok(Self {
            log: Arc::new(SqliteLog::new(logs, Arc::clone(&writer), Arc::clone(&readers))),
            control: Arc::new(SqliteControl::new(control, Arc::clone(&writer))),
            progress: Arc::new(SqliteProgress::new(Arc::clone(&writer), Arc::clone(&readers))),
            journal: Arc::new(SqliteJournal::start(journal_path, writer, readers, &options, lock)?),
        })
    }
}
