//! Files of a store that were restored alone, copied in part or exchanged are noticed when it is opened.

use std::path::Path;

use model::{
    Mark, Partition, Position, SubscriptionId,
    outcome::{DeliveryKey, Outcome},
};
use rusqlite::Connection;
use storage::{
    Journal, Progress,
    journal::{DeliveryQuery, Entry, Page},
    progress::{Key, Ownership, Shard, Value},
    sqlite::{Embedded, Notice},
    suite::sample,
};
use uuid::Uuid;

use crate::files::{append, event, indexed, open, texts};

const ZAKEN: &str = "zaken";

/// Appends records with these positions, and writes their rows in the journal.
async fn fill(store: &Embedded, positions: std::ops::Range<u64>) {
    for position in positions {
        append(store, &position.to_string()).await.expect("appended");
        store.journal.record(vec![event(position), settled(position)]);
    }
    store.journal.flush().await.expect("flushed");
}

fn delivery(position: u64) -> DeliveryKey {
    DeliveryKey {
        subscription: SubscriptionId(Uuid::from_u128(1)),
        kanaal: sample::name(ZAKEN),
        partition: Partition(0),
        position: Position(position),
        run: None,
    }
}

fn settled(position: u64) -> Entry {
    let at = model::Timestamp::from_seconds(1);
    Entry::Settled { delivery: delivery(position), outcome: Outcome::Delivered, attempts: 1, last: None, at }
}

async fn delivered(store: &Embedded) -> usize {
    let page = Page { offset: 0, limit: 1_000 };
    store.journal.deliveries(DeliveryQuery::default(), page).await.expect("deliveries").len()
}

fn copy(from: &Path, to: &Path, files: &[&str]) {
    for file in files {
        std::fs::copy(from.join(file), to.join(file)).expect("copied");
    }
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[tokio::test]
async fn h11_rows_of_positions_that_a_restored_log_does_not_have_are_removed() {
    let (dir, backup) = (directory(), directory());
    let store = open(dir.path());
    fill(&store, 0..3).await;
    drop(store);
    copy(dir.path(), backup.path(), &["gateway.sqlite"]);
    let store = open(dir.path());
    fill(&store, 3..7).await;
    drop(store);
    copy(backup.path(), dir.path(), &["gateway.sqlite"]);
    let store = open(dir.path());
    let ahead = |notice: &Notice| matches!(notice, Notice::JournalAhead { .. });
    assert!(store.notices.iter().any(ahead), "{:?}", store.notices);
    assert_eq!(
        (indexed(&store).await, delivered(&store).await),
        (["id-0", "id-1", "id-2"].map(String::from).into(), 3)
    );
    assert_eq!(store.journal.indexed(&sample::name(ZAKEN), Partition(0)).await.expect("a mark"), Mark(3));
    fill(&store, 3..4).await;
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.notices.to_vec(), []);
    assert_eq!((indexed(&store).await.len(), delivered(&store).await), (4, 4));
}

#[tokio::test]
async fn h11_an_older_journal_of_the_same_store_is_used() {
    let (dir, backup) = (directory(), directory());
    let store = open(dir.path());
    fill(&store, 0..3).await;
    drop(store);
    copy(dir.path(), backup.path(), &["journal.sqlite"]);
    let store = open(dir.path());
    fill(&store, 3..7).await;
    drop(store);
    copy(backup.path(), dir.path(), &["journal.sqlite"]);
    let store = open(dir.path());
    assert_eq!(store.notices.to_vec(), []);
    assert_eq!(indexed(&store).await.len(), 3);
}

