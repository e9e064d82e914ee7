//! Damage in `gateway.sqlite`: what cannot be read is returned as such at its position, and all else as before.

use std::{collections::HashMap, path::Path};

use model::{
    KanaalName, Mark, Partition, Position, Registry, SubscriptionId, Timestamp,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use rusqlite::Connection;
use storage::{
    EventLog, Journal,
    books::Bookkeeper,
    journal::{DeliveryQuery, Entry, Page, RecordOutcome},
    log::{Limit, Point, Record, Stored},
    progress::{Key, Value},
    sqlite::{Embedded, Notice, Options, read_books},
    suite::sample,
};

use uuid::Uuid;

use crate::files::{append, event, options};

const PAGE: usize = 4_096;

/// A store that reads every record from the file.
fn open(dir: &Path) -> Embedded {
    Embedded::open(dir, Options { tail_bytes: 0, ..options() }).expect("the store opens")
}

fn text(position: u64) -> String {
    format!("record-{position:05}-{}", "x".repeat(1_000))
}

async fn filled(dir: &Path, records: u64) {
    let store = open(dir);
    let record = |position| (sample::name("zaken"), sample::record("key", &text(position)));
    store.log.append((0..records).map(record).collect()).await.expect("appended");
}

/// Every record of the log in order, read in batches.
async fn all(store: &Embedded) -> Vec<Record> {
    let (mut mark, mut records) = (Mark::BEGINNING, Vec::new());
    loop {
        let limit = Limit { records: 100, bytes: 1 << 20 };
        let batch = store.log.read(&sample::name("zaken"), Partition(0), mark, limit).await.expect("read");
        if batch.records.is_empty() {
            return records;
        }
        for stored in &batch.records {
            assert_eq!(stored.position.0, records.len() as u64, "no position is left out");
            records.push(stored.record.clone());
        }
        mark = batch.next;
    }
}

/// Asserts that records are as appended or damaged; returns the damaged positions.
async fn damaged(store: &Embedded, records: u64) -> Vec<u64> {
    let all = all(store).await;
    assert_eq!(all.len() as u64, records);
    let mut damaged = Vec::new();
    for (position, record) in (0..).zip(all) {
        match record.damage() {
            Some(_) => damaged.push(position),
            None => assert_eq!(record.value.as_deref(), Some(text(position).as_bytes())),
        }
    }
    damaged
}

fn change(dir: &Path, sql: &str) {
    Connection::open(dir.join("gateway.sqlite")).expect("opened").execute_batch(sql).expect("changed");
}

/// Changes the last byte of the record at a position.
pub fn change_record(dir: &Path, position: i64) {
    let connection = Connection::open(dir.join("gateway.sqlite")).expect("opened");
    let sql = "SELECT place, body FROM record ORDER BY place LIMIT 1 OFFSET ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (place, mut body): (i64, Vec<u8>) = connection.query_row(sql, [position], row).expect("a record");
    *body.last_mut().expect("a byte") ^= 1;
    connection.execute("UPDATE record SET body = ?2 WHERE place = ?1", (place, body)).expect("changed");
}

/// Overwrites the page of a file that holds a text; returns its number, from 1.
pub fn overwrite_page(file: &Path, text: &str) {
    let mut content = std::fs::read(file).expect("read");
    let at = content.windows(text.len()).position(|window| window == text.as_bytes()).expect("the text is there");
    let page = at / PAGE * PAGE;
    content[page..page + PAGE].fill(0xff);
    std::fs::write(file, content).expect("written");
}

#[tokio::test]
async fn h12_a_changed_byte_and_a_missing_row_are_damage_of_that_record_only() {
    let dir = tempfile::tempdir().expect("a directory");
    filled(dir.path(), 10).await;
    change_record(dir.path(), 3);
    change(dir.path(), "DELETE FROM record WHERE place = (SELECT min(place) + 7 FROM record)");
    let store = open(dir.path());
    assert_eq!(damaged(&store, 10).await, [3, 7]);
    let records = all(&store).await;
    assert!(records[3].damage().is_some_and(|reason| reason.contains("checksum")), "{:?}", records[3]);
    assert!(records[7].damage().is_some_and(|reason| reason.contains("missing")), "{:?}", records[7]);
    append(&store, "next").await.expect("appended");
}

#[tokio::test]
async fn h12_records_of_a_version_without_checksums_are_read() {
    let dir = tempfile::tempdir().expect("a directory");
    filled(dir.path(), 3).await;
    change(dir.path(), "UPDATE record SET checksum = NULL");
    assert_eq!(damaged(&open(dir.path()), 3).await, [0; 0]);
}

/// The positions of the records in the accounts, and what could not be read.
#[derive(Default)]
struct Seen {
    positions: Vec<u64>,
    unread: Vec<String>,
}

impl Bookkeeper for Seen {
    fn start(&mut self, _: Registry, _: Vec<HashMap<Key, Value>>) {}

    fn record(&mut self, _: &KanaalName, _: Partition, stored: Stored, _: &[RecordOutcome]) {
        self.positions.push(stored.position.0);
    }

    fn unread(&mut self, place: String) {
        self.unread.push(place);
    }
}

#[tokio::test]
async fn accounts_are_made_of_a_file_without_the_column_for_checksums() {
    let dir = tempfile::tempdir().expect("a directory");
    filled(dir.path(), 3).await;
    change(dir.path(), "ALTER TABLE record DROP COLUMN checksum");
    let mut seen = Seen::default();
    read_books(dir.path(), &mut seen).expect("read");
    assert_eq!((seen.positions, seen.unread), (vec![0, 1, 2], Vec::new()));
}

#[tokio::test]
async fn h3_a_bad_page_stops_neither_readers_nor_appends_nor_retention() {
    let dir = tempfile::tempdir().expect("a directory");
    filled(dir.path(), 1_000).await;
    overwrite_page(&dir.path().join("gateway.sqlite"), "record-00500");
    let store = open(dir.path());
    let bad = damaged(&store, 1_000).await;
    assert!(bad.contains(&500) && bad.len() < 20, "{bad:?}");
    assert_eq!(damaged(&store, 1_000).await, bad, "it stays so");
    let since = Point::Since(Timestamp::from_seconds(1));
    let zaken = sample::name("zaken");
    let marks = store.log.marks(&[(zaken.clone(), Partition(0))], since).await.expect("a mark");
    assert_eq!(marks, [Mark(0)]);
    append(&store, "next").await.expect("appended");
    let later = Timestamp::from_seconds(4_000_000_000);
    store.log.trim(&zaken, later, 2_000).await.expect("trimmed");
    append(&store, "last").await.expect("appended");
    let limit = Limit { records: 10, bytes: 1 << 20 };
    let batch = store.log.read(&zaken, Partition(0), Mark::BEGINNING, limit).await.expect("read");
    assert_eq!((batch.oldest, batch.records.len()), (Mark(1_001), 1));
}

fn settled(position: u64) -> Entry {
    let delivery = DeliveryKey {
        subscription: SubscriptionId(Uuid::from_u128(1)),
        kanaal: sample::name("zaken"),
        partition: Partition(0),
        position: Position(position),
        run: None,
    };
    let attempt = Attempt {
        at: Timestamp::from_seconds(1),
        duration_micros: 1,
        result: AttemptResult::Failure(format!("failure-{position:05}")),
        excerpt: "x".repeat(200).into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    };
    let at = Timestamp::from_seconds(1);
    Entry::Settled { delivery, outcome: Outcome::Refused, attempts: 1, last: Some(attempt), at }
}

async fn journal_with(dir: &Path, rows: u64) -> Embedded {
    let store = open(dir);
    store.journal.record((0..rows).map(settled).collect());
    store.journal.record((0..rows).map(event).collect());
    store.journal.flush().await.expect("flushed");
    store
}

/// Entries on the bad page are lost and counted; those of other pages are written, and the journal goes on.
#[tokio::test]
async fn h7_a_bad_page_of_the_journal_costs_only_the_entries_on_it() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(journal_with(dir.path(), 1_000).await);
    overwrite_page(&dir.path().join("journal.sqlite"), "failure-00500");
    let store = open(dir.path());
    store.journal.record((0..2_000).map(settled).collect());
    store.journal.flush().await.expect("the journal goes on");
    let remark = store.journal.health().expect("it is written").expect("a remark");
    assert!(remark.contains("because the file is damaged"), "{remark}");
    store.journal.record((2_000..2_010).map(settled).collect());
    store.journal.flush().await.expect("flushed");
    let query = DeliveryQuery { from: Some(Timestamp::from_seconds(1)), ..DeliveryQuery::default() };
    let rows = store.journal.deliveries(query, Page { offset: 0, limit: 500 }).await.expect("deliveries");
    assert_eq!(rows.len(), 500);
    assert_eq!(rows[0].delivery.position, Position(2_009));
}

