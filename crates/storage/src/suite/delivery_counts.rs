//! Cases of the port Journal about deliveries that are counted by hour, type and status.

use model::outcome::{Attempt, AttemptResult, Outcome};

use super::{
    Harness, reopen,
    sample::{delivery, id, name, second},
};
use crate::{
    Journal,
    journal::{DeliveryCounts, Entry, EventRow, RecentTypes, TypeCount},
};

/// An hour in seconds.
const HOUR: u64 = 3_600;

/// Whose deliveries are counted.
const OWN: u128 = 1;

/// An event of this type.
fn event(position: u64, kind: &str) -> Entry {
    let key = delivery(OWN, position);
    Entry::Event(EventRow {
        kanaal: name("zaken"),
        partition: key.partition,
        position: key.position,
        id: format!("zaken-{position}"),
        source: "urn:nld:source".into(),
        kind: kind.into(),
        subject: None,
        appended: second(0),
    })
}

fn attempt(result: AttemptResult, at: u64) -> Attempt {
    Attempt {
        at: second(at),
        duration_micros: 1_500,
        result,
        excerpt: "".into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    }
}

/// A delivery of a subscription that ended in this second, after one request with this answer.
fn settled(subscription: u128, position: u64, outcome: Outcome, code: u16, at: u64) -> Entry {
    let last = Some(attempt(AttemptResult::Code(code), at));
    Entry::Settled { delivery: delivery(subscription, position), outcome, attempts: 1, last, at: second(at) }
}

async fn record_all(journal: &dyn Journal, entries: Vec<Entry>) {
    journal.record(entries);
    journal.flush().await.expect("flushed");
}

/// Counts all that ended before a second; returns the number of steps.
async fn count_until(journal: &dyn Journal, at: u64, max: usize) -> usize {
    let mut steps = 1;
    while journal.count_deliveries(second(at), max).await.expect("counted") {
        steps += 1;
    }
    steps
}

async fn counts(journal: &dyn Journal, subscription: u128, from: u64) -> DeliveryCounts {
    journal.delivery_counts(id(subscription), second(from)).await.expect("counts")
}

async fn recent(journal: &dyn Journal, from: u64, newest: u32) -> RecentTypes {
    journal.recent_types(id(OWN), second(from), newest).await.expect("types")
}

fn named(kind: &str, delivered: u64, failed: u64) -> TypeCount {
    TypeCount { kind: kind.into(), delivered, failed }
}

/// What ended is counted once by type and by status, also when it is recorded again, for its own subscription, and in every hour
/// from that of the given moment on.
pub async fn deliveries_are_counted_by_hour_type_and_status(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let before = counts(&*store.journal, OWN, 0).await;
    assert_eq!(before, DeliveryCounts::default());
    // Of position 4 the type is not known.
    let mut entries = vec![event(0, "a"), event(1, "a"), event(2, "b"), event(3, "a")];
    let failed = attempt(AttemptResult::Failure("connection refused".into()), 30);
    entries.extend([
        settled(OWN, 0, Outcome::Delivered, 204, 10),
        settled(OWN, 1, Outcome::Refused, 422, 20),
        Entry::Attempt { delivery: delivery(OWN, 2), number: 1, attempt: failed },
        Entry::Settled {
            delivery: delivery(OWN, 2),
            outcome: Outcome::Delivered,
            attempts: 2,
            last: Some(attempt(AttemptResult::Code(200), 40)),
            at: second(40),
        },
        settled(OWN, 3, Outcome::Delivered, 204, 2 * HOUR),
        settled(OWN, 4, Outcome::RetriesExhausted, 503, 2 * HOUR),
        settled(2, 0, Outcome::Delivered, 202, 10),
    ]);
    record_all(&*store.journal, entries.clone()).await;
    count_until(&*store.journal, 3 * HOUR, 1_000).await;
    let all = DeliveryCounts {
        types: vec![named("a", 2, 1), named("", 0, 1), named("b", 1, 0)],
        statuses: vec![(0, 1), (200, 1), (204, 2), (422, 1), (503, 1)],
        ..counts(&*store.journal, OWN, 0).await
    };
    assert_eq!(counts(&*store.journal, OWN, 0).await, all);
    assert_eq!(all.until, Some(second(3 * HOUR)));
    assert!(all.since <= Some(second(10)), "{all:?}");

    record_all(&*store.journal, entries).await;
    count_until(&*store.journal, 3 * HOUR, 1_000).await;
    let store = reopen(harness, store).await;
    assert_eq!(counts(&*store.journal, OWN, 0).await, all);
    let later = counts(&*store.journal, OWN, 2 * HOUR).await;
    assert_eq!(later.types, [named("", 0, 1), named("a", 1, 0)]);
    assert_eq!(later.statuses, [(204, 1), (503, 1)]);
    let other = counts(&*store.journal, 2, 0).await;
    assert_eq!((other.types, other.statuses), (vec![named("a", 1, 0)], vec![(202, 1)]));
    let nobody = counts(&*store.journal, 3, 0).await;
    assert_eq!((nobody.types, nobody.statuses, nobody.until), (vec![], vec![], all.until));
    harness.close(store).await;
}

