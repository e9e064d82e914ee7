//! What a purge leaves: nothing in the answers of the journal, and no byte in any file of the directory.

use std::path::Path;

use model::{
    KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use storage::{
    EventLog, Journal,
    journal::{DeadLetter, DeadLetterQuery, DeliveryQuery, Entry, EventQuery, EventRow, Page},
    sqlite::Embedded,
    suite::sample,
};
use uuid::Uuid;

use crate::files::{open, texts};

const PART: Partition = Partition(0);
const PAGE: Page = Page { offset: 0, limit: 1_000 };
const MARKER: &str = "burger-999990019";
const EVENTS: u64 = 300;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds as i64)
}

/// A text that is found in the files, now and then one that fills several pages.
fn text(marker: &str, number: u64) -> String {
    let times = if number % 20 == 7 { 800 } else { 3 };
    format!("{marker} {number} ").repeat(times)
}

fn entries(kanaal: &KanaalName, marker: &str, number: u64) -> Vec<Entry> {
    let delivery = key(kanaal, number);
    let attempt = Attempt {
        at: at(number),
        duration_micros: 5,
        result: AttemptResult::Failure(format!("{marker} failure")),
        excerpt: format!("{marker} excerpt").into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    };
    vec![
        Entry::Event(EventRow {
            kanaal: kanaal.clone(),
            partition: PART,
            position: Position(number),
            id: format!("{} {marker}", number * 7_919 % 1_000),
            source: format!("urn:{marker}"),
            kind: "t".into(),
            subject: Some(format!("{} {marker}", number * 104_729 % 1_000)),
            appended: at(number),
        }),
        Entry::Attempt { delivery: delivery.clone(), number: 1, attempt: attempt.clone() },
        Entry::Settled { delivery, outcome: Outcome::Refused, attempts: 2, last: Some(attempt), at: at(number) },
    ]
}

fn key(kanaal: &KanaalName, number: u64) -> DeliveryKey {
    let subscription = SubscriptionId(Uuid::from_u128(10));
    DeliveryKey { subscription, kanaal: kanaal.clone(), partition: PART, position: Position(number), run: None }
}

fn letter(kanaal: &KanaalName, marker: &str, number: u64) -> DeadLetter {
    let delivery = key(kanaal, number);
    DeadLetter {
        id: DeadLetter::id_of(&delivery),
        delivery,
        event_id: format!("{number} {marker}"),
        event_source: "s".into(),
        event_kind: "t".into(),
        record: sample::record("k", &text(marker, number)),
        outcome: Outcome::Refused,
        reason: format!("{marker} reason"),
        last_code: None,
        attempts: 2,
        at: at(number),
    }
}

async fn fill(store: &Embedded, kanaal: &KanaalName, marker: &str, numbers: std::ops::Range<u64>) {
    let records = numbers.clone().map(|number| (kanaal.clone(), sample::record("k", &text(marker, number)))).collect();
    store.log.append(records).await.expect("appended");
    let letters = numbers.clone().filter(|number| number % 3 == 1).map(|number| letter(kanaal, marker, number));
    store.journal.store_dead_letters(letters.collect()).await.expect("stored");
    store.journal.record(numbers.flat_map(|number| entries(kanaal, marker, number)).collect());
    store.journal.flush().await.expect("flushed");
}

async fn purge(store: &Embedded, kanaal: &KanaalName) {
    store.log.purge(kanaal).await.expect("purged");
    let end = store.log.end(kanaal, PART).await.expect("an end");
    store.journal.purge(kanaal, &[(PART, end)]).await.expect("purged");
}

/// The files of a directory in which a text occurs, with the number of times.
fn found(dir: &Path, text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        let bytes = std::fs::read(entry.path()).expect("read");
        let count = bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        if count > 0 {
            found.push((entry.file_name().to_string_lossy().into_owned(), count));
        }
    }
    found
}

/// The numbers of events, deliveries and dead letters.
async fn listed(store: &Embedded) -> (usize, usize, usize) {
    let journal = &store.journal;
    (
        journal.events(EventQuery::default(), PAGE).await.expect("events").len(),
        journal.deliveries(DeliveryQuery::default(), PAGE).await.expect("deliveries").len(),
        journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters").len(),
    )
}

#[tokio::test]
async fn e3_purged_events_are_in_no_list_and_in_no_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let (weg, zaken) = (sample::name("weg"), sample::name("zaken"));
    let store = open(dir.path());
    for first in (0..EVENTS).step_by(10) {
        fill(&store, &weg, MARKER, first..first + 10).await;
        fill(&store, &zaken, "blijft", first..first + 10).await;
    }
    assert!(!found(dir.path(), MARKER).is_empty());
    // The second time completes a purge that failed halfway.
    for _ in 0..2 {
        purge(&store, &weg).await;
        assert_eq!(listed(&store).await, (300, 300, 100));
        assert_eq!(found(dir.path(), MARKER), []);
    }
    assert_eq!(store.journal.indexed(&weg, PART).await.expect("a mark"), Mark(EVENTS));
    drop(store);
    assert_eq!(found(dir.path(), MARKER), []);
    let store = open(dir.path());
    assert_eq!(listed(&store).await, (300, 300, 100));
    assert_eq!(texts(&store).await.len(), EVENTS as usize);
}

#[tokio::test]
async fn e3_what_is_recorded_of_purged_events_later_is_left_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let weg = sample::name("weg");
    let store = open(dir.path());
    fill(&store, &weg, MARKER, 0..2).await;
    purge(&store, &weg).await;
    store.journal.record(entries(&weg, MARKER, 1));
    store.journal.store_dead_letters(vec![letter(&weg, MARKER, 1)]).await.expect("stored");
    store.journal.flush().await.expect("flushed");
    assert_eq!(listed(&store).await, (0, 0, 0));
    assert_eq!(found(dir.path(), MARKER), []);
    // The kanaal can be used again.
    fill(&store, &weg, "nieuw", 2..5).await;
    assert_eq!(listed(&store).await, (3, 3, 1));
}
