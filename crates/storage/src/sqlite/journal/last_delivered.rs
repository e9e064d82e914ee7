//! When a delivery to each subscription succeeded last: one row of a subscription, so that a page reads as few rows of a sink that
//! has failed for days as of one that works.
//!
//! The writer of the journal keeps it with each batch, once per subscription. The pass that counts deliveries by hour keeps it too, for
//! successes that a program wrote which did not.

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
    let mut kept = connection.prepare_cached("SELECT at FROM last_delivered WHERE subscription = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(number) = name_ids::find(connection, &name_ids::of_subscription(*id))? else {
            found.push(None);
            continue;
        };
        let at: Option<i64> = kept.query_row([number], |row| row.get(0)).optional()?;
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
    async fn the_last_success_is_known_at_once_and_takes_the_same_steps_after_any_number_of_failures() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap().journal;
        let other = SubscriptionId(Uuid::from_u128(2));
        let last = async || journal.last_delivered(vec![other, OWN]).await.unwrap();
        assert_eq!(last().await, [None, None]);
        record(&journal, vec![settled(0, Outcome::Delivered, START), settled(1, Outcome::Refused, START + MINUTE)])
            .await;
        let steps = async || {
            let before = journal.read_steps();
            assert_eq!(last().await, [None, Some(START)]);
            journal.read_steps() - before
        };
        let few = steps().await;
        let failed = |at: u64| settled(at, Outcome::RetriesExhausted, START + MINUTE * 2 + Duration::from_secs(at));
        record(&journal, (100..2_100).map(failed).collect()).await;
        assert!(steps().await <= few + 100, "{few}");
        // Counting changes nothing, and a failure after a success neither.
        while journal.count_deliveries(START + MINUTE * 30, 100).await.unwrap() {}
        assert_eq!(last().await, [None, Some(START)]);
        // A later success counts, an earlier one that is written late does not.
        record(&journal, vec![settled(3_000, Outcome::Delivered, START + MINUTE * 40)]).await;
        record(&journal, vec![settled(3_001, Outcome::Delivered, START + MINUTE * 20)]).await;
        assert_eq!(last().await, [None, Some(START + MINUTE * 40)]);
        while journal.count_deliveries(START + MINUTE * 50, 10).await.unwrap() {}
        assert_eq!(last().await, [None, Some(START + MINUTE * 40)]);
    }

    #[tokio::test]
    async fn the_latest_success_of_a_batch_counts_whatever_its_order() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap().journal;
        let batch = [3_u32, 1, 2].map(|at| settled(at.into(), Outcome::Delivered, START + MINUTE * at));
        record(&journal, batch.to_vec()).await;
        assert_eq!(journal.last_delivered(vec![OWN]).await.unwrap(), [Some(START + MINUTE * 3)]);
    }

    #[tokio::test]
    async fn successes_of_a_program_that_did_not_keep_them_are_kept_when_they_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap().journal;
        record(&journal, vec![settled(0, Outcome::Delivered, START)]).await;
        let file = Connection::open(dir.path().join("journal.sqlite")).unwrap();
        file.execute("DELETE FROM last_delivered", []).unwrap();
        let last = async || journal.last_delivered(vec![OWN]).await.unwrap();
        assert_eq!(last().await, [None]);
        while journal.count_deliveries(START + MINUTE * 30, 100).await.unwrap() {}
        assert_eq!(last().await, [Some(START)]);
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
