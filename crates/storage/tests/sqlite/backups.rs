//! Backups of a store that is being written to, their restore, and what `verify` finds.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::Connection;
use storage::{
    Control, Journal,
    sqlite::{backup, restore, verify},
    suite::sample,
};

use crate::{
    damage::{change_record, overwrite_page},
    files::{append, event, indexed, open, texts},
};

/// What is wrong, according to `verify`.
fn bad(dir: &Path) -> Vec<String> {
    let findings = verify(dir).expect("there is a store");
    findings.into_iter().filter(|finding| !finding.good).map(|finding| finding.text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a7_g1_a_backup_under_load_is_restored_whole() {
    let above = tempfile::tempdir().expect("a directory");
    let [data, copy, restored] = ["data", "copy", "restored"].map(|name| above.path().join(name));
    let store = open(&data);
    let actor = model::Actor::gateway();
    let made = store.control.submit(&actor, model::decide::Command::CreateKanaal(sample::kanaal(1, "zaken")));
    made.await.expect("a decision").expect("accepted");
    for number in 0..200_u64 {
        append(&store, &number.to_string()).await.expect("appended");
        store.journal.record(vec![event(number)]);
    }
    store.journal.flush().await.expect("flushed");
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        async move {
            let mut number = 200_u64;
            while !stop.load(Ordering::SeqCst) {
                append(&store, &number.to_string()).await.expect("appended");
                store.journal.record(vec![event(number)]);
                number += 1;
            }
            number
        }
    });
    let (from, to) = (data.clone(), copy.clone());
    let bytes = tokio::task::spawn_blocking(move || backup(&from, &to)).await.expect("a task").expect("a backup");
    assert!(bytes > 0);
    stop.store(true, Ordering::SeqCst);
    let appended = load.await.expect("the load");
    assert_eq!(bad(&copy), [""; 0]);
    assert_eq!(bad(&data), [""; 0], "the store that runs can be verified");
    backup(&data, &copy).expect_err("there is one already");

    restore(&copy, &restored).expect("restored");
    let again = open(&restored);
    assert_eq!(again.notices.to_vec(), []);
    let texts = texts(&again).await;
    assert!(texts.len() >= 200 && texts.len() as u64 <= appended, "{}", texts.len());
    assert!(texts.iter().enumerate().all(|(at, text)| *text == at.to_string()), "a prefix of what was appended");
    let rows = indexed(&again).await;
    assert!(rows.len() >= 200 && rows.len() <= texts.len(), "the journal is not ahead: {}", rows.len());
    assert!(again.control.registry().read().kanaal("zaken").is_some());
    append(&again, "next").await.expect("appended");
    restore(&copy, &restored).expect_err("it would overwrite a store");
}

#[tokio::test]
async fn a7_h3_verify_finds_bad_pages_and_changed_records() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    for number in 0..50_u64 {
        append(&store, &format!("record-{number:05}-{}", "x".repeat(1_000))).await.expect("appended");
        store.journal.record(vec![event(number)]);
    }
    store.journal.flush().await.expect("flushed");
    drop(store);
    assert_eq!(bad(dir.path()), [""; 0]);
    let change = |sql: &str| {
        Connection::open(dir.path().join("gateway.sqlite")).expect("opened").execute_batch(sql).expect("changed");
    };
    change_record(dir.path(), 3);
    let found = bad(dir.path());
    assert!(matches!(found.as_slice(), [one] if one.contains("3 (") && one.contains("checksum")), "{found:?}");
    change("DELETE FROM record WHERE place > (SELECT min(place) + 39 FROM record)");
    let found = bad(dir.path());
    assert!(found.iter().any(|text| text.starts_with("journal and log")), "{found:?}");
    overwrite_page(&dir.path().join("gateway.sqlite"), "record-00020");
    let found = bad(dir.path());
    assert!(found.iter().any(|text| text.starts_with("integrity of gateway.sqlite")), "{found:?}");
    assert!(found.iter().any(|text| text.contains("20 (")), "{found:?}");
}
