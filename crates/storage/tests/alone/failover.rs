//! Three brokers: acknowledged records survive the loss of the leader, nothing is acknowledged by one broker of three,
//! and a partition without a leader does not delay others.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{
    KanaalName, Mark, Partition,
    clock::{SystemClock, SystemRandom},
};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use storage::{
    Error, EventLog,
    kafka::{Kafka, Options, broker::Broker},
    log::{Limit, Point},
    suite::sample::{name, record},
};

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(5), what).await.expect("in time")
}

/// The leader of the one partition of a topic.
fn leader(brokers: &str, topic: &str) -> i32 {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", brokers).create().expect("a client");
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(30)).expect("metadata");
    metadata.topics()[0].partitions()[0].leader()
}

/// A kanaal whose only partition is led by a broker that `wanted` accepts, and the id of that broker.
async fn led(log: &dyn EventLog, options: &Options, wanted: impl Fn(i32) -> bool) -> (KanaalName, i32) {
    for number in 0.. {
        let kanaal = name(&format!("zaken-{number}"));
        while log.append(vec![(kanaal.clone(), record("k", "first"))]).await.is_err() {}
        let leader = leader(&options.brokers, &format!("{}.kanaal.{kanaal}", options.prefix));
        if wanted(leader) {
            return (kanaal, leader);
        }
    }
    unreachable!("the numbers do not end");
}

/// Checks that a new node sees appends to a kanaal while another kanaal has no leader.
async fn others_are_followed(options: &Options, without: &KanaalName, kanaal: &KanaalName) {
    let kafka = Kafka::new(options.clone()).expect("the options are right");
    let (log, elsewhere) = (kafka.log().await.expect("the log opens"), kafka.log().await.expect("another one opens"));
    let _never = log.watch(without, Partition(0));
    let mut end = log.watch(kanaal, Partition(0));
    for _ in 0..5 {
        let before = *end.borrow_and_update();
        elsewhere.append(vec![(kanaal.clone(), record("k", "more"))]).await.expect("appended");
        let moved = tokio::time::timeout(options.deadline / 2, end.wait_for(|mark| *mark > before)).await;
        moved.expect("in less than one question to a partition without a leader may take").expect("it is watched");
    }
    let both = [(without.clone(), Partition(0)), (kanaal.clone(), Partition(0))];
    let refused = log.marks(&both, Point::End).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
}

async fn texts(log: &dyn EventLog, zaken: &KanaalName) -> BTreeSet<String> {
    let (mut mark, mut found) = (Mark::BEGINNING, BTreeSet::new());
    let end = log.end(zaken, Partition(0)).await.expect("an end");
    while mark < end {
        let limit = Limit { records: 1_000, bytes: 8 << 20 };
        let batch = log.read(zaken, Partition(0), mark, limit).await.expect("read");
        mark = batch.next;
        let text =
            |stored: storage::log::Stored| String::from_utf8_lossy(&stored.record.value.expect("a value")).into();
        found.extend(batch.records.into_iter().map(text));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_with_a_leader_and_nothing_is_acknowledged_by_one_of_three() {
    let first = Broker::start(&["default.replication.factor=3"]).expect("a broker");
    let mut others: Vec<(i32, Option<Broker>)> =
        [2, 3].into_iter().map(|id| (id as i32, Some(Broker::join(&first, id, &[]).expect("a broker")))).collect();
    let addresses: Vec<&str> = [first.address()]
        .into_iter()
        .chain(others.iter().flat_map(|(_, broker)| broker).map(Broker::address))
        .collect();
    let brokers = addresses.join(",");
    let mut options = Options::new(&brokers, Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    (options.partitions, options.replication, options.min_insync_replicas) = (1, 3, 2);
    options.deadline = Duration::from_secs(30);
    let kafka = Kafka::new(options.clone()).expect("the options are right");
    let log = Arc::new(kafka.log().await.expect("the log opens"));
    // The first broker is the controller as well and has to stay, so the kanaal is one that another broker leads.
    let (zaken, lost) = in_time(led(&*log, &options, |leader| leader > 1)).await;
    let mut single = Options { prefix: "single".to_owned(), ..options.clone() };
    (single.replication, single.min_insync_replicas) = (1, 1);
    let alone = Kafka::new(single.clone()).expect("the options are right").log().await.expect("the log opens");
    let (without, _) = in_time(led(&alone, &single, |leader| leader == lost)).await;
    let (other, _) = in_time(led(&alone, &single, |leader| leader != lost)).await;

    let stop = Arc::new(AtomicBool::new(false));
    let appender = |number: usize| {
        let (log, stop, zaken) = (Arc::clone(&log), Arc::clone(&stop), zaken.clone());
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for turn in 0.. {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                let text = format!("{number}/{turn}");
                if log.append(vec![(zaken.clone(), record("k", &text))]).await.is_ok() {
                    acknowledged.push(text);
                }
            }
            acknowledged
        })
    };
    let appenders: Vec<_> = (0..16).map(appender).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (id, broker) in &mut others {
        if *id == lost {
            drop(broker.take());
        }
    }
    in_time(async { while log.append(vec![(zaken.clone(), record("k", "second"))]).await.is_err() {} }).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Release);
    let mut acknowledged: BTreeSet<String> = ["first", "second"].map(String::from).into();
    for appender in appenders {
        acknowledged.extend(in_time(appender).await.expect("an appender"));
    }
    let found = texts(&*log, &zaken).await;
    println!("{} acknowledged, {} found; broker {lost} was lost", acknowledged.len(), found.len());
    assert!(acknowledged.is_subset(&found), "lost: {:?}", acknowledged.difference(&found).collect::<Vec<_>>());

    in_time(others_are_followed(&single, &without, &other)).await;

    let left = others.iter().find_map(|(_, broker)| broker.as_ref()).expect("one is left");
    left.pause().expect("paused");
    let refused = in_time(log.append(vec![(zaken.clone(), record("k", "alone"))])).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    left.resume().expect("resumed");
    in_time(async { while log.append(vec![(zaken.clone(), record("k", "third"))]).await.is_err() {} }).await;
}
