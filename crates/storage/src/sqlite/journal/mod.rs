//! Journal: what happened on `journal.sqlite`, dead letters on `gateway.sqlite`.
//!
//! Entries go through a bounded queue to a thread that writes them in batches; nothing on the path of an
//! event waits for it. Dead letters must survive a loss of power, so they go through the writer of the
//! other file. Queries run on reading connections.

mod dead_letters;
mod deliveries;
mod events;
mod filter;
mod names;
mod scribe;
mod trim;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, Timestamp};
use rusqlite::Connection;
use uuid::Uuid;

use self::scribe::Scribe;
use super::{Options, database, failure, lock::Lock, readers::Readers, statement_job::StatementJob, writer::Writer};
use crate::{
    Error, Journal,
    journal::{DeadLetter, DeadLetterQuery, DeliveryQuery, DeliveryRow, Entry, EventQuery, EventRow, Page},
    queue::Queue,
};

/// What a removed or counted dead letter weighs in the queue of the writer, in bytes.
const SMALL: usize = 64;

/// The port Journal on the embedded files.
#[derive(Debug)]
pub struct SqliteJournal {
    queue: Arc<Queue<Entry>>,
    scribe: Option<JoinHandle<()>>,
    journal: Arc<Readers>,
    trimmer: Arc<Mutex<Connection>>,
    writer: Arc<Writer>,
    gateway: Arc<Readers>,
    _lock: Arc<Lock>,
}

impl SqliteJournal {
    pub(super) fn start(
        path: PathBuf,
        writer: Arc<Writer>,
        gateway: Arc<Readers>,
        options: &Options,
        lock: Arc<Lock>,
    ) -> Result<Self, Error> {
        let queue = Arc::new(Queue::new(options.journal_entries));
        let trimmer = Arc::new(Mutex::new(database::open(&path, &database::JOURNAL)?));
        let scribe = Scribe::new(path.clone(), Arc::clone(&queue));
        let thread = std::thread::Builder::new().name("storage-journal".into()).spawn(move || scribe.run());
        let thread = thread.map_err(|error| failure::io("start the writer of", &path, &error))?;
        let journal = Arc::new(Readers::new(path));
        Ok(Self { queue, scribe: Some(thread), journal, trimmer, writer, gateway, _lock: lock })
    }

    /// How many entries were dropped because too many waited, since the start.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(thread) = self.scribe.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the journal panicked");
        }
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    fn record(&self, entries: Vec<Entry>) {
        self.queue.push(entries.into_iter().map(|entry| (weight(&entry), entry)));
    }

    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), Error> {
        let bytes = letters.iter().map(dead_letters::weight).sum();
        let keep = move |connection: &Connection| dead_letters::keep(connection, &letters);
        self.writer.submit(bytes, |reply| StatementJob::new(keep, reply)).await
    }

    async fn flush(&self) -> Result<(), Error> {
        self.queue.flush().await.map(drop)
    }

    async fn indexed(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error> {
        let kanaal = kanaal.clone();
        self.journal.run(move |connection| events::indexed(connection, &kanaal, partition)).await
    }

    async fn events(&self, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error> {
        self.journal.run(move |connection| events::list(connection, &query, page)).await
    }

    async fn deliveries(&self, query: DeliveryQuery, page: Page) -> Result<Vec<DeliveryRow>, Error> {
        self.journal.run(move |connection| deliveries::list(connection, &query, page)).await
    }

    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
        self.gateway.run(move |connection| dead_letters::list(connection, &query, page)).await
    }

    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error> {
        self.gateway.run(move |connection| dead_letters::count(connection, &query)).await
    }

    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error> {
        let bytes = ids.len() * SMALL;
        let remove = move |connection: &Connection| dead_letters::remove(connection, &ids);
        self.writer.submit(bytes, |reply| StatementJob::new(remove, reply)).await
    }

    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        let buried = move |connection: &Connection| dead_letters::trim(connection, before, max);
        let buried = self.writer.submit(SMALL, |reply| StatementJob::new(buried, reply)).await?;
        let left = max - buried.min(max);
        if left == 0 {
            return Ok(buried);
        }
        let trimmer = Arc::clone(&self.trimmer);
        let rest = tokio::task::spawn_blocking(move || trim::rows(&trimmer, before, left)).await;
        Ok(buried + rest.map_err(|error| failure::broken(format!("trimming failed: {error}")))??)
    }
}

/// About how many bytes an entry takes.
fn weight(entry: &Entry) -> usize {
    size_of::<Entry>()
        + match entry {
            Entry::Event(event) => {
                let subject = event.subject.as_ref().map_or(0, String::len);
                event.id.len() + event.source.len() + event.kind.len() + subject
            }
            Entry::Attempt { attempt, .. } => attempt.excerpt.len(),
            Entry::Settled { last, .. } => last.as_ref().map_or(0, |last| last.excerpt.len()),
            Entry::SettledRange { .. } => 0,
        }
}
