//! The writer of a file that must not lose anything: one thread that commits all waiting jobs as one transaction and then answers their
//! callers. It does not know what the jobs write.
//!
//! There is no timer: the jobs that arrive during one commit form the next group. A job whose caller gave up before the
//! thread claimed it is never executed; the caller of a claimed job gets its result, however long that takes. After a
//! failure the whole group is rolled back and its callers get the error; the thread continues.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::{
    database::{self, FileFormat},
    failure,
    failure_log::FailureLog,
    generation,
    lock::Lock,
    open_files::OpenFile,
    options::Options,
    upstream::Upstream,
};
use crate::Error;

/// Most jobs in one transaction.
const GROUP_JOBS: usize = 512;
/// Bytes beyond which a transaction takes no further job.
const GROUP_BYTES: usize = 8 << 20;

/// How often the thread yields at most to let the callers of the previous group submit again.
const MAX_YIELDS: u32 = 50;

/// A change to the file.
pub(super) trait Job: Send {
    /// Executes the statements inside the group's transaction.
    fn stage(&mut self, connection: &Connection) -> Result<(), Error>;

    /// Makes the change visible in memory after the commit. Runs before any job of the group is answered.
    fn publish(&mut self) {}

    /// Answers the caller. On an error nothing of the group was written, and changes staged in memory are undone here.
    fn answer(self: Box<Self>, outcome: Result<(), Error>);
}

/// The file that a writer writes.
pub(super) struct WrittenFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) format: &'static FileFormat,
    /// The number of records that its orderly end notes.
    pub(super) records: fn(&Connection) -> Result<u64, Error>,
    /// Where its changes are stored first.
    pub(super) upstream: Option<Arc<dyn Upstream>>,
}

struct Queued {
    job: Box<dyn Job>,
    /// Set once: by the writer that executes the job or by the caller that gives up.
    claim: Arc<AtomicBool>,
    bytes: OwnedSemaphorePermit,
}

/// The handle to the thread, which ends after the waiting jobs when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Queued>>,
    bytes: Arc<Semaphore>,
    max_bytes: usize,
    deadline: Duration,
    thread: Option<JoinHandle<()>>,
    _lock: Arc<Lock>,
}

impl Writer {
    pub(super) fn start(
        file: WrittenFile,
        connection: Connection,
        options: &Options,
        lock: Arc<Lock>,
    ) -> Result<Self, Error> {
        let path = file.path.clone();
        let (queue, jobs) = mpsc::channel(options.queue_changes);
        let worker = Worker {
            files: Files { main: OpenFile::note(&path)?, wal: OpenFile::note_wal(&path)?, lock: Arc::clone(&lock) },
            file,
            connection: Some(connection),
            jobs,
            #[cfg(feature = "suite")]
            fault: options.fault.clone(),
        };
        let thread = std::thread::Builder::new().name("storage-writer".into()).spawn(move || worker.run());
        Ok(Self {
            queue: Some(queue),
            bytes: Arc::new(Semaphore::new(options.queue_bytes)),
            max_bytes: options.queue_bytes.min(u32::MAX as usize),
            deadline: options.deadline,
            thread: Some(thread.map_err(|error| failure::io("start the writer of", &path, &error))?),
            _lock: lock,
        })
    }

    /// Queues a job and waits for its answer.
    ///
    /// # Errors
    /// `TooLarge` when the job has more bytes than the queue may hold, `Unavailable` when the deadline passes before
    /// the job is claimed, and the error of its group.
    pub(super) async fn submit<T, J: Job + 'static>(
        &self,
        bytes: usize,
        job: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> J,
    ) -> Result<T, Error> {
        if bytes > self.max_bytes {
            return Err(Error::TooLarge { bytes, limit: self.max_bytes });
        }
        let deadline = Instant::now() + self.deadline;
        let stopped = || failure::broken("the writer has stopped");
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        let permit = Arc::clone(&self.bytes).acquire_many_owned(bytes as u32);
        let permit = timeout_at(deadline, permit).await.map_err(|_| failure::busy())?.map_err(|_| stopped())?;
        let place = timeout_at(deadline, queue.reserve()).await.map_err(|_| failure::busy())?.map_err(|_| stopped())?;
        let (reply, mut answer) = oneshot::channel();
        let claim = Arc::new(AtomicBool::new(false));
        place.send(Queued { job: Box::new(job(reply)), claim: Arc::clone(&claim), bytes: permit });
        match timeout_at(deadline, &mut answer).await {
            Ok(answer) => answer.map_err(|_| stopped())?,
            Err(_) if claim.swap(true, Ordering::AcqRel) => answer.await.map_err(|_| stopped())?,
            Err(_) => Err(failure::busy()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of storage panicked");
        }
    }
}

