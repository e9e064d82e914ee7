//! Cases of the port EventLog; those about trims and purges are in `log_retention`.

use std::time::Duration;

use model::{KanaalName, Mark, Partition, Position};

use super::{
    Harness, reopen,
    sample::{name, record},
};
use crate::{
    EventLog,
    log::{Batch, Limit, Point, Record, Stored},
};

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! log_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            log,
            $harness,
            appended_records_are_read_back_in_order,
            every_part_of_a_record_is_kept,
            a_batch_is_appended_whole_and_in_order,
            an_empty_append_is_fine,
            an_unknown_kanaal_is_empty,
            marks_of_many_partitions_come_in_their_order,
            reading_pages_through_everything,
            limits_hold_but_the_first_record_is_given,
            reading_beyond_the_end_is_empty,
            many_appenders_lose_nothing,
            appends_one_after_the_other_keep_their_order,
            reopening_keeps_everything,
            the_end_is_watched,
            a_watch_is_right_from_the_start,
            watchers_see_records_when_told,
            times_never_decrease_and_are_found,
        );
        $crate::suite_tests!(
            log_retention,
            $harness,
            trimmed_records_are_gone_and_said_so,
            trimming_goes_in_steps,
            a_log_that_was_trimmed_empty_goes_on,
            purging_forgets_one_kanaal,
            a_record_that_arrives_during_a_trim_or_a_search_is_kept,
        );
    };
}

const WIDE: Limit = Limit { records: 1_000, bytes: 64 << 20 };

async fn partitions(log: &dyn EventLog, kanaal: &KanaalName) -> Vec<Partition> {
    let count = log.partitions(kanaal).await.expect("partitions");
    assert!(count >= 1, "a kanaal has at least one partition");
    (0..count).map(Partition).collect()
}

/// The mark of a point in one partition.
async fn mark_of(log: &dyn EventLog, kanaal: &KanaalName, partition: Partition, point: Point) -> Mark {
    log.marks(&[(kanaal.clone(), partition)], point).await.expect("marks")[0]
}

pub(super) async fn read_from(log: &dyn EventLog, kanaal: &KanaalName, partition: Partition, from: Mark) -> Batch {
    log.read(kanaal, partition, from, WIDE).await.expect("read")
}

/// All records of one partition, from a mark to the end.
async fn drain(log: &dyn EventLog, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Vec<Stored> {
    let (mut mark, mut records) = (from, Vec::new());
    loop {
        let batch = log.read(kanaal, partition, mark, limit).await.expect("read");
        assert!(batch.next >= mark, "reading never goes back");
        if batch.records.is_empty() && batch.next == mark {
            return records;
        }
        mark = batch.next;
        records.extend(batch.records);
    }
}

/// All records of a kanaal, partition by partition.
async fn all(log: &dyn EventLog, kanaal: &KanaalName) -> Vec<(Partition, Stored)> {
    let mut found = Vec::new();
    for partition in partitions(log, kanaal).await {
        let records = drain(log, kanaal, partition, Mark::BEGINNING, WIDE).await;
        assert!(records.is_sorted_by(|a, b| a.position < b.position), "positions ascend");
        assert!(records.is_sorted_by_key(|stored| stored.appended), "times never decrease");
        found.extend(records.into_iter().map(|stored| (partition, stored)));
    }
    found
}

pub(super) async fn append(log: &dyn EventLog, kanaal: &KanaalName, texts: &[&str]) {
    let records = texts.iter().map(|text| (kanaal.clone(), record("key", text))).collect();
    log.append(records).await.expect("append");
}

/// The partition and position of the record with a text, which must exist.
pub(super) async fn position_of(log: &dyn EventLog, kanaal: &KanaalName, text: &str) -> (Partition, Position) {
    let found = all(log, kanaal).await;
    let mut found = found.iter().filter(|(_, stored)| texts([stored]) == [text]);
    match (found.next(), found.next()) {
        (Some((partition, stored)), None) => (*partition, stored.position),
        _ => panic!("{text} does not stand there once"),
    }
}

pub(super) fn texts<'a>(records: impl IntoIterator<Item = &'a Stored>) -> Vec<String> {
    let text = |stored: &Stored| {
        let value = stored.record.value.as_ref().expect("a value");
        String::from_utf8(value.to_vec()).expect("text")
    };
    records.into_iter().map(text).collect()
}

