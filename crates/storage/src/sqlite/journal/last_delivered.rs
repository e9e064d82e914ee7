//! When a delivery to each subscription succeeded last, so that a page reads few rows even of a sink that has failed for days.
//!
//! The pass that counts deliveries by hour notes it; what it has not counted yet is looked for among the newest deliveries.

use std::collections::HashMap;

use model::{SubscriptionId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::name_ids;
use crate::Error;

/// The table. A file that counted deliveries before gets the start of the last hour with a success.
pub(in crate::sqlite) const TABLE: (&str, &str) = (
    "last_delivered",
    "CREATE TABLE last_delivered (subscription INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
     INSERT INTO last_delivered SELECT subscription, max(hour) FROM hourly
        WHERE what >= 'k' AND what < 'l' AND first > 0 GROUP BY subscription;",
);

/// How many of the newest deliveries of a subscription are looked at.
const NEWEST: i64 = 50;

/// Keeps the moments by subscription, unless later ones are kept already. Both are as stored.
pub(super) fn keep(connection: &Connection, moments: &HashMap<i64, i64>) -> Result<(), Error> {
    let mut keep = connection.prepare_cached(
        "INSERT INTO last_delivered (subscription, at) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
    )?;
    for moment in moments {
        keep.execute(moment)?;
    }
    Ok(())
}

/// Removes moments before `first`.
pub(super) fn trim(connection: &Connection, first: i64) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM last_delivered WHERE at < ?1")?.execute([first])?;
    Ok(())
}

/// The moment of each subscription, in the same order.
pub(super) fn read(connection: &Connection, ids: &[SubscriptionId]) -> Result<Vec<Option<Timestamp>>, Error> {
    let mut newest = connection.prepare_cached(
        "SELECT max(at) FROM (SELECT at, outcome FROM delivery WHERE subscription = ?1 ORDER BY at DESC LIMIT ?2)
         WHERE outcome = 0",
    )?;
    let mut kept = connection.prepare_cached("SELECT at FROM last_delivered WHERE subscription = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(number) = name_ids::find(connection, &name_ids::of_subscription(*id))? else {
            found.push(None);
            continue;
        };
        let mut at: Option<i64> = newest.query_row((number, NEWEST), |row| row.get(0))?;
        if at.is_none() {
            at = kept.query_row([number], |row| row.get(0)).optional()?;
        }
        found.push(at.map(Timestamp::from_micros));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use model::{
        KanaalName, Partition, Position,
        clock::ManualClock,
        outcome::{DeliveryKey, Outcome},
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        Journal,
        journal::Entry,
        sqlite::{Embedded, Options, SqliteJournal},
    };

    /// The start of an hour.
    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const MINUTE: Duration = Duration::from_mins(1);
    const OWN: SubscriptionId = SubscriptionId(Uuid::from_u128(1));

    fn settled(position: u64, outcome: Outcome, at: Timestamp) -> Entry {
        let delivery = DeliveryKey {
            subscription: OWN,
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            run: None,
        };
        Entry::Settled { delivery, outcome, attempts: 1, last: None, at }
    }

    async fn record(journal: &SqliteJournal, entries: Vec<Entry>) {
        journal.record(entries);
        journal.flush().await.unwrap();
    }

    #[tokio::test]
    async fn the_last_success_is_found_among_the_newest_deliveries_or_was_kept_when_they_were_counted() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap().journal;
        let other = SubscriptionId(Uuid::from_u128(2));
        let last = async || journal.last_delivered(vec![other, OWN]).await.unwrap();
        assert_eq!(last().await, [None, None]);
        record(&journal, vec![settled(0, Outcome::Delivered, START), settled(1, Outcome::Refused, START + MINUTE)])
            .await;
        assert_eq!(last().await, [None, Some(START)]);
        // More failures than are looked at: counting has not come so far.
        let failures = |first: u64| {
            let failed = |at: u64| settled(at, Outcome::RetriesExhausted, START + MINUTE * 2 + Duration::from_secs(at));
            (first..first + 60).map(failed).collect::<Vec<Entry>>()
        };
        record(&journal, failures(100)).await;
        assert_eq!(last().await, [None, None]);
        while journal.count_deliveries(START + MINUTE * 30, 1).await.unwrap() {}
        assert_eq!(last().await, [None, Some(START)]);
        // A later success counts, an earlier one that is written late does not.
        record(&journal, vec![settled(300, Outcome::Delivered, START + MINUTE * 40)]).await;
        record(&journal, vec![settled(301, Outcome::Delivered, START + MINUTE * 20)]).await;
        assert_eq!(last().await, [None, Some(START + MINUTE * 40)]);
        while journal.count_deliveries(START + MINUTE * 50, 10).await.unwrap() {}
        assert_eq!(last().await, [None, Some(START + MINUTE * 40)]);
    }

    #[tokio::test]
    async fn a_success_is_kept_for_31_days_also_when_the_delivery_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap().journal;
        record(&journal, vec![settled(0, Outcome::Delivered, START)]).await;
        let last = async || journal.last_delivered(vec![OWN]).await.unwrap();
        let count = async |until| while journal.count_deliveries(until, 100).await.unwrap() {};
        count(START + MINUTE * 60).await;
        journal.trim(START + MINUTE * 60, 100).await.unwrap();
        assert_eq!(last().await, [Some(START)]);
        let days = |days: u32| START + MINUTE * 60 * 24 * days;
        count(days(31)).await;
        count(days(31) + MINUTE).await;
        assert_eq!(last().await, [Some(START)]);
        count(days(32)).await;
        count(days(32) + MINUTE).await;
        assert_eq!(last().await, [None]);
    }
}
