//! Dead letters on `gateway.sqlite`, each with the whole record, since the log may be trimmed first.

use model::{KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};
use rusqlite::{Connection, Row, params_from_iter, types::Value};
use uuid::Uuid;

use super::{
    journal_writer::{outcome, outcome_number},
    where_clause::{WhereClause, page_limit, page_offset},
};
use crate::{
    Error,
    codec::{decode_record, encode_record, record_bytes},
    journal::{BoundedRows, DeadLetter, DeadLetterGroup, DeadLetterGroups, DeadLetterQuery, DeadLetterSum, Page},
};

/// The size of a dead letter in the writer's queue, in bytes.
pub(super) fn queue_bytes(letter: &DeadLetter) -> usize {
    record_bytes(&letter.record) + letter.reason.len() + 256
}

/// Inserts dead letters; skips those of a delivery that has one already.
pub(super) fn insert<'a>(
    connection: &Connection,
    letters: impl IntoIterator<Item = &'a DeadLetter>,
) -> Result<(), Error> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO dead_letter (id, subscription, kanaal, partition, position, run, event_id, source, kind,
             outcome, reason, last_status, attempts, at, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    for letter in letters {
        let run = run_bytes(letter.delivery.run);
        insert.execute((
            &letter.id.as_bytes()[..],
            &letter.delivery.subscription.0.as_bytes()[..],
            letter.delivery.kanaal.as_str(),
            letter.delivery.partition.0,
            letter.delivery.position.0 as i64,
            run,
            &letter.event_id,
            &letter.event_source,
            &letter.event_kind,
            outcome_number(letter.outcome),
            &letter.reason,
            letter.last_code,
            letter.attempts,
            letter.at.as_micros(),
            &encode_record(&letter.record)[..],
        ))?;
    }
    Ok(())
}

/// The run of a delivery in a row; empty for none, which sorts first.
fn run_bytes(run: Option<RunId>) -> Vec<u8> {
    run.map_or(Vec::new(), |run| run.0.as_bytes().to_vec())
}

fn filter(query: &DeadLetterQuery) -> WhereClause {
    let mut filter = WhereClause::default();
    filter.add_any_of("id", &query.ids);
    filter.add("subscription =", query.subscription.map(|id| id.0.as_bytes().to_vec()));
    filter.add("kanaal =", query.kanaal.as_ref().map(ToString::to_string));
    filter.add("partition =", query.record.map(|(partition, _)| i64::from(partition.0)));
    filter.add("position =", query.record.map(|(_, position)| position.0 as i64));
    filter.add("kind =", query.kind.clone());
    filter.add("last_status =", query.code.map(i64::from));
    filter.add_range("at", query.from, query.until);
    filter
}

/// The index with the dead letters of the subscription, or else of the kanaal, by time, and the conditions that it fulfils.
fn by_time(query: &DeadLetterQuery) -> (&'static str, WhereClause) {
    let mut fixed = WhereClause::default();
    let index = if let Some(id) = query.subscription {
        fixed.add("subscription =", Some(id.0.as_bytes().to_vec()));
        "dead_letter_subscription"
    } else if let Some(kanaal) = &query.kanaal {
        fixed.add("kanaal =", Some(kanaal.to_string()));
        "dead_letter_kanaal"
    } else {
        "dead_letter_at"
    };
    fixed.add_range("at", query.from, query.until);
    (index, fixed)
}

/// Time and number of the newest dead letter behind the newest `most`; `None` when there are no more.
fn behind_newest(connection: &Connection, query: &DeadLetterQuery, most: u32) -> Result<Option<(i64, i64)>, Error> {
    let (index, fixed) = by_time(query);
    let sql = format!(
        "SELECT at, number FROM dead_letter INDEXED BY {index} WHERE {} ORDER BY at DESC, number DESC LIMIT 1 OFFSET {most}",
        fixed.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(fixed.values))?;
    rows.next()?.map(|row| Ok::<_, Error>((row.get(0)?, row.get(1)?))).transpose()
}

/// The filter of a query that may be bounded to the newest, with the index to use, and whether that leaves none out.
fn bounded(connection: &Connection, query: &DeadLetterQuery) -> Result<(WhereClause, String, bool), Error> {
    let Some(most) = query.newest.filter(|_| query.ids.is_empty()) else {
        return Ok((filter(query), String::new(), true));
    };
    let index = format!("INDEXED BY {}", by_time(query).0);
    let Some((at, number)) = behind_newest(connection, query, most)? else { return Ok((filter(query), index, true)) };
    // In place of an earlier start, with which the index would go over everything since then.
    let from = Some(Timestamp::from_micros(at));
    let mut filter = filter(&DeadLetterQuery { from, ..query.clone() });
    filter.add_behind([("at", at.into()), ("number", number.into())]);
    Ok((filter, index, false))
}

