//! How fast the embedded log appends, beside a bare loop that commits in groups and does nothing else.
//!
//! `cargo run --release -p storage --features sqlite --example append_rate [DIRECTORY]`: 500 bytes a record, 1, 16
//! and 64 callers, rounds taking turns; then reading back, opening with 100,000
//! subscriptions, and the journal.

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use model::{
    Clock, KanaalName, Mark, Partition, Position, Subscription, SubscriptionId, Timestamp,
    clock::SystemClock,
    decide::Command,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::Credential,
};
use storage::{
    Control, EventLog, Journal,
    journal::{DeliveryQuery, Entry, EventQuery, EventRow, Page},
    log::{Limit, Record},
    sqlite::{Embedded, Options},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const CALLERS: [usize; 3] = [1, 16, 64];
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    let base = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let dir = Path::new(&base).join("append-rate");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for callers in CALLERS {
            for _ in 0..3 {
                let bare = bare(&dir.join("bare"), callers).await;
                let ours = ours(&dir.join("ours"), callers).await;
                let part = 100.0 * ours / bare;
                println!("{callers:>3} callers: bare {bare:>8.0}/s, storage {ours:>8.0}/s, {part:.0} %");
            }
        }
        read_back(&dir.join("ours")).await;
        subscriptions(&dir.join("subscriptions")).await;
        journal(&dir.join("journal")).await;
    });
    std::fs::remove_dir_all(&dir).expect("removed");
}

fn now() -> Timestamp {
    SystemClock::default().now()
}

fn elapsed(since: Timestamp) -> Duration {
    now().since(since)
}

/// The kind of record that ingest writes.
fn record() -> Record {
    let header = |name: &'static str, value: &'static str| (Bytes::from(name), Bytes::from(value));
    Record {
        key: Bytes::from("zaak-0000001"),
        headers: vec![
            header("ce_specversion", "1.0"),
            header("ce_id", "5f2c5b9e-3f0e-4f0a-9d4c-3c1f0f0c7a11"),
            header("ce_source", "urn:nld:oin:00000001823288444000:systeem:zaken"),
            header("ce_type", "nl.overheid.zaken.zaak-gemaakt"),
            header("ce_time", "2026-01-01T00:00:00Z"),
            header("content-type", "application/json"),
            header("gw_v", "event/1"),
        ],
        value: Some(vec![b'x'; 500].into()),
    }
}

async fn measure<F: Future<Output = ()> + Send + 'static>(callers: usize, call: impl Fn() -> F) -> f64 {
    let started = now();
    let tasks: Vec<_> = (0..callers).map(|_| tokio::spawn(call())).collect();
    for task in tasks {
        task.await.expect("a caller");
    }
    elapsed(started).as_secs_f64()
}

async fn ours(dir: &Path, callers: usize) -> f64 {
    let store = Embedded::open(dir, Options::new(Arc::new(SystemClock::default()))).expect("the store opens");
    let kanaal = KanaalName::new("zaken").expect("a name");
    let from = store.log.end(&kanaal, Partition(0)).await.expect("end");
    let seconds = measure(callers, || {
        let (log, kanaal) = (Arc::clone(&store.log), kanaal.clone());
        async move {
            let started = now();
            while elapsed(started) < ROUND {
                log.append(vec![(kanaal.clone(), record())]).await.expect("appended");
            }
        }
    })
    .await;
    let until = store.log.end(&kanaal, Partition(0)).await.expect("end");
    (until.0 - from.0) as f64 / seconds
}

async fn bare(dir: &Path, callers: usize) -> f64 {
    std::fs::create_dir_all(dir).expect("a directory");
    let connection = rusqlite::Connection::open(dir.join("bare.sqlite")).expect("a file");
    let schema = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                  CREATE TABLE IF NOT EXISTS log (place INTEGER PRIMARY KEY, value BLOB);";
    connection.execute_batch(schema).expect("a table");
    let (queue, mut calls) = mpsc::channel::<(Bytes, oneshot::Sender<()>)>(4_096);
    let writer = std::thread::spawn(move || {
        let mut count = 0_u64;
        while let Some(first) = calls.blocking_recv() {
            let (mut next, mut answers) = (Some(first), Vec::new());
            connection.execute_batch("BEGIN").expect("begun");
            let mut insert = connection.prepare_cached("INSERT INTO log (value) VALUES (?1)").expect("a statement");
            while let Some((value, answer)) = next {
                insert.execute([&value[..]]).expect("inserted");
                answers.push(answer);
                next = if answers.len() < 512 { calls.try_recv().ok() } else { None };
            }
            connection.execute_batch("COMMIT").expect("committed");
            count += answers.len() as u64;
            for answer in answers {
                answer.send(()).expect("answered");
            }
        }
        count
    });
    let seconds = measure(callers, || {
        let queue = queue.clone();
        async move {
            let started = now();
            while elapsed(started) < ROUND {
                let (answer, answered) = oneshot::channel();
                queue.send((vec![b'x'; 740].into(), answer)).await.expect("sent");
                answered.await.expect("answered");
            }
        }
    })
    .await;
    drop(queue);
    writer.join().expect("the writer") as f64 / seconds
}

