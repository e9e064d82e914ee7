//! The thread that writes the journal: batches from the queue, one transaction each.
//!
//! A failure is reported once per try and the batch is tried again; meanwhile the queue drops the oldest.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use model::{
    Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use rusqlite::Connection;

use super::{
    database,
    names::{self, Numbers},
};
use crate::{
    Error,
    journal::{Entry, EventRow},
    queue::Queue,
};

/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Scribe {
    path: PathBuf,
    queue: Arc<Queue<Entry>>,
    connection: Option<Connection>,
    numbers: Numbers,
}

/// The number of an outcome in rows; they never change.
pub(super) fn outcome_number(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Delivered => 0,
        Outcome::Refused => 1,
        Outcome::DeadLettered => 2,
        Outcome::Untranslatable => 3,
        Outcome::Duplicate => 4,
        Outcome::Expired => 5,
        Outcome::Ended => 6,
    }
}

/// The outcome with this number.
pub(super) fn outcome(number: i64) -> Result<Outcome, Error> {
    Outcome::ALL
        .into_iter()
        .find(|outcome| outcome_number(*outcome) == number)
        .ok_or_else(|| Error::Corrupt { kind: "outcome", reason: format!("{number} is not known") })
}

impl Scribe {
    pub(super) fn new(path: PathBuf, queue: Arc<Queue<Entry>>) -> Self {
        Self { path, queue, connection: None, numbers: Numbers::default() }
    }

    pub(super) fn run(mut self) {
        while let Some((batch, until)) = self.queue.take() {
            loop {
                match self.write(&batch) {
                    Ok(()) => {
                        self.queue.wrote(until, 0);
                        break;
                    }
                    Err(error) => {
                        tracing::error!(%error, entries = batch.len(), "the journal was not written");
                        self.connection = None;
                        self.numbers = Numbers::default();
                        if !self.queue.failed(error, PAUSE) {
                            return;
                        }
                    }
                }
            }
        }
    }

    fn write(&mut self, batch: &[Entry]) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => database::open(&self.path, &database::JOURNAL)?,
        };
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut marks: HashMap<(i64, Partition), Position> = HashMap::new();
        for entry in batch {
            match entry {
                Entry::Event(event) => {
                    let kanaal = self.numbers.get(&connection, names::of_kanaal(&event.kanaal))?;
                    insert_event(&connection, kanaal, event)?;
                    let mark = marks.entry((kanaal, event.partition)).or_default();
                    *mark = event.position.max(*mark);
                }
                Entry::Attempt { delivery, number, attempt } => {
                    let key = self.key(&connection, delivery)?;
                    insert_attempt(&connection, key, *number, attempt)?;
                }
                Entry::Settled { delivery, outcome, attempts, last, at } => {
                    let key = self.key(&connection, delivery)?;
                    upsert_settled(&connection, key, *outcome, *attempts, last.as_ref(), *at)?;
                }
                Entry::SettledRange { subscription, kanaal, partition, from, until, outcome, at } => {
                    let kanaal = self.numbers.get(&connection, names::of_kanaal(kanaal))?;
                    let subscription = self.numbers.get(&connection, names::of_subscription(*subscription))?;
                    // Recorded twice (by an index that is fed again) it counts once.
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
        for ((kanaal, partition), position) in marks {
            let sql = "INSERT INTO indexed (kanaal, partition, mark) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO UPDATE SET mark = max(mark, excluded.mark)";
            connection.prepare_cached(sql)?.execute((kanaal, partition.0, position.after().0 as i64))?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        self.connection = Some(connection);
        Ok(())
    }

    fn key(&mut self, connection: &Connection, delivery: &DeliveryKey) -> Result<Key, Error> {
        Ok(Key {
            kanaal: self.numbers.get(connection, names::of_kanaal(&delivery.kanaal))?,
            partition: delivery.partition.0,
            position: delivery.position.0 as i64,
            subscription: self.numbers.get(connection, names::of_subscription(delivery.subscription))?,
            run: match delivery.run {
                None => 0,
                Some(run) => self.numbers.get(connection, names::of_run(run))?,
            },
        })
    }
}

/// A delivery in rows.
#[derive(Debug, Clone, Copy)]
struct Key {
    kanaal: i64,
    partition: u32,
    position: i64,
    subscription: i64,
    run: i64,
}

fn insert_event(connection: &Connection, kanaal: i64, event: &EventRow) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO event (kanaal, partition, position, appended, id, source, kind, subject)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute((
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

fn parts(result: &AttemptResult) -> (Option<u16>, Option<&str>) {
    match result {
        AttemptResult::Status(status) => (Some(*status), None),
        AttemptResult::Failure(text) => (None, Some(text)),
    }
}

/// An empty excerpt takes no room.
fn excerpt(attempt: &Attempt) -> Option<&str> {
    (!attempt.excerpt.is_empty()).then_some(attempt.excerpt.as_str())
}

fn insert_attempt(connection: &Connection, key: Key, number: u32, attempt: &Attempt) -> Result<(), Error> {
    let (status, failure) = parts(&attempt.result);
    let sql = "INSERT OR REPLACE INTO attempt (kanaal, partition, position, subscription, run, number, started, micros,
                   status, failure, excerpt)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
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

fn upsert_settled(
    connection: &Connection,
    key: Key,
    outcome: Outcome,
    attempts: u32,
    last: Option<&Attempt>,
    at: Timestamp,
) -> Result<(), Error> {
    let (status, failure) = last.map_or((None, None), |last| parts(&last.result));
    let sql = "INSERT OR REPLACE INTO delivery (kanaal, partition, position, subscription, run, at, outcome, attempts,
                   started, micros, status, failure, excerpt)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute((
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
    ))?;
    Ok(())
}
