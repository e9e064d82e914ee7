//! Queries on deliveries: single rows and ranges as one list.
//!
//! A range counts as one delivery per position, so a single delivery is read as a range of length one.

use model::{
    Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{
    journal_writer, name_ids,
    where_clause::{WhereClause, page_limit, page_offset},
};
use crate::{
    Error,
    journal::{BoundedRows, DeliveryQuery, DeliveryRow, Page},
};

/// Most events considered for one event id.
const MAX_EVENTS: u32 = 1_000;

/// A range of positions of one partition with the same outcome.
#[derive(Debug)]
struct DeliveryRange {
    at: i64,
    kanaal: i64,
    partition: u32,
    first: i64,
    until: i64,
    subscription: i64,
    run: i64,
    outcome: Option<i64>,
    attempts: u32,
    last: Option<Attempt>,
}

/// Deliveries, newest first.
pub(super) fn list(connection: &Connection, query: &DeliveryQuery, page: Page) -> Result<Vec<DeliveryRow>, Error> {
    let mut filter = WhereClause::default();
    // Conditions on runs and failures are written as literals, so that their partial indexes apply; a plus keeps the
    // indexes of less selective columns out of the query plan.
    let failed = query.outcome.is_some_and(|outcome| outcome != Outcome::Delivered);
    if let Some(id) = query.run {
        let Some(number) = name_ids::find(connection, &name_ids::of_run(id))? else { return Ok(Vec::new()) };
        filter.add_raw(format!("run = {number} AND run > 0"));
    }
    if let Some(outcome) = query.outcome {
        let plus = if failed && query.run.is_none() { "" } else { "+" };
        filter.add_raw(format!("{plus}outcome = {}", journal_writer::outcome_number(outcome)));
    }
    if failed {
        filter.add_raw("outcome > 0");
    }
    if let Some(id) = query.subscription {
        let Some(number) = name_ids::find(connection, &name_ids::of_subscription(id))? else { return Ok(Vec::new()) };
        let plus = if query.run.is_some() { "+" } else { "" };
        filter.add_raw(format!("{plus}subscription = {number}"));
    }
    filter.add_range("at", query.from, query.until);

    let mut pager = Pager { connection, skip: page_offset(page), room: page_limit(page), rows: BoundedRows::new() };
    let with_ranges = query.run.is_none();
    let Some(event_id) = &query.event_id else {
        select(connection, &filter, with_ranges, None, |range| pager.take(&range))?;
        return Ok(pager.rows.into_rows());
    };
    let mut found = Vec::new();
    for event in positions_of(connection, event_id)? {
        select(connection, &filter, with_ranges, Some(event), |range| {
            found.push(range);
            Ok(true)
        })?;
    }
    found.sort_by_key(|range| std::cmp::Reverse((range.at, range.kanaal, range.partition, range.first)));
    for range in &found {
        if !pager.take(range)? {
            break;
        }
    }
    Ok(pager.rows.into_rows())
}

/// The kanaal, partition and position of the events with this id.
fn positions_of(connection: &Connection, event_id: &str) -> Result<Vec<(i64, u32, i64)>, Error> {
    let sql = "SELECT kanaal, partition, position FROM event WHERE id = ?1 ORDER BY appended DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((event_id, MAX_EVENTS), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Passes the matching ranges, newest first, to `visit` until it returns `false`; reduced to one position if `event` is
/// given.
fn select(
    connection: &Connection,
    filter: &WhereClause,
    with_ranges: bool,
    event: Option<(i64, u32, i64)>,
    mut visit: impl FnMut(DeliveryRange) -> Result<bool, Error>,
) -> Result<(), Error> {
    let (mut single, mut range) = (filter.clone(), filter.clone());
    let mut cut = ("first".to_owned(), "until".to_owned());
    if let Some((kanaal, partition, position)) = event {
        single.add_raw(format!("kanaal = {kanaal} AND partition = {partition} AND position = {position}"));
        range.add_raw(format!("kanaal = {kanaal} AND partition = {partition}"));
        range.add_raw(format!("first <= {position} AND until > {position}"));
        cut = (position.to_string(), (position + 1).to_string());
    }
    let singles = format!(
        "SELECT at, kanaal, partition, position, position + 1, subscription, run, outcome, attempts, started, micros,
             status, failure, excerpt, fsc_transaction, retry_after
         FROM delivery WHERE {}",
        single.sql()
    );
    let ranges = format!(
        "UNION ALL SELECT at, kanaal, partition, {}, {}, subscription, 0, outcome, 0, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL
         FROM settled_range WHERE {}",
        cut.0,
        cut.1,
        range.sql()
    );
    let ranges = if with_ranges { &ranges } else { "" };
    let sql = format!("{singles} {ranges} ORDER BY 1 DESC, 2 DESC, 3 DESC, 4 DESC, 6 DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&filter.values))?;
    while let Some(row) = rows.next()? {
        let started: Option<i64> = row.get(9)?;
        let last = started.map(|started| attempt(row, started, 10)).transpose()?;
        let range = DeliveryRange {
            at: row.get(0)?,
            kanaal: row.get(1)?,
            partition: row.get(2)?,
            first: row.get(3)?,
            until: row.get(4)?,
            subscription: row.get(5)?,
            run: row.get(6)?,
            outcome: row.get(7)?,
            attempts: row.get(8)?,
            last,
        };
        if !visit(range)? {
            break;
        }
    }
    Ok(())
}

/// The attempt in the columns micros, status, failure, excerpt, FSC transaction and Retry-After, starting at `column`.
fn attempt(row: &Row<'_>, started: i64, column: usize) -> Result<Attempt, Error> {
    let (status, failure): (Option<u16>, Option<String>) = (row.get(column + 1)?, row.get(column + 2)?);
    let excerpt: Option<String> = row.get(column + 3)?;
    Ok(Attempt {
        at: Timestamp::from_micros(started),
        duration_micros: row.get::<_, i64>(column)? as u64,
        result: match status {
            Some(status) => AttemptResult::Code(status),
            None => AttemptResult::Failure(failure.unwrap_or_default()),
        },
        excerpt: excerpt.unwrap_or_default().into(),
        fsc_transaction: row.get::<_, Option<[u8; 16]>>(column + 4)?.map(uuid::Uuid::from_bytes),
        retry_after_seconds: row.get(column + 5)?,
    })
}

/// Collects the rows of one page.
struct Pager<'a> {
    connection: &'a Connection,
    skip: i64,
    room: i64,
    rows: BoundedRows<DeliveryRow>,
}

impl Pager<'_> {
    /// Takes the rows that fall on the page; `false` if the page is full.
    fn take(&mut self, range: &DeliveryRange) -> Result<bool, Error> {
        let skipped = self.skip.min(range.until - range.first);
        self.skip -= skipped;
        for position in (range.first..range.until - skipped).rev() {
            if self.room == 0 {
                break;
            }
            self.room -= 1;
            let row = self.row(range, position)?;
            self.rows.push(row)?;
        }
        Ok(self.room > 0)
    }

    fn row(&self, range: &DeliveryRange, position: i64) -> Result<DeliveryRow, Error> {
        let event = (range.kanaal, range.partition, position);
        let sql = "SELECT id FROM event WHERE kanaal = ?1 AND partition = ?2 AND position = ?3";
        let event_id = self.connection.prepare_cached(sql)?.query_row(event, |row| row.get(0)).optional()?;
        let sql = "SELECT number, started, micros, status, failure, excerpt, fsc_transaction, retry_after FROM attempt
                   WHERE kanaal = ?1 AND partition = ?2 AND position = ?3 AND subscription = ?4 AND run = ?5
                   ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((event.0, event.1, event.2, range.subscription, range.run))?;
        let mut attempts = Vec::new();
        while let Some(row) = rows.next()? {
            attempts.push((row.get(0)?, attempt(row, row.get(1)?, 2)?));
        }
        if let Some(last) = &range.last {
            attempts.retain(|(number, _)| *number < range.attempts);
            attempts.push((range.attempts, last.clone()));
        }
        Ok(DeliveryRow {
            delivery: DeliveryKey {
                subscription: name_ids::subscription(self.connection, range.subscription)?,
                kanaal: name_ids::kanaal(self.connection, range.kanaal)?,
                partition: Partition(range.partition),
                position: Position(position as u64),
                run: name_ids::run(self.connection, range.run)?,
            },
            event_id,
            outcome: range.outcome.map(journal_writer::outcome).transpose()?,
            attempts,
            attempts_made: range.attempts,
            at: Timestamp::from_micros(range.at),
        })
    }
}
