//! Fills an embedded store as a large installation has it: subscriptions at rest, events, and deliveries that failed. The pages
//! of the console are measured over it (`cargo xtask bench --only pages`).
//!
//! `cargo run --release -p storage --features sqlite --example fill_store DIRECTORY SUBSCRIPTIONS DEAD_LETTERS`. The dead letters are
//! of ten subscriptions, which failed to get the same events.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use model::{
    Actor, Clock, Kanaal, KanaalName, Mark, Partition, Position, Sink, Subscription, SubscriptionId, Timestamp,
    clock::SystemClock,
    consent::{Consent, Rate, Validation},
    decide::Command,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    sealed::Sealed,
    selection::{NativeSelection, Selection},
};
use secrets::Secrets;
use storage::{
    Control, EventLog, Journal,
    journal::{DeadLetter, Entry, EventRow},
    log::Record,
    sqlite::{Embedded, Options},
};
use uuid::Uuid;

/// Rows of one write.
const BATCH: u64 = 2_000;
/// Subscriptions that have dead letters.
const FAILING: u64 = 10;
/// The kanalen.
const KANALEN: u64 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, subscriptions, letters] = arguments.as_slice() else {
        panic!("expected DIRECTORY SUBSCRIPTIONS DEAD_LETTERS");
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(fill(Path::new(directory), number(subscriptions), number(letters)));
}

async fn fill(directory: &Path, subscriptions: u64, letters: u64) {
    let clock = Arc::new(SystemClock::default());
    let now = clock.now();
    let mut options = Options::new(clock);
    options.deadline = Duration::from_mins(5);
    let store = Embedded::open(directory, options).expect("the store opens");
    // The gateway starts only on secrets that its key opens.
    let secrets = Secrets::open_file(&directory.join("secrets.key")).expect("a key file");
    let secret = secrets.seal(b"never used").expect("sealed");
    let events = letters.div_ceil(FAILING);
    for number in 0..KANALEN {
        let kanaal = Kanaal::new(Uuid::from_u128(u128::from(number) + 1), naam(number), now);
        submit(&*store.control, Command::CreateKanaal(kanaal)).await;
    }
    for start in (0..events).step_by(BATCH as usize) {
        let records = (start..events.min(start + BATCH)).map(|position| (naam(0), record(position)));
        store.log.append(records.collect()).await.expect("appended");
    }
    for number in 0..subscriptions {
        submit(&*store.control, Command::CreateSubscription(Box::new(subscription(number, events, &secret, now))))
            .await;
    }
    for start in (0..events).step_by(BATCH as usize) {
        let positions = start..events.min(start + BATCH);
        store.journal.record(positions.clone().map(|position| event(position, now)).collect());
        for own in 0..FAILING.min(subscriptions) {
            let failed = positions.clone().filter(|position| position * FAILING + own < letters);
            let (mut entries, mut dead) = (Vec::new(), Vec::new());
            for position in failed {
                entries.push(settled(own, position, now));
                dead.push(dead_letter(own, position, now));
            }
            store.journal.store_dead_letters(dead).await.expect("stored");
            store.journal.record(entries);
        }
        store.journal.flush().await.expect("searchable");
    }
    println!("{subscriptions} subscriptions, {events} events, {letters} dead letters");
}

async fn submit(control: &dyn Control, command: Command) {
    control.submit(&Actor::configuration(), command).await.expect("decided").expect("accepted");
}

fn naam(number: u64) -> KanaalName {
    KanaalName::new(&format!("kanaal-{number}")).expect("a name")
}

fn id(number: u64) -> SubscriptionId {
    SubscriptionId(Uuid::from_u128(u128::from(number) + (1 << 80)))
}

/// A type of five.
fn kind(position: u64) -> String {
    format!("nl.overheid.zaken.soort-{}", position % 5)
}

/// Some time in the last day.
fn at(position: u64, now: Timestamp) -> Timestamp {
    now - Duration::from_millis(100 + position * 800 % 86_400_000)
}

fn record(position: u64) -> Record {
    let header = |name: &'static str, value: String| (Bytes::from_static(name.as_bytes()), Bytes::from(value));
    Record {
        key: Bytes::new(),
        headers: vec![
            header("ce_specversion", "1.0".to_owned()),
            header("ce_id", position.to_string()),
            header("ce_source", "urn:nld:oin:00000001823288444000:systeem:zaaksysteem".to_owned()),
            header("ce_type", kind(position)),
            header("content-type", "application/json".to_owned()),
        ],
        value: Some(Bytes::from_static(b"{\"zaak\": 1}")),
    }
}

/// A subscription that begins behind the events, with an agreement in place of a handshake, so that nothing is sent.
fn subscription(number: u64, events: u64, secret: &Sealed, now: Timestamp) -> Subscription {
    let kanaal = naam(number % KANALEN);
    let start = if number.is_multiple_of(KANALEN) { Mark(events) } else { Mark::BEGINNING };
    Subscription {
        name: Some(format!("Abonnement {number}")),
        validation: Validation::Manual { agreement: "gemeten".to_owned() },
        consent: Consent::Granted { origin: "bench.example".to_owned(), rate: Rate::Unlimited, at: now },
        start: vec![(kanaal.clone(), Partition(0), start)],
        ..Subscription::new(
            id(number),
            format!("afnemer-{}", number % 200),
            Selection::Native(NativeSelection { kanalen: vec![kanaal], ..NativeSelection::default() }),
            Sink::Webhook(format!("http://127.0.0.1:9/{number}")),
            secret.clone(),
            now,
        )
    }
}

fn delivery(own: u64, position: u64) -> DeliveryKey {
    DeliveryKey {
        subscription: id(own),
        kanaal: naam(0),
        partition: Partition(0),
        position: Position(position),
        run: None,
    }
}

fn event(position: u64, now: Timestamp) -> Entry {
    Entry::Event(EventRow {
        kanaal: naam(0),
        partition: Partition(0),
        position: Position(position),
        id: position.to_string(),
        source: "urn:nld:oin:00000001823288444000:systeem:zaaksysteem".to_owned(),
        kind: kind(position),
        subject: None,
        appended: at(position, now),
    })
}

fn attempt(position: u64, now: Timestamp) -> Attempt {
    let result = AttemptResult::Code(if position.is_multiple_of(3) { 422 } else { 503 });
    Attempt {
        at: at(position, now),
        duration_micros: 5_000,
        result,
        excerpt: "no".into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    }
}

fn settled(own: u64, position: u64, now: Timestamp) -> Entry {
    Entry::Settled {
        delivery: delivery(own, position),
        outcome: Outcome::RetriesExhausted,
        attempts: 1,
        last: Some(attempt(position, now)),
        at: at(position, now),
    }
}

fn dead_letter(own: u64, position: u64, now: Timestamp) -> DeadLetter {
    DeadLetter {
        id: Uuid::from_u128((u128::from(own) << 64) | u128::from(position) | (1 << 100)),
        delivery: delivery(own, position),
        event_id: position.to_string(),
        event_source: "urn:nld:oin:00000001823288444000:systeem:zaaksysteem".to_owned(),
        event_kind: kind(position),
        record: record(position),
        outcome: Outcome::RetriesExhausted,
        reason: "the sink answered 503".to_owned(),
        last_code: Some(if position.is_multiple_of(3) { 422 } else { 503 }),
        attempts: 1,
        at: at(position, now),
    }
}
