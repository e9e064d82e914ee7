//! The thread that writes the journal: one transaction per batch of the queue.
//!
//! A failed batch is logged and retried; meanwhile the queue drops the oldest entries. In a damaged file the entries of a
//! batch are written one by one; those that fail are dropped and counted, and the next start sets the file aside.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use model::{
    Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::{
    agree, database, hourly, last_delivered,
    name_ids::{self, NameIds},
    purge::Purged,
    runs::{self, RunCounts},
};
use crate::{
    Error,
    journal::{Entry, EventRow, Observer},
    queue::Queue,
    sqlite::open_files::OpenFile,
};

/// The delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

pub(super) struct JournalWriter {
    path: PathBuf,
    files: [OpenFile; 2],
    queue: Arc<Queue<Entry>>,
    purged: Arc<Purged>,
    observer: Option<Arc<dyn Observer>>,
    connection: Option<Connection>,
    name_ids: NameIds,
    /// Commits since the start, by which `make_durable` knows whether there is something to sync.
    commits: u64,
}

/// The number of an outcome in rows. Stored, so it never changes.
pub(super) fn outcome_number(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Delivered => 0,
        Outcome::Refused => 1,
        Outcome::RetriesExhausted => 2,
        Outcome::Untranslatable => 3,
        Outcome::Duplicate => 4,
        Outcome::Expired => 5,
        Outcome::Ended => 6,
    }
}

/// The outcome with this number.
///
/// # Errors
/// `Corrupt` for an unknown number.
pub(super) fn outcome(number: i64) -> Result<Outcome, Error> {
    Outcome::ALL
        .into_iter()
        .find(|outcome| outcome_number(*outcome) == number)
        .ok_or_else(|| Error::Corrupt { kind: "outcome", reason: format!("{number} is not known") })
}

