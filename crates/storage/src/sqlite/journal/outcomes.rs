//! The deliveries of single records, over all subscriptions and runs.

use std::collections::HashMap;

use model::{SubscriptionId, Timestamp};
use rusqlite::Connection;

use super::{journal_writer, name_ids};
use crate::{
    Error,
    journal::{RecordOutcome, RecordPlace},
};

/// Most records of one query.
const MAX_RECORDS: usize = 1_000;
/// Most deliveries of one record.
const MAX_DELIVERIES: u32 = 100_000;

/// The deliveries of these records, in the order of the records.
pub(in crate::sqlite) fn of_records(
    connection: &Connection,
    records: &[RecordPlace],
) -> Result<Vec<Vec<RecordOutcome>>, Error> {
    let mut subscriptions = HashMap::new();
    records.iter().take(MAX_RECORDS).map(|record| of_record(connection, record, &mut subscriptions)).collect()
}

fn of_record(
    connection: &Connection,
    (kanaal, partition, position): &RecordPlace,
    subscriptions: &mut HashMap<i64, SubscriptionId>,
) -> Result<Vec<RecordOutcome>, Error> {
    let Some(kanaal) = name_ids::find(connection, &name_ids::of_kanaal(kanaal))? else { return Ok(Vec::new()) };
    let sql = "SELECT subscription, run, outcome, attempts, at FROM delivery
               WHERE kanaal = ?1 AND partition = ?2 AND position = ?3
               UNION ALL
               SELECT subscription, 0, outcome, 0, at FROM settled_range
               WHERE kanaal = ?1 AND partition = ?2 AND first <= ?3 AND until > ?3
               LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((kanaal, partition.0, position.0 as i64, MAX_DELIVERIES))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let subscription = if let Some(known) = subscriptions.get(&number) {
            *known
        } else {
            let id = name_ids::subscription(connection, number)?;
            subscriptions.insert(number, id);
            id
        };
        found.push(RecordOutcome {
            subscription,
            run: name_ids::run(connection, row.get(1)?)?,
            outcome: row.get::<_, Option<i64>>(2)?.map(journal_writer::outcome).transpose()?,
            attempts: row.get(3)?,
            at: Timestamp::from_micros(row.get(4)?),
        });
    }
    Ok(found)
}
