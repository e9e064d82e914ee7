//! Cases of the port Journal; those about dead letters are in `dead_letters`, those about runs in `runs`, those about counts by hour in
//! `delivery_counts`.

use model::{
    Mark, Partition, Position, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    run::RunId,
};
use uuid::Uuid;

use super::{
    Harness, reopen,
    sample::{PAGE, dead_letter, delivery, id, name, second},
};
use crate::{
    Error, Journal,
    journal::{
        DeadLetterQuery, DeliveryQuery, DeliveryRow, Entry, EventQuery, EventRow, MAX_PAGE_BYTES, Page, RecordOutcome,
    },
};

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! journal_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            journal,
            $harness,
            events_are_found_by_every_attribute,
            events_are_paged_newest_first,
            an_event_recorded_twice_is_listed_once,
            indexed_returns_the_end_of_the_index,
            a_delivery_shows_its_attempts,
            a_delivery_shows_while_it_goes_on,
            deliveries_are_found_by_every_filter,
            ranges_count_for_each_delivery_in_them,
            the_deliveries_of_single_records_are_found,
            the_journal_survives_a_restart,
            trimming_forgets_what_is_older,
            c1_a_page_of_long_rows_is_refused_and_a_smaller_one_returned,
        );
        $crate::suite_tests!(
            dead_letters,
            $harness,
            e3_a_purge_removes_dead_letters_of_one_kanaal_before_a_mark,
            dead_letters_are_kept_whole,
            a_dead_letter_is_stored_once,
            dead_letters_are_found_counted_and_removed,
            h1_deliveries_of_dead_letters_are_paged_by_key,
            h1_what_was_redriven_is_removed_together,
            dead_letters_are_summed_by_subscription,
        );
        $crate::suite_tests!(
            delivery_counts,
            $harness,
            deliveries_are_counted_by_hour_type_and_status,
            counting_goes_in_steps_and_includes_what_is_late,
            counts_outlive_their_deliveries,
            the_newest_deliveries_are_read_by_type,
        );
        $crate::suite_tests!(
            runs,
            $harness,
            a_run_counts_how_its_deliveries_ended,
            a_run_shows_its_newest_progress,
            runs_are_found_by_every_filter,
            runs_are_trimmed_by_their_last_progress,
        );
    };
}

/// An event at this position, appended `position` seconds after a fixed time.
fn event(kanaal: &str, position: u64) -> EventRow {
    EventRow {
        kanaal: name(kanaal),
        partition: Partition(0),
        position: Position(position),
        id: format!("{kanaal}-{position}"),
        source: format!("urn:nld:source:{}", position % 2),
        kind: format!("nl.overheid.{kanaal}.type-{}", position % 3),
        subject: position.is_multiple_of(2).then(|| format!("zaak-{}", position % 4)),
        appended: second(position),
    }
}

fn attempt(at: u64, result: AttemptResult) -> Attempt {
    Attempt {
        at: second(at),
        duration_micros: 1_500,
        result,
        excerpt: "".into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    }
}

fn settled(delivery: DeliveryKey, outcome: Outcome, at: u64) -> Entry {
    let last = Some(attempt(at, AttemptResult::Code(204)));
    Entry::Settled { delivery, outcome, attempts: 1, last, at: second(at) }
}

async fn record_all(journal: &dyn Journal, entries: Vec<Entry>) {
    journal.record(entries);
    journal.flush().await.expect("flushed");
}

async fn deliveries(journal: &dyn Journal, query: DeliveryQuery) -> Vec<DeliveryRow> {
    journal.deliveries(query, PAGE).await.expect("deliveries")
}

fn positions(rows: &[DeliveryRow]) -> Vec<u64> {
    rows.iter().map(|row| row.delivery.position.0).collect()
}