/// Dead letters, newest first.
pub(super) fn list(connection: &Connection, query: &DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
    let (filter, index, _) = bounded(connection, query)?;
    let record = if query.without_records { "NULL" } else { "record" };
    let sql = format!(
        "SELECT id, subscription, kanaal, partition, position, run, event_id, source, kind, outcome, reason,
             last_status, attempts, at, {record}
         FROM dead_letter {index} WHERE {} ORDER BY at DESC, number DESC LIMIT {} OFFSET {}",
        filter.sql(),
        page_limit(page),
        page_offset(page)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    if query.without_records {
        let mut letters = BoundedRows::new();
        while let Some(row) = rows.next()? {
            letters.push(letter(row)?)?;
        }
        return Ok(letters.into_rows());
    }
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        letters.push(letter(row)?);
    }
    Ok(letters)
}

/// The deliveries of dead letters in the order of the unique index on deliveries, behind `after`.
pub(super) fn deliveries(
    connection: &Connection,
    query: &DeadLetterQuery,
    after: Option<&DeliveryKey>,
    limit: u32,
) -> Result<Vec<DeliveryKey>, Error> {
    let mut filter = filter(query);
    if let Some(after) = after {
        let values: [(&str, Value); 5] = [
            ("subscription", after.subscription.0.as_bytes().to_vec().into()),
            ("kanaal", after.kanaal.to_string().into()),
            ("partition", i64::from(after.partition.0).into()),
            ("position", (after.position.0 as i64).into()),
            ("run", run_bytes(after.run).into()),
        ];
        // Leading columns that the query fixes are left out, so that the index finds the first row of the page.
        let fixed = match (query.subscription, &query.kanaal) {
            (Some(_), Some(_)) => 2,
            (Some(_), None) => 1,
            _ => 0,
        };
        filter.add_behind(values.into_iter().skip(fixed));
    }
    // Without this hint a filter on time or a sort by time may win over the order of the page.
    let hint = if query.ids.is_empty() { "INDEXED BY sqlite_autoindex_dead_letter_2" } else { "" };
    let sql = format!(
        "SELECT subscription, kanaal, partition, position, run FROM dead_letter {hint}
         WHERE {} ORDER BY subscription, kanaal, partition, position, run LIMIT {limit}",
        filter.sql(),
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(delivery(row, 0)?);
    }
    Ok(found)
}

/// The ids of dead letters that these deliveries of runs redrove.
pub(super) fn redriven(connection: &Connection, deliveries: &[DeliveryKey]) -> Result<Vec<Uuid>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM dead_letter
         WHERE subscription = ?1 AND kanaal = ?2 AND partition = ?3 AND position = ?4 AND run <> ?5",
    )?;
    let mut ids = Vec::new();
    for key in deliveries {
        let mut rows = select.query((
            &key.subscription.0.as_bytes()[..],
            key.kanaal.as_str(),
            key.partition.0,
            key.position.0 as i64,
            run_bytes(key.run),
        ))?;
        while let Some(row) = rows.next()? {
            ids.push(uuid(row, 0)?);
        }
    }
    Ok(ids)
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "dead letter", reason: reason.into() }
}

fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid, Error> {
    let bytes: Vec<u8> = row.get(column)?;
    Uuid::from_slice(&bytes).map_err(|_| corrupt("not an id"))
}

