//! Files that are removed, moved or replaced under a running store, disks that refuse the probe, and what is reported at
//! the start.

use std::{path::Path, sync::Arc};

use model::{Clock, Mark, Partition, Timestamp, clock::ManualClock};
use storage::{
    Control, Error, EventLog, Journal,
    journal::{Entry, EventQuery, EventRow, Page},
    log::Limit,
    sqlite::{Embedded, Notice, Options},
    suite::sample,
};

pub fn options() -> Options {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)));
    Options::new(clock)
}

pub fn open(dir: &Path) -> Embedded {
    Embedded::open(dir, options()).expect("the store opens")
}

pub async fn append(store: &Embedded, text: &str) -> Result<(), Error> {
    store.log.append(vec![(sample::name("zaken"), sample::record("key", text))]).await
}

pub async fn texts(store: &Embedded) -> Vec<String> {
    let limit = Limit { records: 10_000, bytes: 1 << 30 };
    let batch = store.log.read(&sample::name("zaken"), Partition(0), Mark::BEGINNING, limit).await.expect("read");
    let text = |value: bytes::Bytes| String::from_utf8_lossy(&value).into_owned();
    batch.records.into_iter().filter_map(|stored| stored.record.value).map(text).collect()
}

pub fn event(position: u64) -> Entry {
    Entry::Event(EventRow {
        kanaal: sample::name("zaken"),
        partition: Partition(0),
        position: model::Position(position),
        id: format!("id-{position}"),
        source: "s".into(),
        kind: "t".into(),
        subject: None,
        appended: Timestamp::from_seconds(1_700_000_000),
    })
}

pub async fn indexed(store: &Embedded) -> Vec<String> {
    let page = Page { offset: 0, limit: 1_000 };
    let rows = store.journal.events(EventQuery::default(), page).await.expect("events");
    rows.into_iter().rev().map(|row| row.id).collect()
}

/// Nothing is accepted, and the probe gives the reason.
async fn refuses(store: &Embedded, expected: &str) {
    for result in [append(store, "lost").await, store.control.probe().await] {
        match result {
            Err(Error::Unavailable { reason, .. }) => assert!(reason.contains(expected), "{reason}"),
            other => panic!("unavailable, not {other:?}"),
        }
    }
}

#[tokio::test]
async fn a3_h10_a_directory_that_was_moved_takes_no_events_until_it_is_back() {
    let above = tempfile::tempdir().expect("a directory");
    let (dir, away) = (above.path().join("data"), above.path().join("away"));
    let store = open(&dir);
    append(&store, "before").await.expect("appended");
    store.control.probe().await.expect("it works");
    std::fs::rename(&dir, &away).expect("moved");
    refuses(&store, "gateway.sqlite was removed or moved").await;
    store.journal.record(vec![event(0)]);
    let failed = store.journal.flush().await.expect_err("the journal has no file");
    assert!(failed.to_string().contains("journal.sqlite was removed or moved"), "{failed}");
    std::fs::rename(&away, &dir).expect("moved back");
    append(&store, "after").await.expect("appended");
    store.control.probe().await.expect("it works again");
    drop(store);
    assert_eq!(texts(&open(&dir)).await, ["before", "after"]);
}

#[tokio::test]
async fn a3_h10_files_that_were_removed_or_replaced_take_no_events() {
    for (file, replace) in [
        ("gateway.sqlite", false),
        ("gateway.sqlite", true),
        ("gateway.sqlite-wal", false),
        ("gateway.lock", false),
        ("gateway.lock", true),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        let store = open(dir.path());
        append(&store, "before").await.expect("appended");
        let path = dir.path().join(file);
        let content = std::fs::read(&path).expect("read");
        std::fs::remove_file(&path).expect("removed");
        if replace {
            // Under another name first, so that it does not get the inode of the removed file.
            let copy = dir.path().join("copy");
            std::fs::write(dir.path().join("takes the inode"), "x").expect("written");
            std::fs::write(&copy, content).expect("written");
            std::fs::rename(&copy, &path).expect("replaced");
        }
        refuses(&store, file).await;
    }
}

#[test]
fn a3_a_start_without_a_store_reports_what_it_found() {
    let above = tempfile::tempdir().expect("a directory");
    let dir = above.path().join("data");
    let store = open(&dir);
    assert_eq!(store.notices.to_vec(), [Notice::Created { found: vec![] }]);
    drop(store);
    let again = open(&dir);
    assert_eq!(again.notices.to_vec(), []);
    drop(again);
    std::fs::remove_file(dir.join("gateway.sqlite")).expect("removed");
    let empty = open(&dir);
    let found = vec!["gateway.lock".to_owned(), "journal.sqlite".to_owned()];
    assert!(empty.notices.contains(&Notice::Created { found }), "{:?}", empty.notices);
    drop(empty);
    std::fs::remove_file(dir.join("journal.sqlite")).expect("removed");
    assert_eq!(open(&dir).notices.to_vec(), [Notice::JournalCreated]);
}

/// The directory takes no new file: the probe notices although the write-ahead log has room.
#[tokio::test]
async fn h2_the_probe_needs_room_for_a_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    std::fs::create_dir(dir.path().join("gateway.probe")).expect("in its way");
    append(&store, "there is room in the log").await.expect("appended");
    let failed = store.control.probe().await.expect_err("no file can be written");
    assert!(failed.to_string().contains("gateway.probe"), "{failed}");
    std::fs::remove_dir(dir.path().join("gateway.probe")).expect("removed");
    store.control.probe().await.expect("it works");
    assert!(!dir.path().join("gateway.probe").exists());
}

/// A command that changes nothing succeeds here: the probe has to write.
#[tokio::test]
async fn h2_the_probe_fails_on_a_read_only_disk() {
    let dir = tempfile::tempdir().expect("a directory");
    let read_only = Arc::new(|connection: &rusqlite::Connection| connection.execute_batch("PRAGMA query_only = 1"));
    let store = Embedded::open(dir.path(), Options { fault: Some(read_only), ..options() }).expect("it opens");
    let failed = store.control.probe().await.expect_err("nothing can be written");
    assert!(failed.to_string().contains("readonly"), "{failed}");
}
