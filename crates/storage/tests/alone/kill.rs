//! Acknowledged records survive `kill -9`: a child process appends records, prints each acknowledgement, and is killed.
//!
//! The child is this test executable, started with the directory in its environment.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use model::{KanaalName, Mark, Partition, Position, clock::SystemClock};
use storage::{
    Error, EventLog,
    log::{Limit, Record},
    sqlite::{Embedded, Options},
};

const DIRECTORY: &str = "STORAGE_KILL_DIRECTORY";

fn kanaal(number: u64) -> KanaalName {
    KanaalName::new(&format!("kanaal-{}", number % 3)).expect("a name")
}

fn open(dir: &Path) -> Result<Embedded, Error> {
    Embedded::open(dir, Options::new(Arc::new(SystemClock::default())))
}

/// Does nothing unless started by the test below. Then it appends until it is killed, and prints every acknowledged
/// record as `ok <kanaal> <text>`.
#[test]
fn child_that_appends() {
    let Some(dir) = std::env::var_os(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let runtime = runtime.expect("a runtime");
    let store = open(Path::new(&dir)).expect("the store opens");
    let appender = |number: u64| {
        let log = store.log.clone();
        async move {
            for turn in 0..10_000 {
                let text = format!("{}/{number}/{turn}", std::process::id());
                let record = Record { value: Some(text.clone().into_bytes().into()), ..Record::default() };
                let kanaal = kanaal(number + turn);
                log.append(vec![(kanaal.clone(), record)]).await.expect("appended");
                let line = format!("ok {kanaal} {text}\n");
                std::io::stdout().lock().write_all(line.as_bytes()).expect("printed");
            }
        }
    };
    runtime.block_on(async {
        let appenders: Vec<_> = (0..16).map(|number| tokio::spawn(appender(number))).collect();
        for appender in appenders {
            appender.await.expect("an appender");
        }
    });
}

/// The texts of a kanaal by position.
async fn stored(store: &Embedded, kanaal: &KanaalName) -> BTreeMap<Position, String> {
    let (mut mark, mut found) = (Mark::BEGINNING, BTreeMap::new());
    loop {
        let limit = Limit { records: 1_000, bytes: 1 << 20 };
        let batch = store.log.read(kanaal, Partition(0), mark, limit).await.expect("read");
        if batch.records.is_empty() {
            return found;
        }
        mark = batch.next;
        for stored in batch.records {
            let value = stored.record.value.expect("a value");
            found.insert(stored.position, String::from_utf8(value.to_vec()).expect("text"));
        }
    }
}

#[tokio::test]
async fn acknowledged_records_survive_kill_9() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    for round in 0..5_usize {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "kill::child_that_appends", "--nocapture"])
            .env(DIRECTORY, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut count = 0;
        while let Some(Ok(line)) = lines.next() {
            let Some((_, line)) = line.split_once("ok kanaal-") else { continue };
            let Some((kanaal, text)) = line.split_once(' ') else { continue };
            acknowledged.push((kanaal.to_owned(), text.to_owned()));
            count += 1;
            if count == 100 {
                let second = open(dir.path());
                assert!(matches!(second, Err(Error::InUse { .. })), "the child has the files: {second:?}");
            }
            if count == 200 + 177 * round {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("an end");
        assert!(count >= 200, "the child stopped by itself after {count} records");

        let store = open(dir.path()).expect("the store opens");
        for number in 0..3 {
            let found = stored(&store, &kanaal(number)).await;
            assert!(found.keys().map(|position| position.0).eq(0..found.len() as u64), "there is a gap");
            let texts: BTreeSet<&String> = found.values().collect();
            assert_eq!(texts.len(), found.len(), "a record is stored twice");
            for (_, text) in acknowledged.iter().filter(|(own, _)| *own == number.to_string()) {
                assert!(texts.contains(text), "{text} was acknowledged and is gone");
            }
        }
    }
}