/// Each member of the query selects, and all of them must match.
pub async fn events_are_found_by_every_attribute(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let rows: Vec<EventRow> = (0..12).map(|at| event(if at < 8 { "zaken" } else { "besluiten" }, at)).collect();
    record_all(&*store.journal, rows.iter().cloned().map(Entry::Event).collect()).await;
    let any = EventQuery::default;
    for (query, wanted) in [
        (any(), (0..12).collect::<Vec<u64>>()),
        (EventQuery { id: Some("zaken-3".into()), ..any() }, vec![3]),
        (EventQuery { id: Some("zaken-9".into()), ..any() }, vec![]),
        (EventQuery { kanaal: Some(name("besluiten")), ..any() }, vec![8, 9, 10, 11]),
        (EventQuery { kanaal: Some(name("onbekend")), ..any() }, vec![]),
        (EventQuery { source: Some("urn:nld:source:1".into()), ..any() }, vec![1, 3, 5, 7, 9, 11]),
        (EventQuery { subject: Some("zaak-2".into()), ..any() }, vec![2, 6, 10]),
        (EventQuery { kind: Some("nl.overheid.zaken.type-1".into()), ..any() }, vec![1, 4, 7]),
        (EventQuery { from: Some(second(10)), ..any() }, vec![10, 11]),
        (EventQuery { until: Some(second(2)), ..any() }, vec![0, 1]),
        (
            EventQuery {
                kanaal: Some(name("zaken")),
                source: Some("urn:nld:source:0".into()),
                from: Some(second(3)),
                ..any()
            },
            vec![4, 6],
        ),
    ] {
        let found = store.journal.events(query.clone(), PAGE).await.expect("events");
        let expected: Vec<EventRow> = wanted.iter().rev().map(|at| rows[*at as usize].clone()).collect();
        assert_eq!(found, expected, "{query:?}");
    }
    harness.close(store).await;
}

/// Pages follow each other without gap or overlap.
pub async fn events_are_paged_newest_first(harness: &mut dyn Harness) {
    let store = harness.open().await;
    record_all(&*store.journal, (0..25).map(|at| Entry::Event(event("zaken", at))).collect()).await;
    let mut seen = Vec::new();
    for offset in [0, 10, 20, 30] {
        let page = store.journal.events(EventQuery::default(), Page { offset, limit: 10 }).await.expect("events");
        assert_eq!(page.len(), [10, 10, 5, 0][offset as usize / 10]);
        seen.extend(page.into_iter().map(|row| row.position.0));
    }
    assert_eq!(seen, (0..25).rev().collect::<Vec<_>>());
    harness.close(store).await;
}

/// An indexer may continue from an older position.
pub async fn an_event_recorded_twice_is_listed_once(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let entries = || (0..5).map(|at| Entry::Event(event("zaken", at))).collect::<Vec<_>>();
    record_all(&*store.journal, entries()).await;
    record_all(&*store.journal, entries()).await;
    assert_eq!(store.journal.events(EventQuery::default(), PAGE).await.expect("events").len(), 5);
    harness.close(store).await;
}

