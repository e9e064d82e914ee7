//! The embedded adapter on a disk that is slow, full, read-only or contains unexpected data.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{
    KanaalName, Mark, Partition, Position, SubscriptionId, Timestamp,
    clock::ManualClock,
    decide::Command,
    outcome::{DeliveryKey, Outcome},
};
use rusqlite::Connection;
use storage::{
    Control, Error, EventLog, Journal, Progress,
    journal::{DeliveryQuery, Entry, Page},
    log::Limit,
    progress::{Key, Shard, Value},
    sqlite::{Embedded, Fault, Options},
    suite::sample,
};
use tempfile::TempDir;
use uuid::Uuid;

const PART: Partition = Partition(0);
const WIDE: Limit = Limit { records: 1_000, bytes: 1 << 30 };

fn options() -> Options {
    Options::new(Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000))))
}

fn open(dir: &TempDir, options: Options) -> Embedded {
    Embedded::open(dir.path(), options).expect("the store opens")
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn zaken() -> KanaalName {
    sample::name("zaken")
}

/// Appends a record and returns the end of the log.
async fn append(store: &Embedded, text: &str) -> Result<Mark, Error> {
    store.log.append(vec![(zaken(), sample::record("key", text))]).await?;
    store.log.end(&zaken(), PART).await
}

async fn texts(store: &Embedded) -> Vec<String> {
    let batch = store.log.read(&zaken(), PART, Mark::BEGINNING, WIDE).await.expect("read");
    let text = |value: bytes::Bytes| String::from_utf8_lossy(&value).into_owned();
    batch.records.into_iter().filter_map(|stored| stored.record.value).map(text).collect()
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Unavailable { retry_after, .. }) => assert!(retry_after > Duration::ZERO),
        other => panic!("storage is unavailable, not {other:?}"),
    }
}

/// A switch that a fault looks at.
fn switch(on: &Arc<AtomicBool>, act: fn(&Connection, bool) -> rusqlite::Result<()>) -> Fault {
    let on = Arc::clone(on);
    Arc::new(move |connection| act(connection, on.load(Ordering::SeqCst)))
}

/// Transactions wait at the gate while it is shut.
#[derive(Default)]
struct Gate {
    state: Mutex<(bool, bool)>,
    moved: Condvar,
}

impl Gate {
    fn fault(self: &Arc<Self>) -> Fault {
        let gate = Arc::clone(self);
        Arc::new(move |_| {
            let mut state = gate.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 = true;
            gate.moved.notify_all();
            drop(gate.moved.wait_while(state, |state| state.0).unwrap_or_else(PoisonError::into_inner));
            Ok(())
        })
    }

    fn shut(&self, shut: bool) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (shut, false);
        self.moved.notify_all();
    }

    /// Blocks until a transaction waits at the gate.
    fn wait(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = Duration::from_secs(30);
        let waited = self.moved.wait_timeout_while(state, wait, |state| !state.1).expect("the gate");
        assert!(!waited.1.timed_out(), "nothing came to the gate");
    }
}

/// Nothing succeeds and nothing stays while the fault is on; everything does afterwards.
async fn survives(fault: fn(&Connection, bool) -> rusqlite::Result<()>) {
    let (dir, on) = (directory(), Arc::new(AtomicBool::new(false)));
    let store = open(&dir, Options { fault: Some(switch(&on, fault)), ..options() });
    let first = append(&store, "before").await.expect("appended");
    for _ in 0..3 {
        on.store(true, Ordering::SeqCst);
        unavailable(append(&store, &"x".repeat(300_000)).await);
        let mut kanaal = sample::kanaal(1, "zaken");
        kanaal.documentatie_link = "x".repeat(300_000);
        unavailable(store.control.submit(&model::Actor::gateway(), Command::CreateKanaal(kanaal)).await);
        let entries = (0..5_000).map(|number| (Key::Sink(format!("https://{number}.example.com")), Some(Value::Level)));
        unavailable(store.progress.checkpoint(Shard(0), entries.collect()).await);
        assert!(store.control.registry().read().kanaal("zaken").is_none());
        assert_eq!(texts(&store).await, ["before"]);
        assert_eq!(store.log.end(&zaken(), PART).await.expect("end"), first);
        assert_eq!(*store.log.watch(&zaken(), PART).borrow(), first);
        on.store(false, Ordering::SeqCst);
    }
    assert_eq!(append(&store, "after").await.expect("appended"), Mark(first.0 + 1));
    let made = store
        .control
        .submit(&model::Actor::gateway(), Command::CreateKanaal(sample::kanaal(1, "zaken")))
        .await
        .expect("a decision");
    assert!(made.is_ok(), "{made:?}");
    drop(store);
    let store = open(&dir, options());
    assert_eq!(texts(&store).await, ["before", "after"]);
    assert!(store.control.registry().read().kanaal("zaken").is_some());
}

