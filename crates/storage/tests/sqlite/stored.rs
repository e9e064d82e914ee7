//! Whole files of version 1, as SQL dumps, can still be opened and have the expected content; files written today have
//! the same content.
//!
//! A new version gets dumps of its own, made from a directory that [`fill`] filled.

use std::{path::Path, sync::Arc};

use model::{
    Mark, Partition, Position, SubscriptionId, Timestamp,
    clock::ManualClock,
    decide::Command,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    run::RunId,
};
use rusqlite::Connection;
use storage::{
    Control, EventLog, Journal, Progress,
    journal::{DeadLetter, DeadLetterQuery, DeliveryQuery, DeliveryRow, Entry, EventQuery, EventRow, Page},
    log::{Limit, Record},
    progress::{Ownership, Shard},
    sqlite::{Embedded, Options},
    suite::{progress::entries, sample},
};
use uuid::Uuid;

const PART: Partition = Partition(0);
const PAGE: Page = Page { offset: 0, limit: 100 };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn open(dir: &Path) -> Embedded {
    Embedded::open(dir, Options::new(Arc::new(ManualClock::new(at(5_000))))).expect("the store opens")
}

fn records() -> Vec<Record> {
    vec![
        sample::record("zaak-1", "een"),
        Record { value: None, ..sample::record("", "twee") },
        Record { value: Some(Vec::new().into()), headers: vec![], ..sample::record("zaak-3", "drie") },
    ]
}

fn delivery(position: u64, run: Option<RunId>) -> DeliveryKey {
    let (subscription, kanaal) = (SubscriptionId(Uuid::from_u128(10)), sample::name("zaken"));
    DeliveryKey { subscription, kanaal, partition: PART, position: Position(position), run }
}

fn attempt(seconds: i64, result: AttemptResult) -> Attempt {
    let excerpt = "kapot \u{e9}".into();
    Attempt {
        at: at(seconds),
        duration_micros: 12_345,
        result,
        excerpt,
        fsc_transaction: None,
        retry_after_seconds: None,
    }
}

fn letter() -> DeadLetter {
    DeadLetter {
        id: Uuid::from_u128(77),
        delivery: delivery(1, Some(RunId(Uuid::from_u128(20)))),
        event_id: "id-1".into(),
        event_source: "urn:nld:x".into(),
        event_kind: "nl.overheid.zaken.zaak-gemaakt".into(),
        record: sample::record("zaak-1", "een"),
        outcome: Outcome::Refused,
        reason: "422".into(),
        last_code: Some(422),
        attempts: 1,
        at: at(6_000),
    }
}

fn event() -> EventRow {
    EventRow {
        kanaal: sample::name("zaken"),
        partition: PART,
        position: Position(1),
        id: "id-1".into(),
        source: "urn:nld:x".into(),
        kind: "nl.overheid.zaken.zaak-gemaakt".into(),
        subject: Some("zaak-1".into()),
        appended: at(5_000),
    }
}

/// Everything there is, once.
async fn fill(store: &Embedded) {
    let zaken = sample::name("zaken");
    for record in records() {
        store.log.append(vec![(zaken.clone(), record)]).await.expect("appended");
    }
    store.log.append(vec![(sample::name("leeg"), sample::record("k", "weg"))]).await.expect("appended");
    store.log.purge(&sample::name("leeg")).await.expect("purged");
    let subscription = sample::subscription(10, &["zaken"]);
    let run = sample::run(20, subscription.id);
    for command in [
        Command::CreateKanaal(sample::kanaal(1, "zaken")),
        Command::DeclareApplicatie(sample::applicatie("open-zaak")),
        Command::CreateSubscription(Box::new(subscription)),
        Command::StartRun(run),
        Command::Declare { revision: 3 },
    ] {
        store.control.submit(&model::Actor::gateway(), command).await.expect("a decision").expect("accepted");
    }
    let checkpoint = entries().into_iter().map(|(key, value)| (key, Some(value))).collect();
    store.progress.checkpoint(Shard(0), checkpoint).await.expect("a checkpoint");
    store.journal.store_dead_letters(vec![letter()]).await.expect("stored");
    let (key, last) = (delivery(1, None), Some(attempt(5_002, AttemptResult::Failure("tijd op".into()))));
    store.journal.record(vec![
        Entry::Event(event()),
        Entry::Attempt { delivery: key.clone(), number: 1, attempt: attempt(5_001, AttemptResult::Code(500)) },
        Entry::Settled { delivery: key, outcome: Outcome::RetriesExhausted, attempts: 2, last, at: at(5_003) },
        Entry::SettledRange {
            subscription: SubscriptionId(Uuid::from_u128(10)),
            kanaal: sample::name("zaken"),
            partition: PART,
            from: Mark(2),
            until: Mark(3),
            outcome: Outcome::Expired,
            at: at(5_004),
        },
    ]);
    store.journal.flush().await.expect("flushed");
}