/// The mark follows the newest event of the partition, also after that event was trimmed.
pub async fn indexed_returns_the_end_of_the_index(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let (zaken, partition) = (name("zaken"), Partition(0));
    assert_eq!(store.journal.indexed(&zaken, partition).await.expect("a mark"), Mark::BEGINNING);
    record_all(&*store.journal, (0..5).map(|at| Entry::Event(event("zaken", at))).collect()).await;
    record_all(&*store.journal, vec![Entry::Event(event("zaken", 2)), Entry::Event(event("besluiten", 9))]).await;
    for _ in 0..2 {
        assert_eq!(store.journal.indexed(&zaken, partition).await.expect("a mark"), Mark(5));
        assert_eq!(store.journal.indexed(&name("besluiten"), partition).await.expect("a mark"), Mark(10));
        while store.journal.trim(second(100), 100).await.expect("trim") == 100 {}
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// Every request has its number, time, duration, result and excerpt, including the last one.
pub async fn a_delivery_shows_its_attempts(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let transaction = Some(Uuid::from_u128(7));
    let refused = Attempt {
        excerpt: "nee\u{20ac}".into(),
        fsc_transaction: transaction,
        retry_after_seconds: Some(30),
        ..attempt(1, AttemptResult::Code(503))
    };
    let broken = attempt(4, AttemptResult::Failure("connection refused".into()));
    let last = Attempt { retry_after_seconds: Some(1), ..attempt(9, AttemptResult::Code(429)) };
    let key = delivery(1, 7);
    record_all(
        &*store.journal,
        vec![
            Entry::Event(event("zaken", 7)),
            Entry::Attempt { delivery: key.clone(), number: 1, attempt: refused.clone() },
            Entry::Attempt { delivery: key.clone(), number: 2, attempt: broken.clone() },
            Entry::Settled {
                delivery: key.clone(),
                outcome: Outcome::Delivered,
                attempts: 3,
                last: Some(last.clone()),
                at: second(10),
            },
        ],
    )
    .await;
    let expected = DeliveryRow {
        delivery: key,
        event_id: Some("zaken-7".into()),
        outcome: Some(Outcome::Delivered),
        attempts: vec![(1, refused), (2, broken), (3, last)],
        attempts_made: 3,
        at: second(10),
    };
    assert_eq!(deliveries(&*store.journal, DeliveryQuery::default()).await, [expected]);
    harness.close(store).await;
}

/// A delivery that is not settled has no outcome; a late attempt does not remove an outcome.
pub async fn a_delivery_shows_while_it_goes_on(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let failed = |at| attempt(at, AttemptResult::Code(503));
    let made = |number, at| Entry::Attempt { delivery: delivery(1, 7), number, attempt: failed(at) };
    record_all(&*store.journal, vec![made(1, 1), made(2, 5)]).await;
    let rows = deliveries(&*store.journal, DeliveryQuery::default()).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].outcome, rows[0].attempts_made, rows[0].at), (None, 2, second(5)));
    assert_eq!(rows[0].attempts, [(1, failed(1)), (2, failed(5))]);
    let ended = Entry::Settled {
        delivery: delivery(1, 7),
        outcome: Outcome::RetriesExhausted,
        attempts: 2,
        last: Some(failed(5)),
        at: second(6),
    };
    record_all(&*store.journal, vec![ended, made(2, 5)]).await;
    let rows = deliveries(&*store.journal, DeliveryQuery::default()).await;
    assert_eq!((rows[0].outcome, rows[0].attempts.len()), (Some(Outcome::RetriesExhausted), 2));
    harness.close(store).await;
}

/// Each member of the query selects, and all of them must match; newest first.
pub async fn deliveries_are_found_by_every_filter(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let run = RunId(Uuid::from_u128(50));
    let replayed = DeliveryKey { run: Some(run), ..delivery(1, 1) };
    let mut entries: Vec<Entry> = (0..4).map(|at| Entry::Event(event("zaken", at))).collect();
    entries.extend([
        settled(delivery(1, 0), Outcome::Delivered, 10),
        settled(delivery(1, 1), Outcome::Refused, 11),
        settled(delivery(2, 1), Outcome::Delivered, 12),
        settled(delivery(1, 2), Outcome::Duplicate, 13),
        settled(replayed, Outcome::Delivered, 14),
        Entry::Attempt { delivery: delivery(1, 3), number: 1, attempt: attempt(15, AttemptResult::Code(500)) },
    ]);
    record_all(&*store.journal, entries).await;
    let any = DeliveryQuery::default;
    for (query, wanted) in [
        (any(), vec![15, 14, 13, 12, 11, 10]),
        (DeliveryQuery { subscription: Some(id(1)), ..any() }, vec![15, 14, 13, 11, 10]),
        (DeliveryQuery { subscription: Some(id(9)), ..any() }, vec![]),
        (DeliveryQuery { event_id: Some("zaken-1".into()), ..any() }, vec![14, 12, 11]),
        (DeliveryQuery { event_id: Some("zaken-9".into()), ..any() }, vec![]),
        (DeliveryQuery { outcome: Some(Outcome::Delivered), ..any() }, vec![14, 12, 10]),
        (DeliveryQuery { outcome: Some(Outcome::Refused), ..any() }, vec![11]),
        (DeliveryQuery { run: Some(run), ..any() }, vec![14]),
        (DeliveryQuery { run: Some(RunId(Uuid::from_u128(51))), ..any() }, vec![]),
        (DeliveryQuery { from: Some(second(12)), until: Some(second(14)), ..any() }, vec![13, 12]),
        (
            DeliveryQuery {
                subscription: Some(id(1)),
                event_id: Some("zaken-1".into()),
                outcome: Some(Outcome::Refused),
                ..any()
            },
            vec![11],
        ),
    ] {
        let found: Vec<Timestamp> = deliveries(&*store.journal, query.clone()).await.iter().map(|row| row.at).collect();
        assert_eq!(found, wanted.into_iter().map(second).collect::<Vec<_>>(), "{query:?}");
    }
    let page = store.journal.deliveries(any(), Page { offset: 2, limit: 3 }).await.expect("deliveries");
    assert_eq!(positions(&page), [2, 1, 1]);
    harness.close(store).await;
}