/// Nothing can be written to a damaged index: that is counted, and the next start builds the journal anew.
#[tokio::test]
async fn h7_a_journal_with_a_bad_index_is_set_aside_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(journal_with(dir.path(), 100).await);
    let connection = Connection::open(dir.path().join("journal.sqlite")).expect("opened");
    let root: u32 = connection
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'event_id'", [], |row| row.get(0))
        .expect("a page");
    let root = root as usize;
    drop(connection);
    let file = dir.path().join("journal.sqlite");
    let mut content = std::fs::read(&file).expect("read");
    content[(root - 1) * PAGE..root * PAGE].fill(0xff);
    std::fs::write(&file, content).expect("written");
    let store = open(dir.path());
    store.journal.record((100..110).map(event).chain((100..110).map(settled)).collect());
    store.journal.flush().await.expect("the journal goes on");
    let remark = store.journal.health().expect("it is written").expect("a remark");
    assert!(remark.contains("10 because the file is damaged"), "{remark}");
    drop(store);
    let store = open(dir.path());
    assert!(matches!(store.notices.as_ref(), [Notice::JournalSetAside { .. }]), "{:?}", store.notices);
    store.journal.record((100..110).map(event).collect());
    store.journal.flush().await.expect("flushed");
    assert_eq!(store.journal.health().expect("it is written"), None);
    drop(store);
    assert_eq!(open(dir.path()).notices.to_vec(), []);
}
