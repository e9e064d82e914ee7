//! What `compact` leaves: smaller files with the same content.

use std::path::Path;

use model::{Mark, Partition, Timestamp};
use storage::{
    Control, Error, EventLog, Journal,
    log::Limit,
    sqlite::{Embedded, backup, compact, verify},
    suite::sample,
};

use crate::files::{append, event, indexed, open, texts};

fn size(dir: &Path) -> u64 {
    ["gateway.sqlite", "gateway.sqlite-wal", "journal.sqlite", "journal.sqlite-wal"]
        .map(|name| dir.join(name).metadata().map_or(0, |metadata| metadata.len()))
        .iter()
        .sum()
}

/// Appends records and trims all of them, then appends three more.
async fn trimmed(store: &Embedded) {
    let gateway = model::Actor::gateway();
    let made = store.control.submit(&gateway, model::decide::Command::CreateKanaal(sample::kanaal(1, "zaken")));
    made.await.expect("a decision").expect("accepted");
    for batch in 0..20_u64 {
        let record = |_| (sample::name("zaken"), sample::record("key", &"x".repeat(2_000)));
        store.log.append((0..100).map(record).collect()).await.expect("appended");
        store.journal.record((batch * 100..(batch + 1) * 100).map(event).collect());
    }
    store.journal.flush().await.expect("flushed");
    while store.log.trim(&sample::name("zaken"), Timestamp::from_seconds(2_000_000_000), 500).await.expect("trimmed")
        > 0
    {}
    while store.journal.trim(Timestamp::from_seconds(2_000_000_000), 500).await.expect("trimmed") > 0 {}
    for text in ["one", "two", "three"] {
        append(store, text).await.expect("appended");
    }
    store.journal.record(vec![event(2_000)]);
    store.journal.flush().await.expect("flushed");
}

async fn has_the_rest(dir: &Path) {
    assert!(verify(dir).expect("a store").iter().all(|finding| finding.good));
    let store = open(dir);
    assert_eq!(store.notices.to_vec(), [], "nothing is missing");
    let limit = Limit { records: 10, bytes: 1 << 20 };
    let read = store.log.read(&sample::name("zaken"), Partition(0), Mark::BEGINNING, limit).await.expect("read");
    assert_eq!((read.oldest, read.next), (Mark(2_000), Mark(2_003)), "positions are as before");
    assert_eq!(texts(&store).await, ["one", "two", "three"]);
    assert_eq!(indexed(&store).await, ["id-2000"]);
    assert!(store.control.registry().read().kanaal("zaken").is_some());
}

#[tokio::test]
async fn h14_compact_gives_back_the_pages_of_what_was_trimmed_and_keeps_the_rest() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    trimmed(&store).await;
    let refused = compact(dir.path()).expect_err("a gateway uses the store");
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");
    drop(store);
    let before = size(dir.path());
    assert!(before > 4_000_000, "{before}");
    let done = compact(dir.path()).expect("compacted");
    assert_eq!(done.iter().map(|file| file.before).sum::<u64>(), before);
    let after = size(dir.path());
    assert_eq!(done.iter().map(|file| file.after).sum::<u64>(), after);
    assert!(after < 500_000, "{after} bytes for three records");
    has_the_rest(dir.path()).await;
    compact(dir.path()).expect("again");
    has_the_rest(dir.path()).await;
}

/// Its commits are in the write-ahead log.
#[tokio::test]
async fn h14_compact_after_a_kill_loses_nothing() {
    let above = tempfile::tempdir().expect("a directory");
    let (data, killed) = (above.path().join("data"), above.path().join("killed"));
    let store = open(&data);
    trimmed(&store).await;
    // The files as a kill leaves them.
    std::fs::create_dir(&killed).expect("made");
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "journal.sqlite", "journal.sqlite-wal"] {
        std::fs::copy(data.join(name), killed.join(name)).expect("copied");
    }
    compact(&killed).expect("compacted");
    assert!(!killed.join("gateway.sqlite-wal").exists(), "it would not fit the new file");
    has_the_rest(&killed).await;
}

#[tokio::test]
async fn h14_a_compaction_that_was_cut_off_leaves_the_store() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    trimmed(&store).await;
    drop(store);
    std::fs::write(dir.path().join("gateway.sqlite-part"), "the start of a copy").expect("written");
    has_the_rest(dir.path()).await;
    compact(dir.path()).expect("compacted");
    assert!(!dir.path().join("gateway.sqlite-part").exists());
    has_the_rest(dir.path()).await;
    let empty = tempfile::tempdir().expect("a directory");
    compact(empty.path()).expect_err("there is no store");
    backup(dir.path(), &empty.path().join("copy")).expect("a backup");
}