async fn check(store: &Embedded) {
    let zaken = sample::name("zaken");
    let limit = Limit { records: 100, bytes: 1 << 20 };
    let batch = store.log.read(&zaken, PART, Mark::BEGINNING, limit).await.expect("read");
    assert!(batch.records.iter().all(|stored| stored.appended == at(5_000)));
    assert_eq!(batch.records.into_iter().map(|stored| stored.record).collect::<Vec<_>>(), records());
    assert_eq!(store.log.end(&sample::name("leeg"), PART).await.expect("end"), Mark(1));

    let subscription = sample::subscription(10, &["zaken"]);
    let registry = store.control.registry().read().clone();
    assert_eq!(registry.kanaal("zaken").map(|kanaal| (**kanaal).clone()), Some(sample::kanaal(1, "zaken")));
    let applicatie = registry.applicatie("open-zaak").map(|applicatie| (**applicatie).clone());
    assert_eq!(applicatie, Some(sample::applicatie("open-zaak")));
    let run = sample::run(20, subscription.id);
    assert_eq!(registry.run(run.id).map(|run| (**run).clone()), Some(run));
    assert_eq!(registry.subscription(subscription.id).map(|own| (**own).clone()), Some(subscription));
    assert_eq!(registry.revision(), 3);

    let Ownership::Gained(_, mut found) = store.progress.ownership().await.expect("ownership") else {
        panic!("the shard is ours");
    };
    let mut expected = entries();
    found.sort_by_key(|entry| format!("{entry:?}"));
    expected.sort_by_key(|entry| format!("{entry:?}"));
    assert_eq!(found, expected);

    let letters = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
    assert_eq!(letters, [letter()]);
    assert_eq!(store.journal.events(EventQuery::default(), PAGE).await.expect("events"), [event()]);
    assert_eq!(store.journal.indexed(&zaken, PART).await.expect("a mark"), Mark(2));
    let expired = DeliveryRow {
        delivery: delivery(2, None),
        event_id: None,
        outcome: Some(Outcome::Expired),
        attempts: vec![],
        attempts_made: 0,
        at: at(5_004),
    };
    let buried = DeliveryRow {
        delivery: delivery(1, None),
        event_id: Some("id-1".into()),
        outcome: Some(Outcome::RetriesExhausted),
        attempts: vec![
            (1, attempt(5_001, AttemptResult::Code(500))),
            (2, attempt(5_002, AttemptResult::Failure("tijd op".into()))),
        ],
        attempts_made: 2,
        at: at(5_003),
    };
    let rows = store.journal.deliveries(DeliveryQuery::default(), PAGE).await.expect("deliveries");
    assert_eq!(rows, [expired, buried]);
}

#[tokio::test]
async fn todays_files_say_what_was_stored() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = open(dir.path());
    fill(&store).await;
    drop(store);
    check(&open(dir.path())).await;
}

#[tokio::test]
async fn files_of_version_1_still_open() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (file, dump) in [
        ("gateway.sqlite", include_str!("../stored/v1/gateway.sql")),
        ("journal.sqlite", include_str!("../stored/v1/journal.sql")),
    ] {
        let connection = Connection::open(dir.path().join(file)).expect("a file");
        connection.execute_batch(dump).expect("the dump is read");
    }
    let store = open(dir.path());
    check(&store).await;
    store.log.append(vec![(sample::name("zaken"), sample::record("k", "nieuw"))]).await.expect("appended");
    assert_eq!(store.log.end(&sample::name("zaken"), PART).await.expect("end"), Mark(4));
}
