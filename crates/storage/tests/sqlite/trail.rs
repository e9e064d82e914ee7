//! The audit trail in the file: what is changed there is found, removals are recorded, and a commit that fails leaves no gap.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{
    Actor, Clock, Timestamp,
    audit::{Action, Entry, Object, ObjectKind, Source, Verdict},
    clock::ManualClock,
    decide::Command,
};
use storage::{
    AuditLog, Control,
    audit::{Problem, Report, Verifier},
    sqlite::{Embedded, Options, read_lines},
    suite::sample,
};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)))
}

fn open(dir: &Path, clock: &Arc<ManualClock>) -> Embedded {
    Embedded::open(dir, Options::new(clock.clone())).expect("the store opens")
}

async fn append(store: &Embedded, entries: usize, at: Timestamp) {
    let what = || (Action::Read, Object::new(ObjectKind::Route, "GET /v1/kanalen"));
    let entry = || Entry::new(at, Source::new(&Actor::gateway(), ""), what(), Verdict::Accepted);
    store.control.append((0..entries).map(|_| entry()).collect()).await.expect("appended");
}

/// What a look at the closed file finds.
fn verify(dir: &Path) -> Report {
    let mut verifier = Verifier::new(storage::audit::Trimming::Recorded, None);
    for line in read_lines(dir, 0, usize::MAX).expect("lines").lines {
        verifier.next(&line);
    }
    verifier.finish()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_are_changed_removed_or_swapped_in_the_file_are_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = open(directory.path(), &clock());
    append(&store, 6, Timestamp::from_seconds(1)).await;
    drop(store);
    assert_eq!(verify(directory.path()).problems, []);
    for (statements, place) in [
        ("UPDATE audit SET line = replace(line, 'read', 'rest') WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 3", 4),
        (
            "UPDATE audit SET seq = 100 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; \
             UPDATE audit SET seq = 4 WHERE seq = 100",
            3,
        ),
    ] {
        let copy = tempfile::tempdir().expect("a directory");
        let path = copy.path().join("gateway.sqlite");
        std::fs::copy(directory.path().join("gateway.sqlite"), &path).expect("a copy");
        let file = rusqlite::Connection::open(&path).expect("the file opens");
        file.execute_batch(statements).expect("statements");
        drop(file);
        let problems = verify(copy.path()).problems;
        let found = match problems.first() {
            Some(Problem::Changed { place, .. } | Problem::OutOfOrder { place, .. }) => *place,
            other => panic!("{statements}: {other:?}"),
        };
        assert_eq!(found, place, "{statements}: {problems:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_beyond_retention_is_recorded_and_leaves_the_newest_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = clock();
    let store = open(directory.path(), &clock);
    append(&store, 10, clock.now()).await;
    clock.advance(Duration::from_hours(24));
    append(&store, 5, clock.now()).await;
    assert_eq!(store.control.trim(clock.now() - Duration::from_hours(48), 100).await.expect("trimmed"), 0);
    let cutoff = clock.now() - Duration::from_hours(1);
    assert_eq!(store.control.trim(cutoff, 4).await.expect("trimmed"), 4);
    assert_eq!(store.control.trim(cutoff, 100).await.expect("trimmed"), 6);
    let lines = store.control.oldest(0, 100).await.expect("lines").lines;
    let actions: Vec<&str> = lines.iter().map(|line| line.record.action.as_str()).collect();
    assert_eq!(actions, ["read", "read", "read", "read", "read", "audit.trim", "audit.trim"]);
    assert_eq!((lines[6].record.object_id.as_str(), lines[6].record.count), ("11", 6));
    assert_eq!(store.control.trim(clock.now() + Duration::from_hours(1), 100).await.expect("trimmed"), 6);
    drop(store);
    assert_eq!(verify(directory.path()).problems, []);
    let file = rusqlite::Connection::open(directory.path().join("gateway.sqlite")).expect("the file opens");
    file.execute_batch("DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit)").expect("statements");
    drop(file);
    let problems = verify(directory.path()).problems;
    assert!(matches!(problems.as_slice(), [Problem::NoBeginning { .. }]), "{problems:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_leaves_neither_change_nor_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let fails = Arc::new(AtomicBool::new(false));
    let mut options = Options::new(clock());
    let fault = Arc::clone(&fails);
    options.fault =
        Some(Arc::new(
            move |_| {
                if fault.load(Ordering::Acquire) { Err(rusqlite::Error::InvalidQuery) } else { Ok(()) }
            },
        ));
    let store = Embedded::open(directory.path(), options).expect("the store opens");
    let control = Arc::clone(&store.control);
    let create = |number: u128, naam: &'static str| {
        let control = Arc::clone(&control);
        async move { control.submit(&Actor::gateway(), Command::CreateKanaal(sample::kanaal(number, naam))).await }
    };
    create(1, "zaken").await.expect("a decision").expect("accepted");
    fails.store(true, Ordering::Release);
    create(2, "besluiten").await.expect_err("a failure");
    let entry = Entry::new(
        Timestamp::from_seconds(1),
        Source::new(&Actor::gateway(), ""),
        (Action::Read, Object::new(ObjectKind::Route, "")),
        Verdict::Accepted,
    );
    store.control.append(vec![entry]).await.expect_err("a failure");
    fails.store(false, Ordering::Release);
    create(3, "besluiten").await.expect("a decision").expect("accepted");
    let lines = store.control.oldest(0, 100).await.expect("lines").lines;
    assert_eq!(lines.len(), 2);
    drop((control, store));
    assert_eq!(verify(directory.path()).problems, []);
}
