//! The probe of readiness: whether this disk takes what is written now.
//!
//! It writes a row of its own through the writer of `gateway.sqlite`, and a small file of its own beside it: a full disk
//! may have room left in the write-ahead log, but none for a new file. It changes nothing that others read.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{failure, statement_job::StatementJob, writer::Writer};
use crate::Error;

/// The size of the file in bytes; an event of average size with its index entries needs less.
const FILE_BYTES: usize = 64 << 10;
/// The size of the row in the writer's queue, in bytes.
const ROW_BYTES: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Probe {
    file: PathBuf,
    writer: Arc<Writer>,
    /// One file at a time: a disk that hangs holds one thread, not one a second.
    one: Arc<Semaphore>,
}

impl Probe {
    pub(super) fn new(dir: &Path, writer: Arc<Writer>) -> Self {
        Self { file: dir.join("gateway.probe"), writer, one: Arc::new(Semaphore::new(1)) }
    }

    /// Writes and syncs the row and the file.
    ///
    /// # Errors
    /// `Unavailable` with the cause: a disk that is full, read-only or broken, or files that were removed.
    pub(super) async fn run(&self) -> Result<(), Error> {
        let count = |connection: &Connection| {
            let sql = "INSERT INTO probe (id, count) VALUES (1, 1) ON CONFLICT DO UPDATE SET count = count + 1";
            Ok(connection.prepare_cached(sql)?.execute([]).map(drop)?)
        };
        self.writer.submit(ROW_BYTES, |reply| StatementJob::new(count, reply)).await?;
        let busy = |_| failure::broken("the previous probe of the disk has not ended");
        let permit = Arc::clone(&self.one).try_acquire_owned().map_err(busy)?;
        let file = self.file.clone();
        let work = move || {
            let written = write(&file);
            drop(permit);
            written
        };
        let ended = tokio::task::spawn_blocking(work).await;
        ended.map_err(|error| failure::broken(format!("the probe of the disk failed: {error}")))?
    }
}

fn write(path: &Path) -> Result<(), Error> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(&vec![0; FILE_BYTES])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(path);
    written.and(removed).map_err(|error| failure::io("write", path, &error))
}
