//! The journal: attempts, outcomes and the index of events on `journal.sqlite`, dead letters on `gateway.sqlite`.
//!
//! Entries pass through a bounded queue to a thread that writes them in batches; the path of an event never waits for
//! it. Dead letters must survive a loss of power, so they use the writer of the other file. Queries use read-only
//! connections.

pub(super) mod agree;
mod dead_letters;
mod deliveries;
mod events;
pub(super) mod hourly;
mod journal_writer;
pub(super) mod last_delivered;
mod name_ids;
mod outcomes;
mod purge;
mod runs;
mod sync;
mod trim;
mod where_clause;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey};
use rusqlite::Connection;
use uuid::Uuid;

pub(super) use self::outcomes::of_records as outcomes_of;
use self::{journal_writer::JournalWriter, purge::Purged};
use super::{
    Options, database, erase, failure, lock::Lock, readers::Readers, statement_job::StatementJob, writer::Writer,
};
use crate::{
    Error, Journal,
    journal::{
        DeadLetter, DeadLetterGroups, DeadLetterQuery, DeadLetterSum, DeliveryCounts, DeliveryQuery, DeliveryRow,
        Entry, EventQuery, EventRow, Page, RecentTypes, RecordOutcome, RecordPlace, RunQuery, RunRow,
    },
    queue::Queue,
};

/// The size of a removed or counted dead letter in the writer's queue, in bytes.
const ROW_BYTES: usize = 64;

/// The port Journal on the embedded files.
#[derive(Debug)]
pub struct SqliteJournal {
    queue: Arc<Queue<Entry>>,
    writer_thread: Option<JoinHandle<()>>,
    journal: Arc<Readers>,
    trimmer: Arc<Mutex<Connection>>,
    writer: Arc<Writer>,
    gateway: Arc<Readers>,
    purged: Arc<Purged>,
    /// The write-ahead log of `journal.sqlite`.
    wal: PathBuf,
    /// How many commits to `journal.sqlite` are certainly on the disk.
    synced: tokio::sync::Mutex<u64>,
    _lock: Arc<Lock>,
}

impl SqliteJournal {
    /// Starts the writer of an open journal.
    pub(super) fn start(
        (path, connection): (PathBuf, Connection),
        writer: Arc<Writer>,
        gateway: Arc<Readers>,
        options: &Options,
        lock: Arc<Lock>,
    ) -> Result<Self, Error> {
        let queue = Arc::new(Queue::new(options.journal_entries));
        let trimmer = Arc::new(Mutex::new(connection));
        let purged = Arc::new(Purged::default());
        let journal_writer =
            JournalWriter::new(path.clone(), Arc::clone(&queue), Arc::clone(&purged), options.observer.clone())?;
        let thread = std::thread::Builder::new().name("storage-journal".into()).spawn(move || journal_writer.run());
        let thread = thread.map_err(|error| failure::io("start the writer of", &path, &error))?;
        let mut wal = path.clone().into_os_string();
        wal.push("-wal");
        let journal = Arc::new(Readers::new(path)?);
        Ok(Self {
            queue,
            writer_thread: Some(thread),
            journal,
            trimmer,
            writer,
            gateway,
            purged,
            wal: wal.into(),
            synced: tokio::sync::Mutex::default(),
            _lock: lock,
        })
    }

    /// The numbers and ids of some dead letters of a partition whose positions are before a mark, with numbers above
    /// `after`; none if there are no more.
    pub(crate) async fn dead_letters_before(
        &self,
        kanaal: &KanaalName,
        (partition, end): (Partition, Mark),
        after: i64,
    ) -> Result<Vec<(i64, Uuid)>, Error> {
        let kanaal = kanaal.clone();
        self.gateway.run(move |connection| dead_letters::before(connection, &kanaal, partition, end, after)).await
    }

    /// The ids of at most `max` dead letters created before a timestamp, oldest first.
    #[cfg(feature = "kafka")]
    pub(crate) async fn older_dead_letters(&self, before: Timestamp, max: usize) -> Result<Vec<Uuid>, Error> {
        self.gateway.run(move |connection| dead_letters::older(connection, before, max)).await
    }

