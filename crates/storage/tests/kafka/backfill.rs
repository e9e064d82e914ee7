//! Migration into topics: records keep their timestamps, and only one migration at a time can write the marker.

use std::{sync::Arc, time::Duration};

use model::{
    KanaalName, Mark, Partition, Random, Timestamp,
    clock::{SystemClock, SystemRandom},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
};
use storage::{
    Error, EventLog,
    kafka::{BackfillMarker, Kafka, Options, broker::Broker},
    log::{Limit, Point, Record, Stored},
    suite::sample::name,
};

fn options() -> Options {
    let broker = Broker::shared().expect("a broker");
    let mut options = Options::new(broker.address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = format!("t{}", SystemRandom.uuid().simple());
    (options.partitions, options.replication, options.min_insync_replicas) = (3, 1, 1);
    options.deadline = Duration::from_secs(30);
    options
}

fn kafka(options: &Options) -> Kafka {
    Kafka::new(options.clone()).expect("the options are right")
}

/// Records of this many keys, appended a second apart in 2025.
fn records(numbers: std::ops::Range<i64>) -> Vec<(Timestamp, Record)> {
    let record = |number: i64| Record {
        key: format!("k{}", number % 5).into_bytes().into(),
        headers: vec![("ce_id".into(), number.to_string().into_bytes().into())],
        value: (number % 7 > 0).then(|| format!("payload {number}").into_bytes().into()),
    };
    numbers.map(|number| (Timestamp::from_seconds(1_740_000_000 + number), record(number))).collect()
}

async fn all(log: &dyn EventLog, kanaal: &KanaalName) -> Vec<Stored> {
    let mut found = Vec::new();
    for partition in (0..log.partitions(kanaal).await.expect("partitions")).map(Partition) {
        let (mut from, end) = (Mark::BEGINNING, log.end(kanaal, partition).await.expect("an end"));
        while from < end {
            let batch = log.read(kanaal, partition, from, Limit { records: 100, bytes: 1 << 20 }).await.expect("read");
            from = batch.next;
            found.extend(batch.records);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrated_records_keep_their_timestamps_and_later_ones_get_their_own() {
    let (options, kanaal) = (options(), name("zaken & zo"));
    let target = kafka(&options);
    assert_eq!((target.backfill_marker().await.unwrap(), target.in_use().await.unwrap()), (None, None));
    let backfill = target.backfill().await.unwrap();
    let mut marker = BackfillMarker { source: "a".into(), complete: false };
    backfill.write_marker(&marker).await.unwrap();
    backfill.open(&kanaal).await.unwrap();
    backfill.append(&kanaal, records(0..30)).await.unwrap();
    backfill.append(&kanaal, records(30..50)).await.unwrap();
    // Other processes read the topics meanwhile; the topic can be opened again.
    let other = kafka(&options);
    assert_eq!(other.backfill_marker().await.unwrap().as_ref(), Some(&marker));
    assert!(matches!(other.log().await, Err(Error::Corrupt { .. })), "a node refuses an unfinished topic");
    backfill.open(&kanaal).await.unwrap();
    assert_eq!(all(backfill.log(), &kanaal).await.len(), 50);
    backfill.close(&kanaal).await.unwrap();
    marker.complete = true;
    backfill.write_marker(&marker).await.unwrap();
    assert_eq!(other.backfill_marker().await.unwrap(), Some(marker));
    assert!(other.in_use().await.unwrap().is_some_and(|topic| topic.contains(".kanaal.")));

    let before = SystemClock::default();
    let before = model::Clock::now(&before);
    let log = other.log().await.unwrap();
    let mut found = all(&log, &kanaal).await;
    found.sort_by_key(|stored| stored.appended);
    let found: Vec<(Timestamp, Record)> = found.into_iter().map(|stored| (stored.appended, stored.record)).collect();
    assert_eq!(found, records(0..50));
    let mut later = 0;
    for partition in (0..3).map(Partition) {
        let (end, from) = (log.end(&kanaal, partition).await.unwrap(), records(40..41)[0].0);
        let mark = log.marks(&[(kanaal.clone(), partition)], Point::Since(from)).await.unwrap()[0];
        let batch = log.read(&kanaal, partition, mark, Limit { records: 100, bytes: 1 << 20 }).await.unwrap();
        assert!(batch.records.iter().all(|stored| stored.appended >= from) && batch.next <= end);
        later += batch.records.len();
    }
    assert_eq!(later, 10, "a moment finds what was appended from then on");
    log.append(vec![(kanaal.clone(), records(0..1).remove(0).1)]).await.unwrap();
    let newest = all(&log, &kanaal).await.into_iter().map(|stored| stored.appended).max().unwrap();
    assert!(newest + Duration::from_secs(5) >= before, "{newest} is not the append time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_migration_fences_an_earlier_one() {
    let (options, kanaal) = (options(), name("zaken"));
    let first = kafka(&options).backfill().await.unwrap();
    first.open(&kanaal).await.unwrap();
    first.append(&kanaal, records(0..10)).await.unwrap();
    let too_large = Record { value: Some(vec![0; options.record_bytes + 1].into()), ..Record::default() };
    let mut batch = records(10..20);
    batch.push((batch[9].0, too_large));
    assert!(matches!(first.append(&kanaal, batch).await, Err(Error::TooLarge { .. })));

    let second = kafka(&options).backfill().await.unwrap();
    let refused = first.write_marker(&BackfillMarker { source: "a".into(), complete: true }).await;
    assert!(matches!(refused, Err(Error::Fenced)), "{refused:?}");
    assert_eq!(kafka(&options).backfill_marker().await.unwrap(), None);
    second.open(&kanaal).await.unwrap();
    assert_eq!(all(second.log(), &kanaal).await.len(), 10, "a refused call appends nothing");
    let marker = BackfillMarker { source: "b".into(), complete: false };
    second.write_marker(&marker).await.unwrap();
    assert_eq!(kafka(&options).backfill_marker().await.unwrap(), Some(marker));
}

/// Where nodes may not make topics, an administrator has; what that one chose stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_a_topic_that_was_there_stay() {
    let (options, kanaal) = (options(), name("zaken"));
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &options.brokers);
    let admin: AdminClient<DefaultClientContext> = config.create().expect("a client");
    let topic = format!("{}.kanaal.zaken", options.prefix);
    let mut new = NewTopic::new(&topic, 2, TopicReplication::Fixed(1));
    for (name, value) in [
        ("cleanup.policy", "delete"),
        ("message.timestamp.type", "LogAppendTime"),
        ("max.message.bytes", "8000000"),
        ("retention.ms", "-1"),
        ("retention.bytes", "-1"),
        ("segment.bytes", "20000000"),
    ] {
        new = new.set(name, value);
    }
    for made in admin.create_topics([&new], &AdminOptions::new()).await.expect("answered") {
        made.expect("made");
    }
    let setting = async |name: &str| {
        let described = admin.describe_configs([&ResourceSpecifier::Topic(&topic)], &AdminOptions::new()).await;
        let described = described.expect("answered").remove(0).expect("described");
        described.get(name).and_then(|entry| entry.value.clone()).expect("a value")
    };
    let backfill = kafka(&options).backfill().await.unwrap();
    backfill.open(&kanaal).await.unwrap();
    assert_eq!(setting("message.timestamp.type").await, "CreateTime");
    backfill.append(&kanaal, records(0..10)).await.unwrap();
    backfill.close(&kanaal).await.unwrap();
    assert_eq!(setting("message.timestamp.type").await, "LogAppendTime");
    assert_eq!(
        (setting("segment.bytes").await.as_str(), setting("max.message.bytes").await.as_str()),
        ("20000000", "8000000")
    );
    let log = kafka(&options).log().await.unwrap();
    let mut moments: Vec<Timestamp> = all(&log, &kanaal).await.iter().map(|stored| stored.appended).collect();
    moments.sort_unstable();
    assert_eq!(moments, records(0..10).iter().map(|(moment, _)| *moment).collect::<Vec<_>>());
}
