//! A small pool of read-only connections, opened on demand and used on blocking threads.
//!
//! A query sees one snapshot and never waits for a commit.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{database, failure, open_files::OpenFile};
use crate::Error;

/// Most concurrent queries on one file.
const CONNECTIONS: usize = 4;

/// After how many steps of the virtual machine of SQLite they are counted.
const STEPS: i32 = 100;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    file: OpenFile,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
    steps: Arc<AtomicU64>,
}

impl Readers {
    /// Readers of a file that exists.
    pub(super) fn new(path: PathBuf) -> Result<Self, Error> {
        let file = OpenFile::note(&path)?;
        Ok(Self { path, file, idle: Mutex::default(), permits: Semaphore::new(CONNECTIONS), steps: Arc::default() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many steps the queries took so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    fn open(&self) -> Result<Connection, Error> {
        self.file.check()?;
        let mut connection = database::open_reader(&self.path)?;
        let steps = Arc::clone(&self.steps);
        let count = move || {
            steps.fetch_add(STEPS.unsigned_abs().into(), Ordering::Relaxed);
            false
        };
        connection.progress_handler(STEPS, Some(count))?;
        Ok(connection)
    }

    /// Runs a query inside one read transaction.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let closed = |_| failure::broken("the readers are closed");
        let _permit = self.permits.acquire().await.map_err(closed)?;
        let readers = Arc::clone(self);
        let work = move || {
            let idle = readers.lock().pop();
            let connection = idle.map_or_else(|| readers.open(), Ok)?;
            let snapshot = connection.unchecked_transaction()?;
            let answer = query(&snapshot)?;
            drop(snapshot);
            readers.lock().push(connection);
            Ok(answer)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| failure::broken(format!("a query failed: {error}")))?
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
