//! Deliveries counted by subscription, hour, type and status, so that figures over 30 days read few rows.
//!
//! A step counts a bounded number of deliveries in one transaction, in the order in which they ended. An outcome that is written
//! later than that sets the cursor back to the start of its hour, and that hour is counted again, so nothing counts twice.
//! At most [`MAX_ROWS`] rows are kept; beyond it the oldest hours go.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use model::{SubscriptionId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::{last_delivered, name_ids};
use crate::{
    Error,
    journal::{DeliveryCounts, MAX_TYPES, RecentTypes, TypeCount},
};

/// The tables: the cursor, and the counts. `what` is `k` and a type, or `s` and a status. For a type `first` counts successes
/// and `second` failures; for a status `first` counts requests.
pub(in crate::sqlite) const TABLES: (&str, &str) = (
    "hourly",
    "CREATE TABLE hourly (
        subscription INTEGER NOT NULL, hour INTEGER NOT NULL, what TEXT NOT NULL, first INTEGER NOT NULL,
        second INTEGER NOT NULL, PRIMARY KEY (subscription, hour, what)) STRICT, WITHOUT ROWID;
     CREATE INDEX hourly_hour ON hourly (hour);
     CREATE TABLE hourly_cursor (id INTEGER PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;",
);

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

/// How long counts are kept.
const KEPT_HOURS: i64 = 31 * 24;

/// Most rows that are kept.
const MAX_ROWS: i64 = 1_000_000;

/// Most characters of a type that are kept.
const MAX_TYPE: usize = 200;

/// Deliveries of an interval with their type, and their last request where it has no row of its own.
const DELIVERIES: &str = "SELECT subscription, delivery.at, outcome, status, failure, event.kind
    FROM delivery INDEXED BY delivery_at LEFT JOIN event USING (kanaal, partition, position)
    WHERE delivery.at >= ?1 AND delivery.at < ?2 AND outcome IS NOT NULL";

const ATTEMPTS: &str = "SELECT subscription, started, status FROM attempt WHERE started >= ?1 AND started < ?2";

/// The start of the hour of a moment.
fn hour_of(micros: i64) -> i64 {
    micros.div_euclid(HOUR) * HOUR
}

/// An outcome of this moment is written: counts from the start of its hour on are made again if they were made already.
pub(super) fn set_back(connection: &Connection, ended: Timestamp) -> Result<(), Error> {
    let micros = ended.as_micros();
    let sql = "UPDATE hourly_cursor SET until = ?1, since = min(since, ?1) WHERE until > ?2";
    connection.prepare_cached(sql)?.execute((hour_of(micros), micros))?;
    Ok(())
}

/// Counts at most about `max` deliveries that ended before `until`; returns whether there are more.
pub(super) fn count(connection: &Mutex<Connection>, until: Timestamp, max: usize) -> Result<bool, Error> {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let transaction = rusqlite::Transaction::new_unchecked(&connection, rusqlite::TransactionBehavior::Immediate)?;
    let has_more = count_step(&transaction, until.as_micros(), max)?;
    transaction.commit()?;
    Ok(has_more)
}

fn count_step(connection: &Connection, until: i64, max: usize) -> Result<bool, Error> {
    let cursor: Option<i64> =
        connection.query_row("SELECT until FROM hourly_cursor", [], |row| row.get(0)).optional()?;
    let from = if let Some(cursor) = cursor {
        cursor
    } else {
        let oldest = connection.query_row("SELECT min(at) FROM delivery", [], |row| row.get::<_, Option<i64>>(0))?;
        hour_of(oldest.unwrap_or(until).min(until)).max(hour_of(until) - KEPT_HOURS * HOUR)
    };
    if from >= until {
        return Ok(false);
    }
    let sql = "SELECT at FROM delivery WHERE at >= ?1 AND at < ?2 ORDER BY at LIMIT 1 OFFSET ?3";
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let full: Option<i64> =
        connection.prepare_cached(sql)?.query_row((from, until, max), |row| row.get(0)).optional()?;
    // Of one microsecond all are counted together.
    let end = full.map_or(until, |at| at.max(from + 1));
    if from == hour_of(from) {
        connection.prepare_cached("DELETE FROM hourly WHERE hour >= ?1")?.execute([from])?;
        trim(connection, from)?;
    }
    let mut sums = Sums::default();
    sums.add_deliveries(connection, from, end)?;
    sums.add_attempts(connection, from, end)?;
    sums.write(connection)?;
    let sql = "INSERT INTO hourly_cursor (id, since, until) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET until = ?2";
    connection.prepare_cached(sql)?.execute((from, end))?;
    Ok(end < until)
}

