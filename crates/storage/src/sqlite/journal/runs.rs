//! Rows of runs: their progress as recorded, and their deliveries counted by outcome.
//!
//! The counts change in the transaction that writes an outcome, and only by the difference to what the row of the delivery
//! had before, so that an entry which is applied twice counts once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::{
    SubscriptionId, Timestamp,
    run::{RunId, RunKind},
};
use rusqlite::{Connection, Row, params_from_iter};
use uuid::Uuid;

use super::{
    journal_writer,
    where_clause::{WhereClause, page_limit, page_offset},
};
use crate::{
    Error,
    journal::{Page, RunProgress, RunQuery, RunRow},
};

/// Changes of the counts of runs in one batch of the journal.
#[derive(Debug, Default)]
pub(super) struct RunCounts(HashMap<RunId, Count>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    delivered: i64,
    failed: i64,
}

impl Count {
    /// What a delivery with this stored outcome counts as.
    fn of(outcome: Option<i64>) -> Result<Self, Error> {
        let outcome = outcome.map(journal_writer::outcome).transpose()?;
        Ok(Self {
            delivered: i64::from(outcome == Some(model::outcome::Outcome::Delivered)),
            failed: i64::from(outcome.is_some_and(model::outcome::Outcome::is_dead_letter)),
        })
    }
}

impl RunCounts {
    /// The stored outcome of a delivery of a run changed.
    pub(super) fn changed(&mut self, run: RunId, before: Option<i64>, after: Option<i64>) -> Result<(), Error> {
        let (before, after) = (Count::of(before)?, Count::of(after)?);
        let count = self.0.entry(run).or_default();
        count.delivered += after.delivered - before.delivered;
        count.failed += after.failed - before.failed;
        Ok(())
    }

    /// Adds the changes to the rows of their runs.
    pub(super) fn write(self, connection: &Connection) -> Result<(), Error> {
        for (run, count) in self.0.into_iter().filter(|(_, count)| *count != Count::default()) {
            let sql = "UPDATE run SET delivered = delivered + ?2, failed = failed + ?3 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((run.0.as_bytes(), count.delivered, count.failed))?;
        }
        Ok(())
    }
}

/// The number of a kind in rows. Stored, so it never changes.
fn kind_number(kind: RunKind) -> i64 {
    match kind {
        RunKind::Replay => 0,
        RunKind::Records => 1,
    }
}

/// Stores the progress of a run. Progress never goes back, and an end is final: an entry may be applied again.
pub(super) fn upsert(connection: &Connection, run: &RunProgress) -> Result<(), Error> {
    let sql = "INSERT INTO run (id, subscription, kind, asked_by, created, total, done, at, ended, delivered, failed)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0)
               ON CONFLICT DO UPDATE SET total = max(total, excluded.total), done = max(done, excluded.done),
                   at = max(at, excluded.at), ended = coalesce(ended, excluded.ended)";
    connection.prepare_cached(sql)?.execute((
        run.id.0.as_bytes(),
        run.subscription.0.as_bytes(),
        kind_number(run.kind),
        &run.asked_by,
        run.created.as_micros(),
        i64::try_from(run.total).unwrap_or(i64::MAX),
        i64::try_from(run.done).unwrap_or(i64::MAX),
        run.at.as_micros(),
        run.ended.map(Timestamp::as_micros),
    ))?;
    Ok(())
}

/// Runs, newest first.
pub(super) fn list(connection: &Connection, query: &RunQuery, page: Page) -> Result<Vec<RunRow>, Error> {
    let mut filter = WhereClause::default();
    let ids: Vec<Uuid> = query.ids.iter().map(|id| id.0).collect();
    filter.add_any_of("id", &ids);
    filter.add("subscription =", query.subscription.map(|id| id.0.as_bytes().to_vec()));
    let sql = format!(
        "SELECT id, subscription, kind, asked_by, created, total, done, at, ended, delivered, failed FROM run WHERE {}
         ORDER BY created DESC, id DESC LIMIT {} OFFSET {}",
        filter.sql(),
        page_limit(page),
        page_offset(page)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(run(row)?);
    }
    Ok(runs)
}

fn run(row: &Row<'_>) -> Result<RunRow, Error> {
    let corrupt = |reason: String| Error::Corrupt { kind: "run", reason };
    let uuid = |column: usize| -> Result<Uuid, Error> {
        Uuid::from_slice(&row.get::<_, Vec<u8>>(column)?).map_err(|error| corrupt(error.to_string()))
    };
    let number = |column: usize| -> Result<u64, Error> { Ok(row.get::<_, i64>(column)?.max(0) as u64) };
    let progress = RunProgress {
        id: RunId(uuid(0)?),
        subscription: SubscriptionId(uuid(1)?),
        kind: match row.get::<_, i64>(2)? {
            0 => RunKind::Replay,
            1 => RunKind::Records,
            other => return Err(corrupt(format!("kind {other} is not known"))),
        },
        asked_by: row.get(3)?,
        created: Timestamp::from_micros(row.get(4)?),
        total: number(5)?,
        done: number(6)?,
        at: Timestamp::from_micros(row.get(7)?),
        ended: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_micros),
    };
    Ok(RunRow { progress, delivered: number(9)?, failed: number(10)? })
}

/// Removes at most `max` rows whose progress was recorded before a timestamp; returns their number.
pub(super) fn trim(connection: &Mutex<Connection>, before: Timestamp, max: usize) -> Result<usize, Error> {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE at < ?1 ORDER BY at LIMIT ?2)";
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(sql)?.execute((before.as_micros(), most))?)
}