/// A range is listed as one delivery per position, in the right order, and is found by event id.
pub async fn ranges_count_for_each_delivery_in_them(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut entries: Vec<Entry> = (0..200).map(|at| Entry::Event(event("zaken", at))).collect();
    entries.extend([
        settled(delivery(1, 99), Outcome::Delivered, 500),
        Entry::SettledRange {
            subscription: id(1),
            kanaal: name("zaken"),
            partition: Partition(0),
            from: Mark(100),
            until: Mark(150),
            outcome: Outcome::Expired,
            at: second(600),
        },
        settled(delivery(1, 150), Outcome::Delivered, 700),
    ]);
    record_all(&*store.journal, entries).await;
    let all = deliveries(&*store.journal, DeliveryQuery::default()).await;
    assert_eq!(positions(&all), (99..=150).rev().collect::<Vec<_>>());
    let expired = DeliveryQuery { outcome: Some(Outcome::Expired), ..DeliveryQuery::default() };
    let page = store.journal.deliveries(expired.clone(), Page { offset: 10, limit: 5 }).await.expect("deliveries");
    assert_eq!(positions(&page), [139, 138, 137, 136, 135]);
    assert_eq!(page[0].event_id.as_deref(), Some("zaken-139"));
    let last = store.journal.deliveries(expired.clone(), Page { offset: 48, limit: 5 }).await.expect("deliveries");
    assert_eq!(positions(&last), [101, 100]);
    for (event_id, wanted) in [("zaken-100", 1), ("zaken-149", 1), ("zaken-150", 0), ("zaken-99", 0)] {
        let query = DeliveryQuery { event_id: Some(event_id.into()), ..expired.clone() };
        assert_eq!(deliveries(&*store.journal, query).await.len(), wanted, "{event_id}");
    }
    harness.close(store).await;
}

/// Each record has its deliveries over all subscriptions and runs, in the order that was asked for.
pub async fn the_deliveries_of_single_records_are_found(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let run = RunId(Uuid::from_u128(50));
    record_all(
        &*store.journal,
        vec![
            settled(delivery(1, 1), Outcome::Refused, 11),
            settled(DeliveryKey { run: Some(run), ..delivery(1, 1) }, Outcome::Delivered, 14),
            settled(delivery(2, 1), Outcome::Delivered, 12),
            Entry::Attempt { delivery: delivery(1, 2), number: 3, attempt: attempt(15, AttemptResult::Code(500)) },
            Entry::SettledRange {
                subscription: id(3),
                kanaal: name("zaken"),
                partition: Partition(0),
                from: Mark(2),
                until: Mark(3),
                outcome: Outcome::Expired,
                at: second(16),
            },
        ],
    )
    .await;
    let place = |at: u64| (name("zaken"), Partition(0), Position(at));
    let asked = vec![place(2), place(9), place(1), (name("onbekend"), Partition(0), Position(1))];
    let mut found = store.journal.outcomes_of(asked).await.expect("outcomes");
    for of_record in &mut found {
        of_record.sort_by_key(|one| one.at);
    }
    let row = |subscription, run, outcome, attempts, at| RecordOutcome {
        subscription: id(subscription),
        run,
        outcome,
        attempts,
        at: second(at),
    };
    let first = vec![row(1, None, None, 3, 15), row(3, None, Some(Outcome::Expired), 0, 16)];
    let third = vec![
        row(1, None, Some(Outcome::Refused), 1, 11),
        row(2, None, Some(Outcome::Delivered), 1, 12),
        row(1, Some(run), Some(Outcome::Delivered), 1, 14),
    ];
    assert_eq!(found, [first, vec![], third, vec![]]);
    harness.close(store).await;
}