async fn read_back(dir: &Path) {
    let options = Options::new(Arc::new(SystemClock::default()));
    let started = now();
    let store = Embedded::open(dir, options).expect("the store opens");
    println!("opened the log in {:?}", elapsed(started));
    let kanaal = KanaalName::new("zaken").expect("a name");
    let (started, mut mark, mut count) = (now(), Mark::BEGINNING, 0);
    loop {
        let limit = Limit { records: 512, bytes: 4 << 20 };
        let batch = store.log.read(&kanaal, Partition(0), mark, limit).await.expect("read");
        if batch.records.is_empty() {
            break;
        }
        count += batch.records.len();
        mark = batch.next;
    }
    println!("read {count} records from the file at {:.0}/s", count as f64 / elapsed(started).as_secs_f64());
}

fn subscription(number: u128, at: Timestamp) -> Subscription {
    let sealed = || Sealed { key_id: "k1".into(), ciphertext: vec![7; 60] };
    Subscription {
        credential: Credential::Authorization(sealed()),
        max_in_flight: NonZeroU32::new(8),
        ..Subscription::new(
            SubscriptionId(Uuid::from_u128(number)),
            "open-zaak".into(),
            Selection::Native(NativeSelection {
                types: vec!["nl.overheid.zaken.zaak-gemaakt".into()],
                ..NativeSelection::default()
            }),
            model::Sink::Webhook(format!("https://sink.example.com/{number}")),
            sealed(),
            at,
        )
    }
}

async fn subscriptions(dir: &Path) {
    let clock = Arc::new(SystemClock::default());
    let store = Embedded::open(dir, Options::new(clock.clone())).expect("the store opens");
    let (at, started) = (clock.now(), now());
    let submit = |part: u128| {
        let control = Arc::clone(&store.control);
        tokio::spawn(async move {
            for number in 0..1_562 {
                let command = Command::CreateSubscription(Box::new(subscription(part * 10_000 + number, at)));
                control.submit(&model::Actor::gateway(), command).await.expect("a decision").expect("accepted");
            }
        })
    };
    let submits: Vec<_> = (0..64).map(submit).collect();
    for submit in submits {
        submit.await.expect("a submit");
    }
    println!("made 99,968 subscriptions in {:?}", elapsed(started));
    drop(store);
    let started = now();
    let store = Embedded::open(dir, Options::new(clock)).expect("the store opens");
    println!(
        "opened {} subscriptions in {:?}",
        store.control.registry().read().subscriptions().count(),
        elapsed(started)
    );
}

async fn journal(dir: &Path) {
    const EVENTS: u64 = 300_000;
    let clock = Arc::new(SystemClock::default());
    let store = Embedded::open(dir, Options::new(clock.clone())).expect("the store opens");
    let kanaal = KanaalName::new("zaken").expect("a name");
    let subscriptions: Vec<SubscriptionId> = (0..50).map(|number| SubscriptionId(Uuid::from_u128(number))).collect();
    let started = now();
    for chunk in 0..EVENTS / 1_000 {
        let mut entries = Vec::new();
        for position in chunk * 1_000..(chunk + 1) * 1_000 {
            let (at, position) = (clock.now(), Position(position));
            entries.push(Entry::Event(EventRow {
                kanaal: kanaal.clone(),
                partition: Partition(0),
                position,
                id: Uuid::from_u128(u128::from(position.0).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
                    .to_string(),
                source: "urn:nld:oin:00000001823288444000:systeem:zaken".into(),
                kind: "nl.overheid.zaken.zaak-gemaakt".into(),
                subject: Some(format!("zaak-{}", position.0 % 5_000)),
                appended: at,
            }));
            let last = Attempt {
                at,
                duration_micros: 900,
                result: AttemptResult::Code(204),
                excerpt: "".into(),
                fsc_transaction: None,
                retry_after_seconds: None,
            };
            entries.push(Entry::Settled {
                delivery: DeliveryKey {
                    subscription: subscriptions[position.0 as usize % 50],
                    kanaal: kanaal.clone(),
                    partition: Partition(0),
                    position,
                    run: None,
                },
                outcome: if position.0 % 10_000 == 77 { Outcome::RetriesExhausted } else { Outcome::Delivered },
                attempts: 1,
                last: Some(last),
                at,
            });
        }
        store.journal.record(entries);
        store.journal.flush().await.expect("flushed");
    }
    println!("journal: {:.0} events with one delivery each/s", EVENTS as f64 / elapsed(started).as_secs_f64());
    let page = Page { offset: 0, limit: 50 };
    let any = DeliveryQuery::default;
    for query in [
        any(),
        DeliveryQuery { subscription: Some(subscriptions[7]), ..any() },
        DeliveryQuery { outcome: Some(Outcome::RetriesExhausted), ..any() },
        DeliveryQuery { outcome: Some(Outcome::RetriesExhausted), subscription: Some(subscriptions[27]), ..any() },
        DeliveryQuery { event_id: Some(Uuid::from_u128(0).to_string()), ..any() },
    ] {
        let started = now();
        let rows = store.journal.deliveries(query, page).await.expect("deliveries");
        println!("journal: {} deliveries listed in {:?}", rows.len(), elapsed(started));
    }
    let any = EventQuery::default;
    for query in [
        any(),
        EventQuery { kanaal: Some(kanaal.clone()), ..any() },
        EventQuery { source: Some("urn:nld:oin:00000001823288444000:systeem:zaken".into()), ..any() },
        EventQuery { subject: Some("zaak-77".into()), kanaal: Some(kanaal.clone()), ..any() },
    ] {
        let started = now();
        let rows = store.journal.events(query, page).await.expect("events");
        println!("journal: {} events listed in {:?}", rows.len(), elapsed(started));
    }
    let started = now();
    let removed = store.journal.trim(clock.now(), 1_000).await.expect("trimmed");
    println!("journal: {removed} rows trimmed in {:?}", elapsed(started));
}
