//! The writer of `gateway.sqlite`: one thread that takes whatever waits, commits it as one transaction, then
//! answers everybody in it. It knows nothing of what is written; jobs do.
//!
//! There is no timer: what arrives during one commit forms the next group. A caller that gave up
//! before its job was taken will never see it done; one whose job was taken learns what came of it, however long
//! that takes. After a failure the whole group is rolled back and its callers told; the thread goes on.

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

use super::{Options, database, failure, lock::Lock};
use crate::Error;

/// Most jobs in one transaction.
const GROUP_JOBS: usize = 512;
/// Bytes beyond which a transaction takes no further job.
const GROUP_BYTES: usize = 8 << 20;

/// Most turns of the scheduler that a group waits for the callers of the previous one.
const TURNS: u32 = 50;

/// A change of the file.
pub(super) trait Job: Send {
    /// Writes, inside the transaction of the group.
    fn stage(&mut self, connection: &Connection) -> Result<(), Error>;

    /// Makes the change visible in memory: the group is committed. Runs before any job of it is answered.
    fn publish(&mut self) {}

    /// Tells the caller. After an error nothing of the group was written; what was staged in memory is undone here.
    fn answer(self: Box<Self>, outcome: Result<(), Error>);
}

struct Queued {
    job: Box<dyn Job>,
    /// Set once, by whoever is first: the writer that takes the job or the caller that gives up.
    claim: Arc<AtomicBool>,
    bytes: OwnedSemaphorePermit,
}

/// The handle to the thread; it ends when this is dropped, after what waits was written.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Queued>>,
    bytes: Arc<Semaphore>,
    largest: usize,
    deadline: Duration,
    thread: Option<JoinHandle<()>>,
    _lock: Arc<Lock>,
}

impl Writer {
    pub(super) fn start(
        path: PathBuf,
        connection: Connection,
        options: &Options,
        lock: Arc<Lock>,
    ) -> Result<Self, Error> {
        let (queue, jobs) = mpsc::channel(options.queue_changes);
        let worker = Worker {
            path: path.clone(),
            connection: Some(connection),
            jobs,
            #[cfg(feature = "suite")]
            fault: options.fault.clone(),
        };
        let thread = std::thread::Builder::new().name("storage-writer".into()).spawn(move || worker.run());
        Ok(Self {
            queue: Some(queue),
            bytes: Arc::new(Semaphore::new(options.queue_bytes)),
            largest: options.queue_bytes.min(u32::MAX as usize),
            deadline: options.deadline,
            thread: Some(thread.map_err(|error| failure::io("start the writer of", &path, &error))?),
            _lock: lock,
        })
    }

    /// Has a job done and waits for its answer, which the job sends itself.
    pub(super) async fn submit<T, J: Job + 'static>(
        &self,
        bytes: usize,
        job: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> J,
    ) -> Result<T, Error> {
        if bytes > self.largest {
            return Err(Error::TooLarge { bytes, limit: self.largest });
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

struct Worker {
    path: PathBuf,
    connection: Option<Connection>,
    jobs: mpsc::Receiver<Queued>,
    #[cfg(feature = "suite")]
    fault: Option<super::Fault>,
}

impl Worker {
    fn run(mut self) {
        let mut group: Vec<Queued> = Vec::with_capacity(GROUP_JOBS);
        let mut previous = 0;
        while let Some(first) = self.jobs.blocking_recv() {
            self.gather(first, previous, &mut group);
            previous = group.len();
            if group.is_empty() {
                continue;
            }
            let outcome = self.commit(&mut group);
            match &outcome {
                Ok(()) => group.iter_mut().for_each(|queued| queued.job.publish()),
                Err(error) => tracing::error!(%error, changes = group.len(), "a transaction was rolled back"),
            }
            for queued in group.drain(..) {
                queued.job.answer(outcome.clone());
            }
        }
    }

    /// Takes what waits. The callers of the previous group were answered a moment ago; while there are fewer now,
    /// they get a few turns of the scheduler to come back, far less than a commit takes.
    fn gather(&mut self, first: Queued, previous: usize, group: &mut Vec<Queued>) {
        let (mut next, mut bytes, mut turns) = (Some(first), 0, 0);
        loop {
            if let Some(queued) = next {
                if !queued.claim.swap(true, Ordering::AcqRel) {
                    bytes += queued.bytes.num_permits();
                    group.push(queued);
                }
                if group.len() >= GROUP_JOBS || bytes >= GROUP_BYTES {
                    return;
                }
            } else if group.len() < previous && turns < TURNS {
                turns += 1;
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
        // A connection that does not come back outside the transaction is given up.
        if outcome.is_ok() || connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok() {
            self.connection = Some(connection);
        }
        outcome
    }

    /// A connection inside a new transaction: the one there is, or a new one when that cannot begin.
    fn begin(&mut self) -> Result<Connection, Error> {
        let begin = |connection: &Connection| connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]);
        if let Some(connection) = self.connection.take()
            && begin(&connection).is_ok()
        {
            return Ok(connection);
        }
        let connection = database::open(&self.path, &database::GATEWAY)?;
        begin(&connection)?;
        Ok(connection)
    }

    fn transact(&self, connection: &Connection, group: &mut [Queued]) -> Result<(), Error> {
        self.inject(connection)?;
        for queued in group {
            queued.job.stage(connection)?;
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