/// The delivery in the columns subscription, kanaal, partition, position, run from `first` on.
fn delivery(row: &Row<'_>, first: usize) -> Result<DeliveryKey, Error> {
    let (kanaal, run): (String, Vec<u8>) = (row.get(first + 1)?, row.get(first + 4)?);
    Ok(DeliveryKey {
        subscription: SubscriptionId(uuid(row, first)?),
        kanaal: KanaalName::new(&kanaal).ok_or_else(|| corrupt("not a name of a kanaal"))?,
        partition: Partition(row.get(first + 2)?),
        position: Position(row.get::<_, i64>(first + 3)? as u64),
        run: if run.is_empty() { None } else { Some(RunId(uuid(row, first + 4)?)) },
    })
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, Error> {
    let record: Option<Vec<u8>> = row.get(14)?;
    Ok(DeadLetter {
        id: uuid(row, 0)?,
        delivery: delivery(row, 1)?,
        event_id: row.get(6)?,
        event_source: row.get(7)?,
        event_kind: row.get(8)?,
        record: record.map(|record| decode_record(record.into())).transpose()?.unwrap_or_default(),
        outcome: outcome(row.get(9)?)?,
        reason: row.get(10)?,
        last_code: row.get(11)?,
        attempts: row.get(12)?,
        at: Timestamp::from_micros(row.get(13)?),
    })
}

/// The number of matching dead letters.
pub(super) fn count(connection: &Connection, query: &DeadLetterQuery) -> Result<u64, Error> {
    let filter = filter(query);
    let sql = format!("SELECT count(*) FROM dead_letter WHERE {}", filter.sql());
    let count: i64 = connection.prepare_cached(&sql)?.query_row(params_from_iter(filter.values), |row| row.get(0))?;
    Ok(count as u64)
}

/// The groups of matching dead letters.
pub(super) fn groups(connection: &Connection, query: &DeadLetterQuery) -> Result<DeadLetterGroups, Error> {
    let (filter, index, is_complete) = bounded(connection, query)?;
    let sql = format!(
        "SELECT subscription, kanaal, outcome, last_status, count(*), max(at) FROM dead_letter {index} WHERE {}
         GROUP BY subscription, kanaal, outcome, last_status",
        filter.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        let kanaal: String = row.get(1)?;
        groups.push(DeadLetterGroup {
            subscription: SubscriptionId(uuid(row, 0)?),
            kanaal: KanaalName::new(&kanaal).ok_or_else(|| corrupt("not a name of a kanaal"))?,
            outcome: outcome(row.get(2)?)?,
            code: row.get(3)?,
            count: row.get::<_, i64>(4)? as u64,
            newest: Timestamp::from_micros(row.get(5)?),
        });
    }
    Ok(DeadLetterGroups { groups, is_complete })
}

/// The matching dead letters of each subscription together. Their records are not read, only their lengths.
pub(super) fn sum(connection: &Connection, query: &DeadLetterQuery) -> Result<Vec<DeadLetterSum>, Error> {
    let filter = filter(query);
    let sql = format!(
        "SELECT subscription, count(*), sum(length(record)), min(at) FROM dead_letter WHERE {} GROUP BY subscription",
        filter.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut sums = Vec::new();
    while let Some(row) = rows.next()? {
        sums.push(DeadLetterSum {
            subscription: SubscriptionId(uuid(row, 0)?),
            count: row.get::<_, i64>(1)? as u64,
            bytes: row.get::<_, i64>(2)? as u64,
            oldest: Timestamp::from_micros(row.get(3)?),
        });
    }
    Ok(sums)
}

/// Removes dead letters; returns how many existed.
pub(super) fn remove(connection: &Connection, ids: &[Uuid]) -> Result<u64, Error> {
    let mut delete = connection.prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?;
    let mut removed = 0;
    for id in ids {
        removed += delete.execute([&id.as_bytes()[..]])?;
    }
    Ok(removed as u64)
}

/// Removes the dead letters that these deliveries of runs redrove; returns their number.
pub(super) fn remove_redriven(connection: &Connection, deliveries: &[DeliveryKey]) -> Result<u64, Error> {
    remove(connection, &redriven(connection, deliveries)?)
}

/// The numbers and ids of some dead letters of a partition whose positions are before a mark, with numbers above `after`.
pub(super) fn before(
    connection: &Connection,
    kanaal: &KanaalName,
    partition: Partition,
    end: Mark,
    after: i64,
) -> Result<Vec<(i64, Uuid)>, Error> {
    let mut select = connection.prepare_cached(
        "SELECT number, id FROM dead_letter
         WHERE number > ?1 AND kanaal = ?2 AND partition = ?3 AND position < ?4 ORDER BY number LIMIT 256",
    )?;
    let end = i64::try_from(end.0).unwrap_or(i64::MAX);
    let mut rows = select.query((after, kanaal.as_str(), partition.0, end))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, uuid(row, 1)?));
    }
    Ok(found)
}

/// The ids of at most `max` dead letters created before a timestamp, oldest first.
#[cfg(feature = "kafka")]
pub(super) fn older(connection: &Connection, before: Timestamp, max: usize) -> Result<Vec<Uuid>, Error> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached("SELECT id FROM dead_letter WHERE at < ?1 ORDER BY at LIMIT ?2")?;
    let mut rows = select.query((before.as_micros(), most))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(uuid(row, 0)?);
    }
    Ok(found)
}

/// Removes at most `max` dead letters created before a timestamp, oldest first.
pub(super) fn trim(connection: &Connection, before: Timestamp, max: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM dead_letter
               WHERE number IN (SELECT number FROM dead_letter WHERE at < ?1 ORDER BY at LIMIT ?2)";
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(sql)?.execute((before.as_micros(), most))?)
}