#[tokio::test]
async fn h11_a_journal_of_another_copy_of_the_store_is_set_aside() {
    let (dir, other) = (directory(), directory());
    let store = open(dir.path());
    fill(&store, 0..3).await;
    drop(store);
    copy(dir.path(), other.path(), &["gateway.sqlite"]);
    for (path, positions) in [(dir.path(), 3..5), (other.path(), 3..9)] {
        let store = open(path);
        fill(&store, positions).await;
        drop(store);
    }
    copy(dir.path(), other.path(), &["journal.sqlite"]);
    let store = open(other.path());
    let name = "journal.set-aside-3.sqlite";
    let aside = |notice: &Notice| matches!(notice, Notice::JournalSetAside { name: own, .. } if own == name);
    assert!(store.notices.iter().any(aside), "{:?}", store.notices);
    assert!(other.path().join(name).exists());
    assert_eq!(store.journal.indexed(&sample::name(ZAKEN), Partition(0)).await.expect("a mark"), Mark(0));
    drop(store);
    assert_eq!(open(other.path()).notices.to_vec(), []);
}

#[tokio::test]
async fn h11_a_journal_that_is_no_database_is_set_aside() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, 0..3).await;
    drop(store);
    std::fs::write(dir.path().join("journal.sqlite"), [b'x'; 8_192]).expect("written");
    let store = open(dir.path());
    assert!(matches!(store.notices.as_ref(), [Notice::JournalSetAside { .. }]), "{:?}", store.notices);
    fill(&store, 3..4).await;
    assert_eq!(indexed(&store).await, ["id-3"]);
}

#[tokio::test]
async fn h11_a_journal_beside_an_empty_store_is_set_aside() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, 0..3).await;
    drop(store);
    std::fs::remove_file(dir.path().join("gateway.sqlite")).expect("removed");
    let store = open(dir.path());
    assert!(
        matches!(store.notices.as_ref(), [Notice::Created { .. }, Notice::JournalSetAside { .. }]),
        "{:?}",
        store.notices
    );
    assert!(indexed(&store).await.is_empty());
}

/// The files of a running store, as after a kill, with and without its write-ahead log.
#[tokio::test]
async fn a8_h11_a_lost_write_ahead_log_is_reported() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, 0..5).await;
    let (with, without) = (directory(), directory());
    copy(dir.path(), with.path(), &["gateway.sqlite", "gateway.sqlite-wal", "journal.sqlite", "journal.sqlite-wal"]);
    copy(dir.path(), without.path(), &["gateway.sqlite", "journal.sqlite", "journal.sqlite-wal"]);
    let whole = open(with.path());
    assert_eq!(whole.notices.to_vec(), []);
    assert_eq!(texts(&whole).await.len(), 5);
    let short = open(without.path());
    let ahead = |notice: &Notice| matches!(notice, Notice::JournalAhead { .. });
    assert!(short.notices.contains(&Notice::NotClosed), "{:?}", short.notices);
    assert!(short.notices.iter().any(ahead), "{:?}", short.notices);
    assert_eq!(texts(&short).await.len(), 0);
    drop(short);
    assert_eq!(open(without.path()).notices.to_vec(), []);
}

#[tokio::test]
async fn h11_lost_records_are_counted_and_progress_goes_back_to_the_end() {
    let dir = directory();
    let store = open(dir.path());
    fill(&store, 0..5).await;
    let (reader, unsettled) = (Key::Reader(sample::name(ZAKEN), Partition(0)), Key::Unsettled(delivery(4)));
    let waiting = Value::Unsettled { attempts: 1, not_before: model::Timestamp::from_seconds(1) };
    let entries = vec![(reader.clone(), Some(Value::At(Mark(5)))), (unsettled, Some(waiting))];
    store.progress.checkpoint(Shard(0), entries).await.expect("a checkpoint");
    drop(store);
    let connection = Connection::open(dir.path().join("gateway.sqlite")).expect("the file opens");
    connection
        .execute_batch("DELETE FROM record WHERE place IN (SELECT place FROM record ORDER BY place DESC LIMIT 2)")
        .expect("deleted");
    drop(connection);
    let store = open(dir.path());
    let expected = [Notice::RecordsMissing { missing: 2 }, Notice::ProgressAhead { entries: 2 }];
    assert_eq!(store.notices[..2], expected);
    let Ownership::Gained(_, entries) = store.progress.ownership().await.expect("ownership") else { panic!("ours") };
    assert_eq!(entries, [(reader, Value::At(Mark(3)))]);
}
