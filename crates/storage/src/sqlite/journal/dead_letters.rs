//! Dead letters on `gateway.sqlite`, each with the whole record, since the log may be trimmed first.

use model::{KanaalName, Partition, Position, SubscriptionId, Timestamp, outcome::DeliveryKey, run::RunId};
use rusqlite::{Connection, Row, params_from_iter};
use uuid::Uuid;

use super::{
    filter::{Filter, limit, skipped},
    scribe::{outcome, outcome_number},
};
use crate::{
    Error,
    codec::{decode_record, encode_record, record_bytes},
    journal::{DeadLetter, DeadLetterQuery, Page},
};

/// What a letter weighs in the queue of the writer, in bytes.
pub(super) fn weight(letter: &DeadLetter) -> usize {
    record_bytes(&letter.record) + letter.reason.len() + 256
}

/// Writes letters; one whose delivery has one already is left out.
pub(super) fn keep(connection: &Connection, letters: &[DeadLetter]) -> Result<(), Error> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO dead_letter (id, subscription, kanaal, partition, position, run, event_id, source, kind,
             outcome, reason, last_status, attempts, at, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    for letter in letters {
        let run = letter.delivery.run.map_or(Vec::new(), |run| run.0.as_bytes().to_vec());
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
            letter.last_status,
            letter.attempts,
            letter.at.as_micros(),
            &encode_record(&letter.record)[..],
        ))?;
    }
    Ok(())
}

fn filter(query: &DeadLetterQuery) -> Filter {
    let mut filter = Filter::default();
    filter.one_of("id", &query.ids);
    filter.add("subscription =", query.subscription.map(|id| id.0.as_bytes().to_vec()));
    filter.add("kanaal =", query.kanaal.as_ref().map(ToString::to_string));
    filter.add("kind =", query.kind.clone());
    filter.add("last_status =", query.status.map(i64::from));
    filter.between("at", query.from, query.until);
    filter
}

/// Letters, newest first.
pub(super) fn list(connection: &Connection, query: &DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
    let filter = filter(query);
    let sql = format!(
        "SELECT id, subscription, kanaal, partition, position, run, event_id, source, kind, outcome, reason,
             last_status, attempts, at, record
         FROM dead_letter WHERE {} ORDER BY at DESC, number DESC LIMIT {} OFFSET {}",
        filter.sql(),
        limit(page),
        skipped(page)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(filter.values))?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        letters.push(letter(row)?);
    }
    Ok(letters)
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "dead letter", reason: reason.into() }
}

fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid, Error> {
    let bytes: Vec<u8> = row.get(column)?;
    Uuid::from_slice(&bytes).map_err(|_| corrupt("not an id"))
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, Error> {
    let (kanaal, run, record): (String, Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(5)?, row.get(14)?);
    Ok(DeadLetter {
        id: uuid(row, 0)?,
        delivery: DeliveryKey {
            subscription: SubscriptionId(uuid(row, 1)?),
            kanaal: KanaalName::new(&kanaal).ok_or_else(|| corrupt("not a name of a kanaal"))?,
            partition: Partition(row.get(3)?),
            position: Position(row.get::<_, i64>(4)? as u64),
            run: if run.is_empty() { None } else { Some(RunId(uuid(row, 5)?)) },
        },
        event_id: row.get(6)?,
        event_source: row.get(7)?,
        event_kind: row.get(8)?,
        record: decode_record(record.into())?,
        outcome: outcome(row.get(9)?)?,
        reason: row.get(10)?,
        last_status: row.get(11)?,
        attempts: row.get(12)?,
        at: Timestamp::from_micros(row.get(13)?),
    })
}

/// How many letters there are.
pub(super) fn count(connection: &Connection, query: &DeadLetterQuery) -> Result<u64, Error> {
    let filter = filter(query);
    let sql = format!("SELECT count(*) FROM dead_letter WHERE {}", filter.sql());
    let count: i64 = connection.prepare_cached(&sql)?.query_row(params_from_iter(filter.values), |row| row.get(0))?;
    Ok(count as u64)
}

/// Removes letters; returns how many there were.
pub(super) fn remove(connection: &Connection, ids: &[Uuid]) -> Result<u64, Error> {
    let mut delete = connection.prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?;
    let mut removed = 0;
    for id in ids {
        removed += delete.execute([&id.as_bytes()[..]])?;
    }
    Ok(removed as u64)
}

/// Removes at most `max` letters buried before a moment, the oldest first.
pub(super) fn trim(connection: &Connection, before: Timestamp, max: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM dead_letter
               WHERE number IN (SELECT number FROM dead_letter WHERE at < ?1 ORDER BY at LIMIT ?2)";
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(sql)?.execute((before.as_micros(), most))?)
}