/// Removes hours that are too old, and the oldest ones while there are too many rows.
fn trim(connection: &Connection, now: i64) -> Result<(), Error> {
    let mut first = hour_of(now) - KEPT_HOURS * HOUR;
    last_delivered::trim(connection, first)?;
    let rows: i64 = connection.query_row("SELECT count(*) FROM hourly", [], |row| row.get(0))?;
    if rows > MAX_ROWS {
        let sql = "SELECT hour FROM hourly ORDER BY hour LIMIT 1 OFFSET ?1";
        let kept: i64 = connection.query_row(sql, [rows - MAX_ROWS], |row| row.get(0))?;
        first = first.max(kept + HOUR);
    }
    connection.prepare_cached("DELETE FROM hourly WHERE hour < ?1")?.execute([first])?;
    connection.prepare_cached("UPDATE hourly_cursor SET since = max(since, ?1)")?.execute([first])?;
    Ok(())
}

/// Counts that are not stored yet.
#[derive(Debug, Default)]
struct Sums {
    /// By subscription and hour, and then by what they count.
    counts: HashMap<(i64, i64), BTreeMap<String, [i64; 2]>>,
    /// The last success of each subscription.
    delivered: HashMap<i64, i64>,
}

impl Sums {
    fn add(&mut self, subscription: i64, at: i64, what: String, counts: [i64; 2]) {
        let sum = self.counts.entry((subscription, hour_of(at))).or_default().entry(what).or_default();
        sum.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
    }

    fn add_deliveries(&mut self, connection: &Connection, from: i64, end: i64) -> Result<(), Error> {
        let mut statement = connection.prepare_cached(DELIVERIES)?;
        let mut rows = statement.query((from, end))?;
        while let Some(row) = rows.next()? {
            let (subscription, at, outcome): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (status, failure): (Option<u16>, Option<String>) = (row.get(3)?, row.get(4)?);
            let kind: Option<String> = row.get(5)?;
            let counts = match outcome {
                0 => {
                    let last = self.delivered.entry(subscription).or_insert(at);
                    *last = (*last).max(at);
                    [1, 0]
                }
                1..=3 => [0, 1],
                _ => continue,
            };
            self.add(subscription, at, format!("k{}", short(kind.as_deref().unwrap_or_default())), counts);
            if outcome < 3 && (status.is_some() || failure.is_some()) {
                self.add(subscription, at, format!("s{}", status.unwrap_or_default()), [1, 0]);
            }
        }
        Ok(())
    }

    fn add_attempts(&mut self, connection: &Connection, from: i64, end: i64) -> Result<(), Error> {
        let mut statement = connection.prepare_cached(ATTEMPTS)?;
        let mut rows = statement.query((from, end))?;
        while let Some(row) = rows.next()? {
            let status: Option<u16> = row.get(2)?;
            self.add(row.get(0)?, row.get(1)?, format!("s{}", status.unwrap_or_default()), [1, 0]);
        }
        Ok(())
    }

    /// Adds them to the rows. A type beyond [`MAX_TYPES`] of its hour is counted with those that have no name.
    fn write(self, connection: &Connection) -> Result<(), Error> {
        last_delivered::keep(connection, &self.delivered)?;
        let mut known = connection.prepare_cached(
            "SELECT what FROM hourly WHERE subscription = ?1 AND hour = ?2 AND what >= 'k' AND what < 'l'",
        )?;
        let mut add = connection.prepare_cached(
            "INSERT INTO hourly (subscription, hour, what, first, second) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET first = first + excluded.first, second = second + excluded.second",
        )?;
        for ((subscription, hour), counts) in self.counts {
            let names = known.query_map((subscription, hour), |row| row.get::<_, String>(0))?;
            let mut names = names.collect::<Result<std::collections::HashSet<String>, _>>()?;
            for (what, [first, second]) in counts {
                let is_named = !what.starts_with('k') || names.contains(&what) || names.len() < MAX_TYPES;
                let what = if is_named { what } else { "k".to_owned() };
                add.execute((subscription, hour, &what, first, second))?;
                if what.starts_with('k') {
                    names.insert(what);
                }
            }
        }
        Ok(())
    }
}

/// The first characters of a type.
fn short(kind: &str) -> &str {
    kind.char_indices().nth(MAX_TYPE).map_or(kind, |(end, _)| &kind[..end])
}