/// Flushed entries exist after reopening.
pub async fn the_journal_survives_a_restart(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut entries: Vec<Entry> = (0..3_000).map(|at| Entry::Event(event("zaken", at))).collect();
    entries.extend((0..3_000).map(|at| settled(delivery(1, at), Outcome::Delivered, at)));
    record_all(&*store.journal, entries).await;
    let store = reopen(harness, store).await;
    let one = DeliveryQuery { event_id: Some("zaken-2999".into()), ..DeliveryQuery::default() };
    assert_eq!(deliveries(&*store.journal, one).await.len(), 1);
    let last = store.journal.events(EventQuery::default(), Page { offset: 2_999, limit: 10 }).await.expect("events");
    assert_eq!(last, [event("zaken", 0)]);
    harness.close(store).await;
}

/// Removes only older rows of every kind, at most the given number per call.
pub async fn trimming_forgets_what_is_older(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut entries: Vec<Entry> = (0..50).map(|at| Entry::Event(event("zaken", at))).collect();
    entries.extend((0..50).map(|at| settled(delivery(1, at), Outcome::Delivered, at)));
    entries.extend((0..50).map(|at| Entry::Attempt {
        delivery: delivery(2, at),
        number: 1,
        attempt: attempt(at, AttemptResult::Code(500)),
    }));
    entries.extend((0..50).map(|at| Entry::SettledRange {
        subscription: id(3),
        kanaal: name("zaken"),
        partition: Partition(0),
        from: Mark(at),
        until: Mark(at + 1),
        outcome: Outcome::Ended,
        at: second(at),
    }));
    record_all(&*store.journal, entries).await;
    store
        .journal
        .store_dead_letters((0..50).map(|at| dead_letter(u128::from(at), 1, at)).collect())
        .await
        .expect("stored");
    let mut calls = 0;
    loop {
        let removed = store.journal.trim(second(40), 30).await.expect("trim");
        assert!(removed <= 30, "{removed} rows were removed");
        calls += 1;
        if removed < 30 {
            break;
        }
    }
    assert!(calls > 5, "at most 30 of over 200 rows a call");
    let left: Vec<u64> = (40..50).rev().collect();
    let events = store.journal.events(EventQuery::default(), PAGE).await.expect("events");
    assert_eq!(events.iter().map(|row| row.position.0).collect::<Vec<_>>(), left);
    for subscription in 1..=3 {
        let query = DeliveryQuery { subscription: Some(id(subscription)), ..DeliveryQuery::default() };
        assert_eq!(positions(&deliveries(&*store.journal, query).await), left, "subscription {subscription}");
    }
    assert_eq!(store.journal.count_dead_letters(DeadLetterQuery::default()).await.expect("a count"), 10);
    harness.close(store).await;
}

/// The bound is of bytes, so that a page costs the same memory however long its rows are.
pub async fn c1_a_page_of_long_rows_is_refused_and_a_smaller_one_returned(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let long = |at| EventRow { subject: Some("x".repeat(60_000)), ..event("zaken", at) };
    for at in (0..100).step_by(20) {
        record_all(&*store.journal, (at..at + 20).map(|at| Entry::Event(long(at))).collect()).await;
    }
    let list = async |offset, limit| store.journal.events(EventQuery::default(), Page { offset, limit }).await;
    let refused = list(0, 100).await;
    assert!(
        matches!(refused, Err(Error::TooLarge { limit: MAX_PAGE_BYTES, .. })),
        "{:?}",
        refused.map(|rows| rows.len())
    );
    let mut found = Vec::new();
    for offset in (0..100).step_by(20) {
        found.extend(list(offset, 20).await.expect("a smaller page").into_iter().map(|row| row.position.0));
    }
    assert_eq!(found, (0..100).rev().collect::<Vec<_>>());
    harness.close(store).await;
}