impl JournalWriter {
    /// A writer of a file that is open, and stays open until the writer has ended.
    pub(super) fn new(
        path: PathBuf,
        queue: Arc<Queue<Entry>>,
        purged: Arc<Purged>,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Error> {
        let files = [OpenFile::note(&path)?, OpenFile::note_wal(&path)?];
        Ok(Self { path, files, queue, purged, observer, connection: None, name_ids: NameIds::default(), commits: 0 })
    }

    pub(super) fn run(mut self) {
        while let Some((mut batch, until)) = self.queue.take() {
            loop {
                let written = match self.write(&batch) {
                    Err(Error::Corrupt { .. }) => self.salvage(&batch),
                    written => written,
                };
                let Err(error) = written else {
                    self.queue.wrote(until, self.commits);
                    if let Some(observer) = &self.observer {
                        batch.retain(|entry| !self.purged.concerns(entry));
                        observer.searchable(&batch);
                    }
                    break;
                };
                tracing::error!(%error, entries = batch.len(), "the journal was not written");
                self.reset();
                if !self.queue.failed(error, RETRY_DELAY) {
                    return;
                }
            }
        }
    }

    fn reset(&mut self) {
        self.connection = None;
        self.name_ids = NameIds::default();
    }

    /// Writes what can be written to a damaged file, and drops and counts the rest.
    ///
    /// # Errors
    /// Those that have nothing to do with the damage.
    fn salvage(&mut self, batch: &[Entry]) -> Result<(), Error> {
        self.reset();
        let mut dropped = 0;
        for entry in batch {
            match self.write(std::slice::from_ref(entry)) {
                Ok(()) => {}
                Err(Error::Corrupt { .. }) => {
                    dropped += 1;
                    self.reset();
                }
                Err(error) => return Err(error),
            }
        }
        if dropped > 0 {
            tracing::error!(dropped, of = batch.len(), "entries were not written to the damaged journal");
            self.queue.drop_damaged(dropped);
            agree::mark_damaged(&self.path);
        }
        Ok(())
    }

    fn write(&mut self, batch: &[Entry]) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            self.files[0].check()?;
            database::open(&self.path, &database::JOURNAL)?
        };
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        self.write_entries(&connection, batch)?;
        self.files.iter().try_for_each(OpenFile::check)?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        self.commits += 1;
        self.connection = Some(connection);
        Ok(())
    }

    fn write_entries(&mut self, connection: &Connection, batch: &[Entry]) -> Result<(), Error> {
        let mut statements = Statements::prepare(connection)?;
        let mut marks: HashMap<(i64, Partition), Position> = HashMap::new();
        let mut counts = RunCounts::default();
        let mut first_end: Option<Timestamp> = None;
        let mut delivered: HashMap<i64, i64> = HashMap::new();
        for entry in batch {
            if self.purged.concerns(entry) {
                continue;
            }
            match entry {
                Entry::Event(event) => {
                    let kanaal = self.name_ids.get(connection, name_ids::of_kanaal(&event.kanaal))?;
                    statements.insert_event(kanaal, event)?;
                    let mark = marks.entry((kanaal, event.partition)).or_default();
                    *mark = event.position.max(*mark);
                }
                Entry::Attempt { delivery, number, attempt } => {
                    let key = self.key(connection, delivery)?;
                    insert_attempt(connection, key, *number, attempt)?;
                }
                Entry::Settled { delivery, outcome, attempts, last, at } => {
                    let key = self.key(connection, delivery)?;
                    if let Some(run) = delivery.run {
                        let before = stored_outcome(connection, key)?;
                        counts.changed(run, before, Some(outcome_after(before, *outcome)))?;
                    }
                    statements.settle(key, *outcome, *attempts, last.as_ref(), *at)?;
                    if *outcome == Outcome::Delivered {
                        let last = delivered.entry(key.subscription).or_insert(at.as_micros());
                        *last = (*last).max(at.as_micros());
                    }
                    first_end = Some(first_end.map_or(*at, |first| first.min(*at)));
                }
                Entry::Run(run) => runs::upsert(connection, run)?,
                Entry::SettledRange { subscription, kanaal, partition, from, until, outcome, at } => {
                    let kanaal = self.name_ids.get(connection, name_ids::of_kanaal(kanaal))?;
                    let subscription = self.name_ids.get(connection, name_ids::of_subscription(*subscription))?;
                    // An index that is rebuilt records a range again; it counts once.
                    let sql = "INSERT INTO settled_range (kanaal, partition, first, until, subscription, at, outcome)
                               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
                                   SELECT 1 FROM settled_range WHERE at = ?6 AND kanaal = ?1 AND partition = ?2
                                       AND first = ?3 AND until = ?4 AND subscription = ?5 AND outcome = ?7)";
                    let (first, until) = (from.0 as i64, until.0 as i64);
                    let (at, outcome) = (at.as_micros(), outcome_number(*outcome));
                    connection.prepare_cached(sql)?.execute((
                        kanaal,
                        partition.0,
                        first,
                        until,
                        subscription,
                        at,
                        outcome,
                    ))?;
                }
            }
        }
        counts.write(connection)?;
        last_delivered::keep(connection, &delivered)?;
        if let Some(ended) = first_end {
            hourly::set_back(connection, ended)?;
        }
        for ((kanaal, partition), position) in marks {
            let sql = "INSERT INTO indexed (kanaal, partition, mark) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO UPDATE SET mark = max(mark, excluded.mark)";
            connection.prepare_cached(sql)?.execute((kanaal, partition.0, position.after().0 as i64))?;
        }
        Ok(())
    }

    fn key(&mut self, connection: &Connection, delivery: &DeliveryKey) -> Result<DeliveryColumns, Error> {
        Ok(DeliveryColumns {
            kanaal: self.name_ids.get(connection, name_ids::of_kanaal(&delivery.kanaal))?,
            partition: delivery.partition.0,
            position: delivery.position.0 as i64,
            subscription: self.name_ids.get(connection, name_ids::of_subscription(delivery.subscription))?,
            run: match delivery.run {
                None => 0,
                Some(run) => self.name_ids.get(connection, name_ids::of_run(run))?,
            },
        })
    }
}