/// The counts of a subscription from the hour of a moment on.
pub(super) fn read(connection: &Connection, id: SubscriptionId, from: Timestamp) -> Result<DeliveryCounts, Error> {
    let cursor: Option<(i64, i64)> = connection
        .prepare_cached("SELECT since, until FROM hourly_cursor")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let mut counts = DeliveryCounts {
        since: cursor.map(|(since, _)| Timestamp::from_micros(since)),
        until: cursor.map(|(_, until)| Timestamp::from_micros(until)),
        ..DeliveryCounts::default()
    };
    let Some(number) = name_ids::find(connection, &name_ids::of_subscription(id))? else { return Ok(counts) };
    let mut types: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    let sql = "SELECT what, first, second FROM hourly WHERE subscription = ?1 AND hour >= ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((number, hour_of(from.as_micros())))?;
    while let Some(row) = rows.next()? {
        let what: String = row.get(0)?;
        let [first, second] = [row.get::<_, i64>(1)?, row.get(2)?].map(|count| count.max(0) as u64);
        if let Some(kind) = what.strip_prefix('k') {
            let sum = types.entry(kind.to_owned()).or_default();
            *sum = [sum[0] + first, sum[1] + second];
        } else if let Some(status) = what.strip_prefix('s').and_then(|text| text.parse().ok()) {
            *statuses.entry(status).or_default() += first;
        }
    }
    counts.types = sorted(types);
    counts.statuses = statuses.into_iter().collect();
    Ok(counts)
}

/// The newest deliveries of a subscription by type, at most `newest` of those that ended from a moment on.
pub(super) fn recent(
    connection: &Connection,
    id: SubscriptionId,
    from: Timestamp,
    newest: u32,
) -> Result<RecentTypes, Error> {
    let Some(number) = name_ids::find(connection, &name_ids::of_subscription(id))? else {
        return Ok(RecentTypes { types: vec![], is_complete: true });
    };
    let sql = "SELECT outcome, event.kind FROM (
            SELECT kanaal, partition, position, outcome FROM delivery
            WHERE subscription = ?1 AND at >= ?2 ORDER BY at DESC LIMIT ?3)
        LEFT JOIN event USING (kanaal, partition, position)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((number, from.as_micros(), newest))?;
    let (mut types, mut read): (BTreeMap<String, [u64; 2]>, u32) = (BTreeMap::new(), 0);
    while let Some(row) = rows.next()? {
        read += 1;
        let (outcome, kind): (Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?);
        let place = match outcome {
            Some(0) => 0,
            Some(1..=3) => 1,
            _ => continue,
        };
        types.entry(short(kind.as_deref().unwrap_or_default()).to_owned()).or_default()[place] += 1;
    }
    Ok(RecentTypes { types: sorted(types), is_complete: read < newest })
}

