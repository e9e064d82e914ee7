//! Cases of the port Journal about runs.

use model::{
    Timestamp,
    outcome::{DeliveryKey, Outcome},
    run::{RunId, RunKind},
};
use uuid::Uuid;

use super::{
    Harness, reopen,
    sample::{PAGE, delivery, id, second},
};
use crate::{
    Journal,
    journal::{Entry, Page, RunProgress, RunQuery, RunRow},
};

fn progress(number: u128, subscription: u128, done: u64, at: u64, ended: Option<Timestamp>) -> RunProgress {
    RunProgress {
        id: RunId(Uuid::from_u128(number)),
        subscription: id(subscription),
        kind: if number.is_multiple_of(2) { RunKind::Replay } else { RunKind::Records },
        asked_by: format!("client-{number}"),
        created: second(number as u64),
        total: 100,
        done,
        at: second(at),
        ended,
    }
}

fn entry(progress: RunProgress) -> Entry {
    Entry::Run(Box::new(progress))
}

fn settled(run: u128, position: u64, outcome: Outcome) -> Entry {
    let delivery = DeliveryKey { run: Some(RunId(Uuid::from_u128(run))), ..delivery(1, position) };
    Entry::Settled { delivery, outcome, attempts: 1, last: None, at: second(500 + position) }
}

async fn record_all(journal: &dyn Journal, entries: Vec<Entry>) {
    journal.record(entries);
    journal.flush().await.expect("flushed");
}

async fn one(journal: &dyn Journal, number: u128) -> RunRow {
    let query = RunQuery { ids: vec![RunId(Uuid::from_u128(number))], ..RunQuery::default() };
    journal.runs(query, PAGE).await.expect("runs").pop().expect("the run")
}

/// Deliveries of a run are counted by outcome, each once, also when entries are recorded again; those of other runs and of the
/// live stream are not.
pub async fn a_run_counts_how_its_deliveries_ended(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let ending = [
        settled(2, 1, Outcome::Delivered),
        settled(2, 2, Outcome::Delivered),
        settled(2, 3, Outcome::Refused),
        settled(2, 4, Outcome::RetriesExhausted),
        settled(2, 5, Outcome::Untranslatable),
        settled(2, 6, Outcome::Ended),
        settled(3, 1, Outcome::Delivered),
        Entry::Settled {
            delivery: delivery(1, 7),
            outcome: Outcome::Delivered,
            attempts: 1,
            last: None,
            at: second(600),
        },
    ];
    let started = [2, 3].map(|number| entry(progress(number, 1, 0, 10, None)));
    record_all(&*store.journal, started.into_iter().chain(ending.clone()).collect()).await;
    record_all(&*store.journal, ending.to_vec()).await;
    let row = one(&*store.journal, 2).await;
    assert_eq!((row.delivered, row.failed), (2, 3));
    // What a crash repeats may end otherwise; what was delivered and then ended stays delivered.
    let again = vec![settled(2, 3, Outcome::Delivered), settled(2, 1, Outcome::Ended)];
    record_all(&*store.journal, again).await;
    let row = one(&*store.journal, 2).await;
    assert_eq!((row.delivered, row.failed), (3, 2));
    let other = one(&*store.journal, 3).await;
    assert_eq!((other.delivered, other.failed), (1, 0));
    harness.close(store).await;
}

/// The newest progress is shown, also after a restart; an older entry that is recorded later changes nothing.
pub async fn a_run_shows_its_newest_progress(harness: &mut dyn Harness) {
    let store = harness.open().await;
    record_all(&*store.journal, vec![entry(progress(2, 1, 0, 10, None)), entry(progress(2, 1, 40, 20, None))]).await;
    let row = one(&*store.journal, 2).await;
    assert_eq!(row, RunRow { progress: progress(2, 1, 40, 20, None), delivered: 0, failed: 0 });
    let ended = progress(2, 1, 90, 30, Some(second(30)));
    record_all(&*store.journal, vec![settled(2, 1, Outcome::Delivered), entry(ended.clone())]).await;
    record_all(&*store.journal, vec![entry(progress(2, 1, 40, 20, None))]).await;
    let store = reopen(harness, store).await;
    assert_eq!(one(&*store.journal, 2).await, RunRow { progress: ended, delivered: 1, failed: 0 });
    harness.close(store).await;
}

/// Newest first; each member of the query selects.
pub async fn runs_are_found_by_every_filter(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let runs = (1..=6).map(|number| entry(progress(number, 1 + number % 2, 0, 10, None)));
    record_all(&*store.journal, runs.collect()).await;
    let any = RunQuery::default;
    let ids = |numbers: &[u128]| numbers.iter().map(|number| RunId(Uuid::from_u128(*number))).collect();
    for (query, page, wanted) in [
        (any(), PAGE, vec![6, 5, 4, 3, 2, 1]),
        (any(), Page { offset: 1, limit: 2 }, vec![5, 4]),
        (RunQuery { ids: ids(&[1, 5, 9]), ..any() }, PAGE, vec![5, 1]),
        (RunQuery { subscription: Some(id(1)), ..any() }, PAGE, vec![6, 4, 2]),
        (RunQuery { ids: ids(&[1, 4]), subscription: Some(id(1)) }, PAGE, vec![4]),
        (RunQuery { subscription: Some(id(9)), ..any() }, PAGE, vec![]),
    ] {
        let found = store.journal.runs(query.clone(), page).await.expect("runs");
        let found: Vec<u128> = found.iter().map(|row| row.progress.id.0.as_u128()).collect();
        assert_eq!(found, wanted, "{query:?}");
    }
    harness.close(store).await;
}

/// Runs are kept apart from what they delivered, and removed by their last progress.
pub async fn runs_are_trimmed_by_their_last_progress(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let runs = (1..=6).map(|number| entry(progress(number, 1, 0, 10 * number as u64, None)));
    record_all(&*store.journal, runs.collect()).await;
    while store.journal.trim(second(1_000), 100).await.expect("trim") == 100 {}
    assert_eq!(store.journal.runs(RunQuery::default(), PAGE).await.expect("runs").len(), 6);
    assert_eq!(store.journal.trim_runs(second(40), 2).await.expect("trim"), 2);
    assert_eq!(store.journal.trim_runs(second(40), 2).await.expect("trim"), 1);
    let left = store.journal.runs(RunQuery::default(), PAGE).await.expect("runs");
    assert_eq!(left.iter().map(|row| row.progress.id.0.as_u128()).collect::<Vec<_>>(), [6, 5, 4]);
    harness.close(store).await;
}