/// A step counts about as many as it is asked to, what ends at or after `until` waits, and an outcome that is recorded later than the
/// moment at which it ended is not missed.
pub async fn counting_goes_in_steps_and_includes_what_is_late(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut entries: Vec<Entry> = (0..10).map(|position| event(position, "a")).collect();
    entries.extend((0..10).map(|position| settled(OWN, position, Outcome::Delivered, 204, 10 * (position + 1))));
    record_all(&*store.journal, entries).await;
    let steps = count_until(&*store.journal, 60, 2).await;
    assert!((2..=6).contains(&steps), "{steps} steps");
    assert_eq!(counts(&*store.journal, OWN, 0).await.types, [named("a", 5, 0)]);
    record_all(&*store.journal, vec![event(20, "b"), settled(OWN, 20, Outcome::Delivered, 200, 15)]).await;
    count_until(&*store.journal, 1_000, 1_000).await;
    let found = counts(&*store.journal, OWN, 0).await;
    assert_eq!(found.types, [named("a", 10, 0), named("b", 1, 0)]);
    assert_eq!(found.statuses, [(200, 1), (204, 10)]);
    harness.close(store).await;
}

/// Counts stay when retention removes the deliveries.
pub async fn counts_outlive_their_deliveries(harness: &mut dyn Harness) {
    let store = harness.open().await;
    record_all(&*store.journal, vec![event(0, "a"), settled(OWN, 0, Outcome::Delivered, 204, 10)]).await;
    count_until(&*store.journal, HOUR, 100).await;
    let before = counts(&*store.journal, OWN, 0).await;
    while store.journal.trim(second(HOUR), 100).await.expect("trimmed") == 100 {}
    assert_eq!(recent(&*store.journal, 0, 10).await.types, []);
    count_until(&*store.journal, HOUR, 100).await;
    assert_eq!(counts(&*store.journal, OWN, 0).await, before);
    assert_eq!(before.types, [named("a", 1, 0)]);
    harness.close(store).await;
}

/// The newest deliveries are read by type, of one subscription and from a moment on, and it is said when some were left out.
pub async fn the_newest_deliveries_are_read_by_type(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let none = recent(&*store.journal, 0, 10).await;
    assert_eq!(none, RecentTypes { types: vec![], is_complete: true });
    let mut entries = vec![event(0, "a"), event(1, "b"), event(2, "b")];
    entries.extend([
        settled(OWN, 0, Outcome::Delivered, 204, 10),
        settled(OWN, 1, Outcome::Refused, 422, 20),
        settled(OWN, 2, Outcome::Delivered, 204, 30),
        settled(2, 0, Outcome::Delivered, 204, 40),
    ]);
    record_all(&*store.journal, entries).await;
    let store = reopen(harness, store).await;
    let all = recent(&*store.journal, 0, 10).await;
    assert_eq!(all, RecentTypes { types: vec![named("b", 1, 1), named("a", 1, 0)], is_complete: true });
    assert_eq!(recent(&*store.journal, 20, 10).await.types, [named("b", 1, 1)]);
    let newest = recent(&*store.journal, 0, 1).await;
    assert_eq!(newest, RecentTypes { types: vec![named("b", 1, 0)], is_complete: false });
    harness.close(store).await;
}