/// Most deliveries first.
fn sorted(types: BTreeMap<String, [u64; 2]>) -> Vec<TypeCount> {
    let count = |(kind, [delivered, failed]): (String, [u64; 2])| TypeCount { kind, delivered, failed };
    let mut types: Vec<TypeCount> = types.into_iter().map(count).collect();
    types.sort_by_key(|count| std::cmp::Reverse(count.delivered + count.failed));
    types
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use model::{
        KanaalName, Partition, Position,
        clock::ManualClock,
        outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        Journal,
        journal::{Entry, EventRow},
        sqlite::{Embedded, Options, SqliteJournal},
    };

    /// The start of an hour.
    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn own() -> SubscriptionId {
        SubscriptionId(Uuid::from_u128(1))
    }

    fn event(position: u64, kind: &str) -> Entry {
        Entry::Event(EventRow {
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            id: position.to_string(),
            source: "urn:test".into(),
            kind: kind.into(),
            subject: None,
            appended: START,
        })
    }

    fn settled(position: u64, outcome: Outcome, code: u16, at: Timestamp) -> Entry {
        let delivery = DeliveryKey {
            subscription: own(),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            run: None,
        };
        let result = AttemptResult::Code(code);
        let last = Some(Attempt {
            at,
            duration_micros: 1,
            result,
            excerpt: "".into(),
            fsc_transaction: None,
            retry_after_seconds: None,
        });
        Entry::Settled { delivery, outcome, attempts: 1, last, at }
    }

    fn store() -> (tempfile::TempDir, Arc<SqliteJournal>) {
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Options::new(Arc::new(ManualClock::new(START)))).unwrap();
        (dir, store.journal)
    }

    async fn record(journal: &SqliteJournal, entries: Vec<Entry>) {
        journal.record(entries);
        journal.flush().await.unwrap();
    }

    async fn count_all(journal: &SqliteJournal, until: Timestamp, max: usize) -> usize {
        let mut steps = 1;
        while journal.count_deliveries(until, max).await.unwrap() {
            steps += 1;
        }
        steps
    }

    fn named(kind: &str, delivered: u64, failed: u64) -> TypeCount {
        TypeCount { kind: kind.to_owned(), delivered, failed }
    }

    #[tokio::test]
    async fn deliveries_are_counted_once_by_type_and_status_in_small_steps() {
        let (_dir, journal) = store();
        let mut entries = vec![event(0, "a"), event(1, "a"), event(2, "b")];
        // Of position 3 the type is not known.
        for (position, outcome, code) in [
            (0, Outcome::Delivered, 204),
            (1, Outcome::Refused, 422),
            (2, Outcome::Delivered, 200),
            (3, Outcome::RetriesExhausted, 503),
        ] {
            entries.push(settled(position, outcome, code, START + MINUTE * (position as u32 + 1)));
        }
        record(&journal, entries.clone()).await;
        assert_eq!(
            count_all(&journal, START + MINUTE * 3, 1).await,
            2,
            "one delivery a step, and the rest of the time in the last one"
        );
        let counts = journal.delivery_counts(own(), START).await.unwrap();
        assert_eq!(counts.types, [named("a", 1, 1)]);
        count_all(&journal, START + MINUTE * 10, 2).await;
        let expected = DeliveryCounts {
            since: Some(START),
            until: Some(START + MINUTE * 10),
            types: vec![named("a", 1, 1), named("", 0, 1), named("b", 1, 0)],
            statuses: vec![(200, 1), (204, 1), (422, 1), (503, 1)],
        };
        assert_eq!(journal.delivery_counts(own(), START).await.unwrap(), expected);
        // The same entries again, and one that comes late: that hour is counted again.
        entries.push(settled(4, Outcome::Delivered, 204, START + MINUTE * 5));
        record(&journal, entries).await;
        count_all(&journal, START + MINUTE * 10, 1_000).await;
        let counts = journal.delivery_counts(own(), START).await.unwrap();
        assert_eq!(counts.types, [named("", 1, 1), named("a", 1, 1), named("b", 1, 0)]);
        assert_eq!(counts.statuses, [(200, 1), (204, 2), (422, 1), (503, 1)]);
        let later = journal.delivery_counts(own(), START + MINUTE * 60).await.unwrap();
        assert!(later.types.is_empty() && later.statuses.is_empty(), "{later:?}");
    }

    #[tokio::test]
    async fn counts_outlive_the_deliveries_and_go_after_31_days() {
        let (_dir, journal) = store();
        record(&journal, vec![event(0, "a"), settled(0, Outcome::Delivered, 204, START)]).await;
        count_all(&journal, START + MINUTE * 60, 100).await;
        journal.trim(START + MINUTE * 60, 100).await.unwrap();
        count_all(&journal, START + MINUTE * 60 * 24 * 31, 100).await;
        count_all(&journal, START + MINUTE * 60 * 24 * 31 + MINUTE, 100).await;
        assert_eq!(journal.delivery_counts(own(), START).await.unwrap().types, [named("a", 1, 0)]);
        count_all(&journal, START + MINUTE * 60 * (24 * 31 + 1), 100).await;
        count_all(&journal, START + MINUTE * 60 * (24 * 31 + 2), 100).await;
        let counts = journal.delivery_counts(own(), START).await.unwrap();
        assert!(counts.types.is_empty() && counts.since > Some(START), "{counts:?}");
    }

    #[tokio::test]
    async fn types_beyond_the_most_are_counted_without_name() {
        let (_dir, journal) = store();
        let mut entries = Vec::new();
        for position in 0..30 {
            entries.push(event(position, &format!("{position:02}{}", "é".repeat(300))));
            entries.push(settled(position, Outcome::Delivered, 204, START));
        }
        record(&journal, entries).await;
        count_all(&journal, START + MINUTE, 7).await;
        let counts = journal.delivery_counts(own(), START).await.unwrap();
        assert_eq!(counts.types.len(), MAX_TYPES + 1, "{:?}", counts.types);
        assert_eq!(counts.types[0], named("", 10, 0));
        assert!(counts.types.iter().all(|own| own.kind.chars().count() <= MAX_TYPE));
    }

    #[tokio::test]
    async fn the_newest_are_read_by_type_and_no_more() {
        let (_dir, journal) = store();
        let mut entries = vec![event(0, "a"), event(1, "b")];
        entries.push(settled(0, Outcome::Delivered, 204, START));
        entries.push(settled(1, Outcome::Refused, 422, START + MINUTE));
        record(&journal, entries).await;
        let recent = async |from, newest| journal.recent_types(own(), from, newest).await.unwrap();
        let all = recent(START, 10).await;
        assert_eq!(all, RecentTypes { types: vec![named("a", 1, 0), named("b", 0, 1)], is_complete: true });
        assert_eq!(recent(START + MINUTE, 10).await.types, [named("b", 0, 1)]);
        let one = recent(START, 1).await;
        assert_eq!((one.types, one.is_complete), (vec![named("b", 0, 1)], false));
    }
}