/// Records are read in the order of appending.
pub async fn appended_records_are_read_back_in_order(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    for text in ["a", "b", "c"] {
        append(&*store.log, &zaken, &[text]).await;
    }
    assert_eq!(texts_of(&*store.log, &zaken).await, ["a", "b", "c"]);
    harness.close(store).await;
}

/// Keys, headers (repeated and empty ones too) and values are returned unchanged; no value differs from an empty one.
pub async fn every_part_of_a_record_is_kept(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("Zaken & zo \u{1F4E8}");
    let double = record("k", "v").headers.into_iter().chain(record("k", "w").headers).collect();
    let records = [
        Record::default(),
        Record { value: Some(Vec::new().into()), ..Record::default() },
        Record { headers: double, ..record("k", "v") },
        Record { value: Some(vec![0xff; 65_536].into()), ..record("", "x") },
    ];
    for again in [false, true] {
        if !again {
            for record in &records {
                store.log.append(vec![(zaken.clone(), record.clone())]).await.expect("append");
            }
        }
        let found: Vec<Record> = all(&*store.log, &zaken).await.into_iter().map(|(_, stored)| stored.record).collect();
        for record in &records {
            assert!(found.contains(record), "a record came back changed");
        }
        assert_eq!(found.len(), records.len());
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// All records of one call, for several kanalen, are appended in their order.
pub async fn a_batch_is_appended_whole_and_in_order(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (zaken, besluiten) = (name("zaken"), name("besluiten"));
    let records = (0..300)
        .map(|number| {
            let kanaal = if number % 3 == 0 { &besluiten } else { &zaken };
            (kanaal.clone(), record("key", &number.to_string()))
        })
        .collect();
    store.log.append(records).await.expect("append");
    for (kanaal, third) in [(&zaken, false), (&besluiten, true)] {
        let expected: Vec<String> =
            (0..300).filter(|number| (number % 3 == 0) == third).map(|number| number.to_string()).collect();
        assert_eq!(texts_of(&*store.log, kanaal).await, expected);
    }
    harness.close(store).await;
}

/// Appending no records succeeds.
pub async fn an_empty_append_is_fine(harness: &mut dyn Harness) {
    let store = harness.open().await;
    store.log.append(Vec::new()).await.expect("append");
    harness.close(store).await;
}

/// Marks are returned in the order of the requested partitions; kanalen and partitions without records are at the
/// beginning.
pub async fn marks_of_many_partitions_come_in_their_order(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let log = &*store.log;
    let (een, twee, leeg) = (name("een"), name("twee"), name("leeg"));
    append(log, &een, &["a", "b", "c"]).await;
    harness.advance(Duration::from_millis(20)).await;
    let between = harness.now();
    harness.advance(Duration::from_millis(20)).await;
    append(log, &twee, &["d"]).await;
    append(log, &een, &["e"]).await;

    let mut requested = log.partitions_of(vec![twee.clone(), leeg.clone(), een.clone()]).await.expect("partitions");
    let each = partitions(log, &een).await.len();
    assert_eq!((requested.len(), &requested[0].0, &requested[each].0), (3 * each, &twee, &leeg));
    requested.push((een.clone(), Partition(each as u32)));
    requested.reverse();
    for point in [Point::End, Point::Since(between), Point::Since(between + Duration::from_hours(1))] {
        let marks = log.marks(&requested, point).await.expect("marks");
        assert_eq!(marks.len(), requested.len());
        for ((kanaal, partition), mark) in requested.iter().zip(marks) {
            let records = drain(log, kanaal, *partition, Mark::BEGINNING, WIDE).await;
            let end = records.last().map_or(Mark::BEGINNING, |last| last.position.after());
            let since = |moment| records.iter().find(|stored| stored.appended >= moment);
            let expected = match point {
                Point::End => end,
                Point::Since(moment) => since(moment).map_or(end, |stored| stored.position.mark()),
            };
            assert_eq!(mark, expected, "{kanaal:?} {partition:?} {point:?}");
        }
    }
    assert_eq!(log.marks(&[], Point::End).await.expect("marks"), []);
    harness.close(store).await;
}

/// A kanaal without records reads as empty.
pub async fn an_unknown_kanaal_is_empty(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let leeg = name("leeg");
    for partition in partitions(&*store.log, &leeg).await {
        let batch = read_from(&*store.log, &leeg, partition, Mark::BEGINNING).await;
        assert_eq!((batch.records.len(), batch.next), (0, Mark::BEGINNING));
        assert_eq!(store.log.end(&leeg, partition).await.expect("end"), Mark::BEGINNING);
        assert_eq!(mark_of(&*store.log, &leeg, partition, Point::Since(harness.now())).await, Mark::BEGINNING);
        assert_eq!(*store.log.watch(&leeg, partition).borrow(), Mark::BEGINNING);
    }
    assert_eq!(store.log.trim(&leeg, harness.now(), 10).await.expect("trim"), 0);
    store.log.purge(&leeg).await.expect("purge");
    harness.close(store).await;
}

/// Reading on from `next` returns every record once, recent and old ones alike.
pub async fn reading_pages_through_everything(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    let numbers: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    for chunk in numbers.chunks(9) {
        append(&*store.log, &zaken, &chunk.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    for _ in 0..2 {
        for limit in [1, 7, 100, 1_000] {
            let mut found = Vec::new();
            for partition in partitions(&*store.log, &zaken).await {
                let limit = Limit { records: limit, bytes: 64 << 20 };
                found.extend(drain(&*store.log, &zaken, partition, Mark::BEGINNING, limit).await);
            }
            assert_eq!(texts(&found), numbers);
        }
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// Neither limit is exceeded, except that the first record is always returned.
pub async fn limits_hold_but_the_first_record_is_given(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    let large = "x".repeat(10_000);
    append(&*store.log, &zaken, &[large.as_str(); 5]).await;
    let partition = all(&*store.log, &zaken).await[0].0;
    for _ in 0..2 {
        for (records, bytes, expected) in [(1, 1 << 20, 1), (3, 1 << 20, 3), (9, 1, 1), (9, 0, 1), (9, 50_000, 2)] {
            let limit = Limit { records, bytes };
            let batch = store.log.read(&zaken, partition, Mark::BEGINNING, limit).await.expect("read");
            assert_eq!(batch.records.len(), expected, "{limit:?}");
            assert_eq!(batch.next, batch.records[expected - 1].position.after());
        }
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// A mark beyond the end returns no records and that mark.
pub async fn reading_beyond_the_end_is_empty(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    append(&*store.log, &zaken, &["a"]).await;
    let (partition, position) = position_of(&*store.log, &zaken, "a").await;
    for mark in [position.after(), Mark(position.0 + 100)] {
        let batch = read_from(&*store.log, &zaken, partition, mark).await;
        assert_eq!((batch.records.len(), batch.next), (0, mark));
    }
    harness.close(store).await;
}

/// With 64 concurrent callers every acknowledged record exists exactly once.
pub async fn many_appenders_lose_nothing(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    let appender = |number: usize| {
        let (log, zaken) = (store.log.clone(), zaken.clone());
        tokio::spawn(async move {
            for turn in 0..20 {
                append(&*log, &zaken, &[&format!("{number}/{turn}")]).await;
            }
        })
    };
    let appenders: Vec<_> = (0..64).map(appender).collect();
    for appender in appenders {
        appender.await.expect("an appender");
    }
    let mut acknowledged: Vec<String> =
        (0..64).flat_map(|number| (0..20).map(move |turn| format!("{number}/{turn}"))).collect();
    acknowledged.sort();
    let mut found = texts_of(&*store.log, &zaken).await;
    found.sort();
    assert_eq!(found, acknowledged);
    harness.close(store).await;
}

/// Sequential calls keep their order while other callers append.
pub async fn appends_one_after_the_other_keep_their_order(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    let noise = {
        let (log, zaken) = (store.log.clone(), zaken.clone());
        tokio::spawn(async move {
            for _ in 0..50 {
                append(&*log, &zaken, &["noise", "noise"]).await;
            }
        })
    };
    for number in 0..50 {
        append(&*store.log, &zaken, &[&number.to_string()]).await;
    }
    noise.await.expect("noise");
    let found = texts_of(&*store.log, &zaken).await;
    let own: Vec<usize> = found.iter().filter_map(|text| text.parse().ok()).collect();
    assert_eq!(own, (0..50).collect::<Vec<_>>());
    harness.close(store).await;
}

/// Acknowledged records exist after reopening, and further records are appended behind them.
pub async fn reopening_keeps_everything(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    let mut expected = Vec::new();
    for round in 0..3 {
        let texts: Vec<String> = (0..5).map(|number| format!("{round}.{number}")).collect();
        append(&*store.log, &zaken, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
        expected.extend(texts);
        store = reopen(harness, store).await;
        assert_eq!(texts_of(&*store.log, &zaken).await, expected);
    }
    harness.close(store).await;
}

pub(super) async fn texts_of(log: &dyn EventLog, kanaal: &KanaalName) -> Vec<String> {
    texts(all(log, kanaal).await.iter().map(|(_, stored)| stored))
}

/// By the time an append returns, the watch is behind its record; it never goes back.
pub async fn the_end_is_watched(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    let mut watches = Vec::new();
    for partition in partitions(&*store.log, &zaken).await {
        watches.push(store.log.watch(&zaken, partition));
    }
    for number in 0..20 {
        append(&*store.log, &zaken, &[&number.to_string()]).await;
        let (partition, position) = position_of(&*store.log, &zaken, &number.to_string()).await;
        let watch = &mut watches[partition.0 as usize];
        let seen = watch.wait_for(|end| *end >= position.after());
        let end = *tokio::time::timeout(Duration::from_mins(2), seen).await.expect("in time").expect("a watch");
        assert_eq!(end, position.after());
        assert_eq!(store.log.end(&zaken, partition).await.expect("end"), end);
    }
    harness.close(store).await;
}

/// A watch created later, or after reopening, starts at the end.
pub async fn a_watch_is_right_from_the_start(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    append(&*store.log, &zaken, &["a", "b"]).await;
    let (partition, position) = position_of(&*store.log, &zaken, "b").await;
    assert_eq!(*store.log.watch(&zaken, partition).borrow(), position.after());
    let store = reopen(harness, store).await;
    let mut watch = store.log.watch(&zaken, partition);
    let seen = watch.wait_for(|end| *end >= position.after());
    tokio::time::timeout(Duration::from_mins(2), seen).await.expect("in time").expect("a watch");
    harness.close(store).await;
}

/// A watcher can read up to the end that it received.
pub async fn watchers_see_records_when_told(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = name("zaken");
    append(&*store.log, &zaken, &["0"]).await;
    let partition = position_of(&*store.log, &zaken, "0").await.0;
    let reader = {
        let (log, zaken) = (store.log.clone(), zaken.clone());
        tokio::spawn(async move {
            let mut watch = log.watch(&zaken, partition);
            let (mut mark, mut count) = (Mark::BEGINNING, 0);
            while count < 201 {
                let end = *watch.wait_for(|end| *end > mark).await.expect("a watch");
                while mark < end {
                    let batch = read_from(&*log, &zaken, partition, mark).await;
                    assert!(batch.next > mark, "nothing to read before the end that was told");
                    count += batch.records.len();
                    mark = batch.next;
                }
            }
        })
    };
    for number in 1..=200 {
        append(&*store.log, &zaken, &[&number.to_string()]).await;
    }
    reader.await.expect("the reader gets all");
    harness.close(store).await;
}

/// A timestamp finds the first record appended at or after it; a future timestamp finds the end.
pub async fn times_never_decrease_and_are_found(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let zaken = name("zaken");
    let mut moments = Vec::new();
    for number in 0..9 {
        harness.advance(Duration::from_millis(20)).await;
        moments.push(harness.now());
        append(&*store.log, &zaken, &[&number.to_string(), "x"]).await;
        harness.advance(Duration::from_millis(20)).await;
    }
    for _ in 0..2 {
        for partition in partitions(&*store.log, &zaken).await {
            let records = drain(&*store.log, &zaken, partition, Mark::BEGINNING, WIDE).await;
            let end = store.log.end(&zaken, partition).await.expect("end");
            for moment in &moments {
                let expected = records.iter().find(|stored| stored.appended >= *moment);
                let found = mark_of(&*store.log, &zaken, partition, Point::Since(*moment)).await;
                assert_eq!(found, expected.map_or(end, |stored| stored.position.mark()));
            }
            let later = harness.now() + Duration::from_hours(1);
            assert_eq!(mark_of(&*store.log, &zaken, partition, Point::Since(later)).await, end);
        }
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}