/// The files that must be at their paths for a commit to count.
struct Files {
    main: OpenFile,
    wal: OpenFile,
    lock: Arc<Lock>,
}

impl Files {
    fn check(&self) -> Result<(), Error> {
        self.main.check()?;
        self.wal.check()?;
        self.lock.check()
    }
}

struct Worker {
    file: WrittenFile,
    files: Files,
    connection: Option<Connection>,
    jobs: mpsc::Receiver<Queued>,
    #[cfg(feature = "suite")]
    fault: Option<super::options::Fault>,
}

impl Worker {
    fn run(mut self) {
        let mut group: Vec<Queued> = Vec::with_capacity(GROUP_JOBS);
        let (mut previous, mut failures) = (0, FailureLog::default());
        while let Some(first) = self.jobs.blocking_recv() {
            self.collect_group(first, previous, &mut group);
            previous = group.len();
            if group.is_empty() {
                continue;
            }
            let outcome = self.commit(&mut group);
            match &outcome {
                Ok(()) => {
                    failures.succeeded();
                    for queued in &mut group {
                        queued.job.publish();
                    }
                }
                Err(error) => failures.failed(error, group.len()),
            }
            for queued in group.drain(..) {
                queued.job.answer(outcome.clone());
            }
        }
        let note_end = |connection: &Connection| {
            self.files.check()?;
            generation::close(connection, (self.file.records)(connection)?)
        };
        let ended = self.connection.as_ref().map(note_end);
        if let Some(Err(error)) = ended {
            tracing::warn!(%error, "the end of the store was not noted");
        }
    }

    /// Takes the waiting jobs. The callers of the previous group were answered a moment ago; while this group is
    /// smaller, the thread yields a few times to let them submit again, which takes far less time than a commit.
    fn collect_group(&mut self, first: Queued, previous: usize, group: &mut Vec<Queued>) {
        let (mut next, mut bytes, mut yields) = (Some(first), 0, 0);
        loop {
            if let Some(queued) = next {
                if !queued.claim.swap(true, Ordering::AcqRel) {
                    bytes += queued.bytes.num_permits();
                    group.push(queued);
                }
                if group.len() >= GROUP_JOBS || bytes >= GROUP_BYTES {
                    return;
                }
            } else if group.len() < previous && yields < MAX_YIELDS {
                yields += 1;
                std::thread::yield_now();
            } else {
                return;
            }
            next = self.jobs.try_recv().ok();
        }
    }

    fn commit(&mut self, group: &mut [Queued]) -> Result<(), Error> {
        let connection = self.begin()?;
        let outcome = self.transact(&connection, group);
        if let Some(upstream) = &self.file.upstream {
            if outcome.is_ok() { upstream.committed() } else { upstream.rolled_back() }
        }
        // Drops a connection that cannot leave its transaction.
        if outcome.is_ok() || connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok() {
            self.connection = Some(connection);
        }
        outcome
    }

    /// A connection with a new transaction; opens a new connection if the current one cannot begin one.
    fn begin(&mut self) -> Result<Connection, Error> {
        let begin = |connection: &Connection| connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]);
        if let Some(connection) = self.connection.take()
            && begin(&connection).is_ok()
        {
            return Ok(connection);
        }
        self.files.main.check()?;
        let connection = database::open(&self.file.path, self.file.format)?;
        begin(&connection)?;
        // SQLite removes the log with the last connection.
        self.files.wal = OpenFile::note_wal(&self.file.path)?;
        Ok(connection)
    }

    fn transact(&self, connection: &Connection, group: &mut [Queued]) -> Result<(), Error> {
        self.inject(connection)?;
        if let Some(upstream) = &self.file.upstream {
            upstream.begin(connection)?;
        }
        for queued in group {
            queued.job.stage(connection)?;
        }
        self.files.check()?;
        if let Some(upstream) = &self.file.upstream {
            upstream.store(connection)?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    #[cfg(feature = "suite")]
    fn inject(&self, connection: &Connection) -> Result<(), Error> {
        Ok(self.fault.as_ref().map_or(Ok(()), |fault| fault(connection))?)
    }

    #[cfg(not(feature = "suite"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape as with faults")]
    fn inject(&self, _: &Connection) -> Result<(), Error> {
        Ok(())
    }
}
