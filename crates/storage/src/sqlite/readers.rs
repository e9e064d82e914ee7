//! Connections for reading: a few, opened when needed, used on blocking threads.
//!
//! A query sees one snapshot and never waits for a commit.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{database, failure};
use crate::Error;

/// Most queries at once on one file.
const CONNECTIONS: usize = 4;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), permits: Semaphore::new(CONNECTIONS) }
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
            let connection = idle.map_or_else(|| database::open_reader(&readers.path), Ok)?;
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
