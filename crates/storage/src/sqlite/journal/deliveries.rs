//! Queries on deliveries: rows of single ones and ranges, as one list.
//!
//! A range counts as one delivery for each of its positions, so a single delivery is read as a range of one.

use model::{
    Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{
    filter::{Filter, limit, skipped},
    names, scribe,
};
use crate::{
    Error,
    journal::{DeliveryQuery, DeliveryRow, Page},
};

/// Most places looked at for one event id.
const MAX_PLACES: u32 = 1_000;

/// Part of one partition with one outcome.
#[derive(Debug)]
struct Listed {
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
    let mut filter = Filter::default();
    // The conditions on runs and failures stand as text, so that their partial indexes can be used; what is less
    // selective gets a plus, which keeps its index out of the way.
    let failed = query.outcome.is_some_and(|outcome| outcome != Outcome::Delivered);
    if let Some(id) = query.run {
        let Some(number) = names::find(connection, &names::of_run(id))? else { return Ok(Vec::new()) };
        filter.fixed(format!("run = {number} AND run > 0"));
    }
    if let Some(outcome) = query.outcome {
        let plus = if failed && query.run.is_none() { "" } else { "+" };
        filter.fixed(format!("{plus}outcome = {}", scribe::outcome_number(outcome)));
    }
    if failed {
        filter.fixed("outcome > 0");
    }
    if let Some(id) = query.subscription {
        let Some(number) = names::find(connection, &names::of_subscription(id))? else { return Ok(Vec::new()) };
        let plus = if failed || query.run.is_some() { "+" } else { "" };
        filter.fixed(format!("{plus}subscription = {number}"));
    }
    filter.between("at", query.from, query.until);

    let mut pager = Pager { connection, skip: skipped(page), room: limit(page), rows: Vec::new() };
    let with_ranges = query.run.is_none();
    let Some(event_id) = &query.event_id else {
        select(connection, &filter, with_ranges, None, |listed| pager.take(&listed))?;
        return Ok(pager.rows);
    };
    let mut found = Vec::new();
    for place in places(connection, event_id)? {
        select(connection, &filter, with_ranges, Some(place), |listed| {
            found.push(listed);
            Ok(true)
        })?;
    }
    found.sort_by_key(|listed| std::cmp::Reverse((listed.at, listed.kanaal, listed.partition, listed.first)));
    for listed in &found {
        if !pager.take(listed)? {
            break;
        }
    }
    Ok(pager.rows)
}

/// Where the events with this id stand: kanaal, partition, position.
fn places(connection: &Connection, event_id: &str) -> Result<Vec<(i64, u32, i64)>, Error> {
    let sql = "SELECT kanaal, partition, position FROM event WHERE id = ?1 ORDER BY appended DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((event_id, MAX_PLACES), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Shows what the filter selects, newest first, to `visit` until that has enough; cut to one place when given.
fn select(
    connection: &Connection,
    filter: &Filter,
    with_ranges: bool,
    place: Option<(i64, u32, i64)>,
    mut visit: impl FnMut(Listed) -> Result<bool, Error>,
) -> Result<(), Error> {
    let (mut single, mut range) = (filter.clone(), filter.clone());
    let mut cut = ("first".to_owned(), "until".to_owned());
    if let Some((kanaal, partition, position)) = place {
        single.fixed(format!("kanaal = {kanaal} AND partition = {partition} AND position = {position}"));
        range.fixed(format!("kanaal = {kanaal} AND partition = {partition}"));
        range.fixed(format!("first <= {position} AND until > {position}"));
        cut = (position.to_string(), (position + 1).to_string());
    }
    let singles = format!(
        "SELECT at, kanaal, partition, position, position + 1, subscription, run, outcome, attempts, started, micros,
             status, failure, excerpt
         FROM delivery WHERE {}",
        single.sql()
    );
    let ranges = format!(
        "UNION ALL SELECT at, kanaal, partition, {}, {}, subscription, 0, outcome, 0, NULL, NULL, NULL, NULL, NULL
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
        let listed = Listed {
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
        if !visit(listed)? {
            break;
        }
    }
    Ok(())
}

/// The attempt in the columns micros, status, failure, excerpt from `column` on.
fn attempt(row: &Row<'_>, started: i64, column: usize) -> Result<Attempt, Error> {
    let (status, failure): (Option<u16>, Option<String>) = (row.get(column + 1)?, row.get(column + 2)?);
    let excerpt: Option<String> = row.get(column + 3)?;
    Ok(Attempt {
        at: Timestamp::from_micros(started),
        duration_micros: row.get::<_, i64>(column)? as u64,
        result: match status {
            Some(status) => AttemptResult::Status(status),
            None => AttemptResult::Failure(failure.unwrap_or_default()),
        },
        excerpt: excerpt.unwrap_or_default().into(),
    })
}

/// Cuts one page out of what is listed.
struct Pager<'a> {
    connection: &'a Connection,
    skip: i64,
    room: i64,
    rows: Vec<DeliveryRow>,
}

impl Pager<'_> {
    /// Takes what falls on the page; `false` when the page is full.
    fn take(&mut self, listed: &Listed) -> Result<bool, Error> {
        let skipped = self.skip.min(listed.until - listed.first);
        self.skip -= skipped;
        for position in (listed.first..listed.until - skipped).rev() {
            if self.room == 0 {
                break;
            }
            self.room -= 1;
            self.rows.push(self.row(listed, position)?);
        }
        Ok(self.room > 0)
    }

    fn row(&self, listed: &Listed, position: i64) -> Result<DeliveryRow, Error> {
        let place = (listed.kanaal, listed.partition, position);
        let sql = "SELECT id FROM event WHERE kanaal = ?1 AND partition = ?2 AND position = ?3";
        let event_id = self.connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
        let sql = "SELECT number, started, micros, status, failure, excerpt FROM attempt
                   WHERE kanaal = ?1 AND partition = ?2 AND position = ?3 AND subscription = ?4 AND run = ?5
                   ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((place.0, place.1, place.2, listed.subscription, listed.run))?;
        let mut attempts = Vec::new();
        while let Some(row) = rows.next()? {
            attempts.push((row.get(0)?, attempt(row, row.get(1)?, 2)?));
        }
        if let Some(last) = &listed.last {
            attempts.retain(|(number, _)| *number < listed.attempts);
            attempts.push((listed.attempts, last.clone()));
        }
        Ok(DeliveryRow {
            delivery: DeliveryKey {
                subscription: names::subscription(self.connection, listed.subscription)?,
                kanaal: names::kanaal(self.connection, listed.kanaal)?,
                partition: Partition(listed.partition),
                position: Position(position as u64),
                run: names::run(self.connection, listed.run)?,
            },
            event_id,
            outcome: listed.outcome.map(scribe::outcome).transpose()?,
            attempts,
            attempts_made: listed.attempts,
            at: Timestamp::from_micros(listed.at),
        })
    }
}
