//! Cases of the port EventLog about trims and purges.

use std::time::Duration;

use model::{Mark, Timestamp};

use super::{
    Harness,
    log::{append, position_of, read_from, texts, texts_of},
    reopen,
    sample::{name, record},
};
use crate::log::Point;

/// A read across trimmed records starts at the oldest record and returns its mark.
pub async fn trimmed_records_are_gone_and_said_so(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    append(&*store.log, &zaken, &["a", "b", "c"]).await;
    harness.advance(Duration::from_millis(50)).await;
    let before = harness.now();
    harness.advance(Duration::from_millis(50)).await;
    append(&*store.log, &zaken, &["d", "e"]).await;
    let (partition, position) = position_of(&*store.log, &zaken, "d").await;
    assert_eq!(store.log.trim(&zaken, before, 100).await.expect("trim"), 3);
    assert_eq!(store.log.trim(&zaken, before, 100).await.expect("trim"), 0);
    for _ in 0..2 {
        assert_eq!(texts_of(&*store.log, &zaken).await, ["d", "e"]);
        for from in [Mark::BEGINNING, Mark(position.0.saturating_sub(1)), position.mark()] {
            let batch = read_from(&*store.log, &zaken, partition, from).await;
            assert_eq!(batch.oldest, position.mark());
            assert_eq!(batch.records[0].position, position);
        }
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// A trim removes at most the given number of records, oldest first.
pub async fn trimming_goes_in_steps(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    let numbers: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    append(&*store.log, &zaken, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    harness.advance(Duration::from_millis(50)).await;
    let now = harness.now();
    for (step, removed) in [(4, 4), (4, 4), (4, 2), (4, 0)] {
        assert_eq!(store.log.trim(&zaken, now, step).await.expect("trim"), removed);
    }
    assert_eq!(texts_of(&*store.log, &zaken).await, [""; 0]);
    harness.close(store).await;
}

/// Marks stay valid when everything was trimmed, also across a restart: new records follow the old marks.
pub async fn a_log_that_was_trimmed_empty_goes_on(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    append(&*store.log, &zaken, &["a", "b"]).await;
    let (partition, last) = position_of(&*store.log, &zaken, "b").await;
    harness.advance(Duration::from_millis(50)).await;
    assert_eq!(store.log.trim(&zaken, harness.now(), 100).await.expect("trim"), 2);
    store = reopen(harness, store).await;
    assert_eq!(store.log.end(&zaken, partition).await.expect("end"), last.after());
    append(&*store.log, &zaken, &["c"]).await;
    let (partition, next) = position_of(&*store.log, &zaken, "c").await;
    assert!(next > last, "a place was given twice");
    let batch = read_from(&*store.log, &zaken, partition, last.after()).await;
    assert_eq!(texts(&batch.records), ["c"]);
    harness.close(store).await;
}

/// Purging removes all records of one kanaal and no others; the kanaal can be used again.
pub async fn purging_forgets_one_kanaal(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let (weg, zaken) = (name("weg"), name("zaken"));
    let many: Vec<String> = (0..2_500).map(|number| number.to_string()).collect();
    append(&*store.log, &weg, &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    append(&*store.log, &zaken, &["blijft"]).await;
    store.log.purge(&weg).await.expect("purge");
    for _ in 0..2 {
        assert_eq!(texts_of(&*store.log, &weg).await, [""; 0]);
        assert_eq!(texts_of(&*store.log, &zaken).await, ["blijft"]);
        store = reopen(harness, store).await;
    }
    append(&*store.log, &weg, &["terug"]).await;
    assert_eq!(texts_of(&*store.log, &weg).await, ["terug"]);
    harness.close(store).await;
}

/// A record that is appended to an idle partition during a trim, or during a search by time, is neither removed nor passed
/// over: each round has a partition without a record after that time.
pub async fn a_record_that_arrives_during_a_trim_or_a_search_is_kept(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let past = Timestamp::from_seconds(1);
    for round in 0..40_u64 {
        let kanaal = name(&format!("ronde{round}"));
        let partitions = store.log.partitions_of(vec![kanaal.clone()]).await.expect("partitions");
        let appended = async {
            // At another moment of the trim in each round.
            tokio::time::sleep(Duration::from_micros(round * 100)).await;
            let records = ["a", "b", "c"].map(|key| (kanaal.clone(), record(key, key)));
            store.log.append(records.into()).await
        };
        let trimmed = store.log.trim(&kanaal, past, 100);
        let searched = store.log.marks(&partitions, Point::Since(past));
        let (appended, trimmed, marks) = tokio::join!(appended, trimmed, searched);
        appended.expect("appended");
        assert_eq!(trimmed.expect("trim"), 0, "nothing is that old");
        let mut read = 0;
        for ((kanaal, partition), mark) in partitions.into_iter().zip(marks.expect("marks")) {
            read += read_from(&*store.log, &kanaal, partition, mark).await.records.len();
        }
        assert_eq!(read, 3, "every record is after that time");
    }
    harness.close(store).await;
}