#[tokio::test]
async fn a_full_disk_stores_nothing_and_recovers() {
    survives(|connection, on| {
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = if on { pages } else { 1 << 30 };
        connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))
    })
    .await;
}

#[tokio::test]
async fn a_read_only_disk_stores_nothing_and_recovers() {
    survives(|connection, on| {
        connection.execute_batch(if on { "PRAGMA query_only = 1" } else { "PRAGMA query_only = 0" })
    })
    .await;
}

#[tokio::test]
async fn a_disk_that_fails_stores_nothing_and_recovers() {
    survives(|_, on| {
        let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
        if on { Err(rusqlite::Error::SqliteFailure(failure, None)) } else { Ok(()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gave_up_waiting_is_never_stored() {
    let (dir, gate) = (directory(), Arc::new(Gate::default()));
    let store = open(&dir, Options { fault: Some(gate.fault()), deadline: Duration::from_secs(5), ..options() });
    gate.shut(true);
    let slow = tokio::spawn({
        let store = store.clone();
        async move { append(&store, "taken").await }
    });
    gate.wait();
    for _ in 0..3 {
        unavailable(append(&store, "too late").await);
    }
    gate.shut(false);
    assert_eq!(slow.await.expect("a task").expect("what was taken learns the truth"), Mark(1));
    assert_eq!(append(&store, "next").await.expect("appended"), Mark(2));
    assert_eq!(texts(&store).await, ["taken", "next"]);
    drop(store);
    assert_eq!(texts(&open(&dir, options())).await, ["taken", "next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_is_bounded_in_changes_and_bytes() {
    for (queue_changes, queue_bytes) in [(1, 1 << 20), (100, 2_000)] {
        let (dir, gate) = (directory(), Arc::new(Gate::default()));
        let deadline = Duration::from_secs(1);
        let store =
            open(&dir, Options { fault: Some(gate.fault()), deadline, queue_changes, queue_bytes, ..options() });
        gate.shut(true);
        let spawn = |number: usize| {
            let store = store.clone();
            tokio::spawn(async move { append(&store, &number.to_string().repeat(500)).await })
        };
        let first = spawn(0);
        gate.wait();
        let rest: Vec<_> = (1..5).map(spawn).collect();
        for waiting in rest {
            unavailable(waiting.await.expect("a task"));
        }
        gate.shut(false);
        first.await.expect("a task").expect("appended");
        assert_eq!(texts(&store).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_fails_as_a_whole() {
    let (dir, gate, on) = (directory(), Arc::new(Gate::default()), Arc::new(AtomicBool::new(false)));
    let (wait, fail) = (gate.fault(), Arc::clone(&on));
    let fault: Fault = Arc::new(move |connection| {
        if fail.load(Ordering::SeqCst) {
            return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None));
        }
        wait(connection)
    });
    let store = open(&dir, Options { fault: Some(fault), ..options() });
    gate.shut(true);
    let spawn = |text: String| {
        let store = store.clone();
        tokio::spawn(async move { append(&store, &text).await })
    };
    let first = spawn("first".into());
    gate.wait();
    on.store(true, Ordering::SeqCst);
    let group: Vec<_> = (0..20).map(|number| spawn(number.to_string())).collect();
    gate.shut(false);
    first.await.expect("a task").expect("appended");
    for lost in group {
        unavailable(lost.await.expect("a task"));
    }
    on.store(false, Ordering::SeqCst);
    assert_eq!(append(&store, "second").await.expect("appended"), Mark(2));
    assert_eq!(texts(&store).await, ["first", "second"]);
}

#[tokio::test]
async fn a_change_beyond_the_bound_is_refused() {
    let dir = directory();
    let store = open(&dir, Options { queue_bytes: 10_000, ..options() });
    let result = append(&store, &"x".repeat(10_000)).await;
    assert!(matches!(result, Err(Error::TooLarge { limit: 10_000, .. })), "{result:?}");
    append(&store, &"x".repeat(1_000)).await.expect("appended");
}

#[test]
fn the_files_have_one_user_and_a_lock_left_behind_is_nothing() {
    let dir = directory();
    std::fs::write(dir.path().join("gateway.lock"), "left behind").expect("written");
    let store = open(&dir, options());
    let second = Embedded::open(dir.path(), options()).expect_err("it is in use");
    assert_eq!(second.to_string(), format!("{} is in use by another process", dir.path().display()));
    drop(store);
    open(&dir, options());
}

fn tamper(dir: &TempDir, file: &str, sql: &str) {
    let connection = Connection::open(dir.path().join(file)).expect("the file opens");
    connection.execute_batch(sql).expect("tampered");
}

#[tokio::test]
async fn what_a_newer_program_wrote_is_refused() {
    for (file, sql, expected) in [
        ("gateway.sqlite", "PRAGMA user_version = 2", "gateway file"),
        ("journal.sqlite", "PRAGMA user_version = 9", "journal file"),
        ("gateway.sqlite", r#"UPDATE control SET body = '{"kind":"kanaal","v":3,"new":true}'"#, "kanaal"),
    ] {
        let dir = directory();
        let store = open(&dir, options());
        let made =
            store.control.submit(&model::Actor::gateway(), Command::CreateKanaal(sample::kanaal(1, "zaken"))).await;
        made.expect("a decision").expect("accepted");
        drop(store);
        tamper(&dir, file, sql);
        match Embedded::open(dir.path(), options()) {
            Err(Error::NewerVersion { kind, .. }) => assert_eq!(kind, expected),
            other => panic!("refused, not {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_newer_record_is_not_skipped() {
    let dir = directory();
    let store = open(&dir, options());
    append(&store, "a").await.expect("appended");
    let entry = (Key::Sink("https://example.com".into()), Some(Value::Level));
    store.progress.checkpoint(Shard(0), vec![entry]).await.expect("a checkpoint");
    drop(store);
    tamper(
        &dir,
        "gateway.sqlite",
        "UPDATE record SET body = x'02', checksum = NULL; UPDATE progress SET value = x'0201'",
    );
    let store = open(&dir, options());
    let read = store.log.read(&zaken(), PART, Mark::BEGINNING, WIDE).await;
    assert!(matches!(read, Err(Error::NewerVersion { kind: "record", found: 2, .. })), "{read:?}");
    let owned = store.progress.ownership().await;
    assert!(matches!(owned, Err(Error::NewerVersion { kind: "progress value", .. })), "{owned:?}");
}

#[test]
fn another_kind_of_file_is_refused() {
    for (file, sql) in [
        ("gateway.sqlite", Some("PRAGMA user_version = 1")),
        ("gateway.sqlite", None),
        ("journal.sqlite", Some("PRAGMA user_version = 1")),
    ] {
        let dir = directory();
        match sql {
            Some(sql) => tamper(&dir, file, sql),
            None => std::fs::write(dir.path().join(file), [b'x'; 8_192]).expect("written"),
        }
        let result = Embedded::open(dir.path(), options());
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{file}: {result:?}");
    }
}

#[tokio::test]
async fn a_flood_drops_the_oldest_journal_entries_and_counts_them() {
    let dir = directory();
    let store = open(&dir, Options { journal_entries: 100, ..options() });
    let entry = |number: u64| Entry::Settled {
        delivery: DeliveryKey {
            subscription: SubscriptionId(Uuid::from_u128(1)),
            kanaal: zaken(),
            partition: PART,
            position: Position(number),
            run: None,
        },
        outcome: Outcome::Delivered,
        attempts: 1,
        last: None,
        at: Timestamp::from_micros(number as i64),
    };
    store.journal.record((0..10_000).map(entry).collect());
    store.journal.flush().await.expect("flushed");
    assert_eq!(store.journal.dropped(), 9_900);
    let page = Page { offset: 0, limit: 1_000 };
    let rows = store.journal.deliveries(DeliveryQuery::default(), page).await.expect("deliveries");
    let kept: Vec<u64> = rows.iter().map(|row| row.delivery.position.0).collect();
    assert_eq!(kept, (9_900..10_000).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_journal_that_fails_says_so_and_catches_up() {
    let dir = directory();
    let store = open(&dir, options());
    tamper(&dir, "journal.sqlite", "ALTER TABLE settled_range RENAME TO away");
    let range = |from: u64| Entry::SettledRange {
        subscription: SubscriptionId(Uuid::from_u128(1)),
        kanaal: zaken(),
        partition: PART,
        from: Mark(from),
        until: Mark(from + 1),
        outcome: Outcome::Expired,
        at: Timestamp::from_micros(from as i64),
    };
    store.journal.record(vec![range(0)]);
    unavailable(store.journal.flush().await);
    append(&store, "goes on").await.expect("the log does not depend on the journal");
    tamper(&dir, "journal.sqlite", "ALTER TABLE away RENAME TO settled_range");
    store.journal.record(vec![range(1)]);
    while let Err(error) = store.journal.flush().await {
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let page = Page { offset: 0, limit: 10 };
    assert_eq!(store.journal.deliveries(DeliveryQuery::default(), page).await.expect("deliveries").len(), 2);
}

#[tokio::test]
async fn a_purge_that_was_cut_short_is_finished_by_trimming() {
    let dir = directory();
    let store = open(&dir, options());
    let records = (0..2_500).map(|number| (zaken(), sample::record("key", &number.to_string()))).collect();
    store.log.append(records).await.expect("appended");
    drop(store);
    tamper(&dir, "gateway.sqlite", "UPDATE kanaal SET first = 2500");
    let store = open(&dir, options());
    assert_eq!(texts(&store).await, [""; 0]);
    assert_eq!(append(&store, "next").await.expect("appended"), Mark(2_501));
    assert_eq!(store.log.trim(&zaken(), Timestamp::from_seconds(0), usize::MAX).await.expect("trim"), 2_500);
    assert_eq!(texts(&store).await, ["next"]);
}