/// The statements of nearly every entry, prepared once for a batch.
struct Statements<'a> {
    insert_event: CachedStatement<'a>,
    insert_settled: CachedStatement<'a>,
    update_settled: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    fn prepare(connection: &'a Connection) -> Result<Self, Error> {
        Ok(Self {
            insert_event: connection.prepare_cached(
                "INSERT OR IGNORE INTO event (kanaal, partition, position, appended, id, source, kind, subject)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            insert_settled: connection.prepare_cached(
                "INSERT INTO delivery (kanaal, partition, position, subscription, run, at, outcome, attempts,
                     started, micros, status, failure, excerpt, fsc_transaction, retry_after)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                 ON CONFLICT DO NOTHING",
            )?,
            // What was delivered, and is then ended or expires because a crash came before its progress was stored, stays
            // delivered.
            update_settled: connection.prepare_cached(
                "UPDATE delivery SET at = ?6, outcome = ?7, attempts = ?8, started = ?9, micros = ?10, status = ?11,
                     failure = ?12, excerpt = ?13, fsc_transaction = ?14, retry_after = ?15
                 WHERE kanaal = ?1 AND partition = ?2 AND position = ?3 AND subscription = ?4 AND run = ?5
                     AND (outcome IS NULL OR ?7 NOT IN (5, 6))",
            )?,
        })
    }

    fn insert_event(&mut self, kanaal: i64, event: &EventRow) -> Result<(), Error> {
        self.insert_event.execute((
            kanaal,
            event.partition.0,
            event.position.0 as i64,
            event.appended.as_micros(),
            &event.id,
            &event.source,
            &event.kind,
            &event.subject,
        ))?;
        Ok(())
    }

    /// Writes how a delivery ended. Mostly it has no row yet: only a failed attempt makes one before.
    fn settle(
        &mut self,
        key: DeliveryColumns,
        outcome: Outcome,
        attempts: u32,
        last: Option<&Attempt>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (status, failure) = last.map_or((None, None), |last| parts(&last.result));
        let row = || {
            (
                key.kanaal,
                key.partition,
                key.position,
                key.subscription,
                key.run,
                at.as_micros(),
                outcome_number(outcome),
                attempts,
                last.map(|last| last.at.as_micros()),
                last.map(|last| last.duration_micros as i64),
                status,
                failure,
                last.and_then(excerpt),
                last.and_then(|last| last.fsc_transaction).map(uuid::Uuid::into_bytes),
                last.and_then(|last| last.retry_after_seconds),
            )
        };
        if self.insert_settled.execute(row())? == 0 {
            self.update_settled.execute(row())?;
        }
        Ok(())
    }
}

/// The key columns of a delivery.
#[derive(Debug, Clone, Copy)]
struct DeliveryColumns {
    kanaal: i64,
    partition: u32,
    position: i64,
    subscription: i64,
    run: i64,
}

fn parts(result: &AttemptResult) -> (Option<u16>, Option<&str>) {
    match result {
        AttemptResult::Code(status) => (Some(*status), None),
        AttemptResult::Failure(text) => (None, Some(text)),
    }
}

/// The excerpt, or `None` if it is empty, which takes no space in the row.
fn excerpt(attempt: &Attempt) -> Option<&str> {
    (!attempt.excerpt.is_empty()).then_some(attempt.excerpt.as_str())
}

fn insert_attempt(connection: &Connection, key: DeliveryColumns, number: u32, attempt: &Attempt) -> Result<(), Error> {
    let (status, failure) = parts(&attempt.result);
    let sql = "INSERT OR REPLACE INTO attempt (kanaal, partition, position, subscription, run, number, started, micros,
                   status, failure, excerpt, fsc_transaction, retry_after)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute((
        key.kanaal,
        key.partition,
        key.position,
        key.subscription,
        key.run,
        number,
        attempt.at.as_micros(),
        attempt.duration_micros as i64,
        status,
        failure,
        excerpt(attempt),
        attempt.fsc_transaction.map(uuid::Uuid::into_bytes),
        attempt.retry_after_seconds,
    ))?;
    let sql = "INSERT INTO delivery (kanaal, partition, position, subscription, run, at, outcome, attempts)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7)
               ON CONFLICT DO UPDATE SET at = max(at, excluded.at), attempts = max(attempts, excluded.attempts)
               WHERE outcome IS NULL";
    connection.prepare_cached(sql)?.execute((
        key.kanaal,
        key.partition,
        key.position,
        key.subscription,
        key.run,
        attempt.at.as_micros(),
        number,
    ))?;
    Ok(())
}

/// The outcome in the row of a delivery; `None` when it has none, or when there is no row.
fn stored_outcome(connection: &Connection, key: DeliveryColumns) -> Result<Option<i64>, Error> {
    let sql = "SELECT outcome FROM delivery
               WHERE kanaal = ?1 AND partition = ?2 AND position = ?3 AND subscription = ?4 AND run = ?5";
    let key = (key.kanaal, key.partition, key.position, key.subscription, key.run);
    let outcome: Option<Option<i64>> = connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
    Ok(outcome.flatten())
}

/// The outcome that a row with the outcome `before` has after [`Statements::settle`].
fn outcome_after(before: Option<i64>, outcome: Outcome) -> i64 {
    match before {
        Some(before) if matches!(outcome, Outcome::Expired | Outcome::Ended) => before,
        _ => outcome_number(outcome),
    }
}