    /// The ids of dead letters that these deliveries of runs redrove.
    #[cfg(feature = "kafka")]
    pub(crate) async fn redriven(&self, deliveries: Vec<DeliveryKey>) -> Result<Vec<Uuid>, Error> {
        self.gateway.run(move |connection| dead_letters::redriven(connection, &deliveries)).await
    }

    /// The number of entries dropped since the start because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(thread) = self.writer_thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the journal panicked");
        }
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    fn record(&self, entries: Vec<Entry>) {
        self.queue.push(entries.into_iter().map(|entry| (queue_bytes(&entry), entry)));
    }

    async fn store_dead_letters(&self, letters: Vec<DeadLetter>) -> Result<(), Error> {
        let bytes = letters.iter().map(dead_letters::queue_bytes).sum();
        let purged = Arc::clone(&self.purged);
        let insert = move |connection: &Connection| {
            let is_kept = |letter: &&DeadLetter| {
                let key = &letter.delivery;
                !purged.contains(&key.kanaal, key.partition, key.position)
            };
            dead_letters::insert(connection, letters.iter().filter(is_kept))
        };
        self.writer.submit(bytes, |reply| StatementJob::new(insert, reply)).await
    }

    async fn flush(&self) -> Result<(), Error> {
        self.queue.flush().await.map(drop)
    }

    /// Commits to `journal.sqlite` do not wait for the disk, so its write-ahead log is synced here, at most once for the
    /// same commits.
    async fn make_durable(&self) -> Result<(), Error> {
        let commits = self.queue.flush().await?;
        let mut synced = self.synced.lock().await;
        if commits > *synced {
            let wal = self.wal.clone();
            let sync = tokio::task::spawn_blocking(move || sync::file(&wal)).await;
            sync.map_err(|error| failure::broken(format!("syncing failed: {error}")))??;
            *synced = commits;
        }
        Ok(())
    }

    fn health(&self) -> Result<Option<String>, Error> {
        if let Some(error) = self.queue.failure() {
            return Err(error);
        }
        let (full, damaged) = (self.queue.dropped(), self.queue.damaged());
        Ok((full + damaged > 0).then(|| {
            let remedy = if damaged == 0 { "" } else { "; the next start sets it aside and builds another" };
            format!("{full} entries were dropped since the start because too many waited, {damaged} because the file is damaged{remedy}")
        }))
    }

    fn lost(&self) -> u64 {
        self.queue.dropped() + self.queue.damaged()
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

    async fn runs(&self, query: RunQuery, page: Page) -> Result<Vec<RunRow>, Error> {
        self.journal.run(move |connection| runs::list(connection, &query, page)).await
    }

    async fn count_deliveries(&self, until: Timestamp, max: usize) -> Result<bool, Error> {
        let connection = Arc::clone(&self.trimmer);
        let counted = tokio::task::spawn_blocking(move || hourly::count(&connection, until, max)).await;
        counted.map_err(|error| failure::broken(format!("counting failed: {error}")))?
    }

    async fn delivery_counts(&self, subscription: SubscriptionId, from: Timestamp) -> Result<DeliveryCounts, Error> {
        self.journal.run(move |connection| hourly::read(connection, subscription, from)).await
    }

    async fn recent_types(
        &self,
        subscription: SubscriptionId,
        from: Timestamp,
        newest: u32,
    ) -> Result<RecentTypes, Error> {
        self.journal.run(move |connection| hourly::recent(connection, subscription, from, newest)).await
    }

    async fn last_delivered(&self, subscriptions: Vec<SubscriptionId>) -> Result<Vec<Option<Timestamp>>, Error> {
        self.journal.run(move |connection| last_delivered::read(connection, &subscriptions)).await
    }

    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
        self.gateway.run(move |connection| dead_letters::list(connection, &query, page)).await
    }

    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error> {
        self.gateway.run(move |connection| dead_letters::count(connection, &query)).await
    }

    async fn dead_letter_groups(&self, query: DeadLetterQuery) -> Result<DeadLetterGroups, Error> {
        self.gateway.run(move |connection| dead_letters::groups(connection, &query)).await
    }

    fn read_steps(&self) -> u64 {
        self.journal.steps() + self.gateway.steps()
    }

    async fn sum_dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetterSum>, Error> {
        self.gateway.run(move |connection| dead_letters::sum(connection, &query)).await
    }

    async fn outcomes_of(&self, records: Vec<RecordPlace>) -> Result<Vec<Vec<RecordOutcome>>, Error> {
        self.journal.run(move |connection| outcomes::of_records(connection, &records)).await
    }

    async fn dead_letter_deliveries(
        &self,
        query: DeadLetterQuery,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, Error> {
        let list = move |connection: &Connection| dead_letters::deliveries(connection, &query, after.as_ref(), limit);
        self.gateway.run(list).await
    }

    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error> {
        let bytes = ids.len() * ROW_BYTES;
        let remove = move |connection: &Connection| {
            erase::securely(connection, |connection| dead_letters::remove(connection, &ids))
        };
        self.writer.submit(bytes, |reply| StatementJob::new(remove, reply)).await
    }

    async fn remove_redriven(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, Error> {
        let bytes = deliveries.len() * ROW_BYTES;
        let remove = move |connection: &Connection| dead_letters::remove_redriven(connection, &deliveries);
        self.writer.submit(bytes, |reply| StatementJob::new(remove, reply)).await
    }

    /// In short transactions, dead letters by the writer of `gateway.sqlite`.
    async fn purge(&self, kanaal: &KanaalName, ends: &[(Partition, Mark)]) -> Result<(), Error> {
        self.purged.add(kanaal, ends);
        self.queue.flush().await?;
        // After this, dead letters that were waiting are in the file.
        self.writer.submit(ROW_BYTES, |reply| StatementJob::new(|_| Ok(()), reply)).await?;
        for (partition, end) in ends.iter().copied() {
            let mut after = 0;
            loop {
                let found = self.dead_letters_before(kanaal, (partition, end), after).await?;
                let Some((last, _)) = found.last() else { break };
                after = *last;
                let ids: Vec<Uuid> = found.into_iter().map(|(_, id)| id).collect();
                self.remove_dead_letters(ids).await?;
            }
            let (trimmer, naam) = (Arc::clone(&self.trimmer), kanaal.clone());
            let rows = tokio::task::spawn_blocking(move || purge::rows(&trimmer, &naam, (partition, end))).await;
            rows.map_err(|error| failure::broken(format!("purging failed: {error}")))??;
        }
        erase::empty_wal(self.gateway.path(), &database::GATEWAY).await?;
        erase::empty_wal(self.journal.path(), &database::JOURNAL).await
    }

    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        let trimmed = move |connection: &Connection| dead_letters::trim(connection, before, max);
        let trimmed = self.writer.submit(ROW_BYTES, |reply| StatementJob::new(trimmed, reply)).await?;
        let left = max - trimmed.min(max);
        if left == 0 {
            return Ok(trimmed);
        }
        let trimmer = Arc::clone(&self.trimmer);
        let rest = tokio::task::spawn_blocking(move || trim::rows(&trimmer, before, left)).await;
        Ok(trimmed + rest.map_err(|error| failure::broken(format!("trimming failed: {error}")))??)
    }

    async fn trim_runs(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        let trimmer = Arc::clone(&self.trimmer);
        let trimmed = tokio::task::spawn_blocking(move || runs::trim(&trimmer, before, max)).await;
        trimmed.map_err(|error| failure::broken(format!("trimming failed: {error}")))?
    }
}

/// The approximate size of an entry in the queue, in bytes.
fn queue_bytes(entry: &Entry) -> usize {
    size_of::<Entry>()
        + match entry {
            Entry::Event(event) => {
                let subject = event.subject.as_ref().map_or(0, String::len);
                event.id.len() + event.source.len() + event.kind.len() + subject
            }
            Entry::Attempt { attempt, .. } => attempt.excerpt.len(),
            Entry::Settled { last, .. } => last.as_ref().map_or(0, |last| last.excerpt.len()),
            Entry::SettledRange { .. } => 0,
            Entry::Run(run) => size_of_val(&**run) + run.asked_by.len(),
        }
}
