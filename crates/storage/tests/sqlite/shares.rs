//! Progress of deliveries and appends of publishers share one writer: neither keeps the other from being stored.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{Mark, Partition, clock::SystemClock};
use storage::{
    EventLog, Progress,
    progress::{Key, Ownership, Value},
    sqlite::{Embedded, Options},
    suite::sample::{name, record},
};

/// More than are stored in one transaction.
const PUBLISHERS: usize = 600;
const CHECKPOINTS: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h9_checkpoints_have_their_turn_among_appends_that_never_stop() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = Options::new(Arc::new(SystemClock::default()));
    options.deadline = Duration::from_mins(5);
    let store = Embedded::open(directory.path(), options).expect("the store opens");
    let Ownership::Gained(shard, _) = store.progress.ownership().await.expect("ownership") else {
        panic!("the shard is not owned");
    };
    let (stop, appended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let publishers = (0..PUBLISHERS).map(|_| {
        let (log, stop, appended) = (Arc::clone(&store.log), Arc::clone(&stop), Arc::clone(&appended));
        tokio::spawn(async move {
            // Nobody stops before all checkpoints are stored.
            while !stop.load(Ordering::SeqCst) {
                log.append(vec![(name("zaken"), record("k", "x"))]).await.expect("appended");
                appended.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let publishers: Vec<_> = publishers.collect();
    for mark in 1..=CHECKPOINTS {
        let reader = (Key::Reader(name("zaken"), Partition(0)), Some(Value::At(Mark(mark))));
        let stored = store.progress.checkpoint(shard, vec![reader]);
        let stored = tokio::time::timeout(Duration::from_mins(5), stored).await;
        stored.expect("a checkpoint has its turn").expect("stored");
    }
    stop.store(true, Ordering::SeqCst);
    for publisher in publishers {
        publisher.await.expect("every append has its turn");
    }
    assert!(appended.load(Ordering::SeqCst) >= PUBLISHERS as u64);
}
