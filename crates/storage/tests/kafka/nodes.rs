//! Guarantees between several nodes on one cluster, and behaviour while a node or the broker is stopped.
//!
//! A node that can be stopped is a process of its own: this test executable, started with the brokers in its
//! environment.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use model::{
    Mark, Partition, Random, SubscriptionId, Timestamp,
    clock::{SystemClock, SystemRandom},
    decide::{self, Rejection},
    outcome::{DeliveryKey, Outcome},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord, Producer},
};
use storage::{
    Control, Error, EventLog, Journal, Progress,
    journal::{DeadLetter, DeadLetterQuery, DeliveryQuery, Entry, Page},
    kafka::{Kafka, Options, broker::Broker},
    log::Limit,
    progress::{Key, Ownership, Shard, Value},
    suite::sample::{kanaal, name, record},
};
use uuid::Uuid;

const NODE: &str = "STORAGE_KAFKA_NODE";
const PAGE: Page = Page { offset: 0, limit: 1_000 };
const SHARDS: u32 = 4;
/// The session time-out of tests that wait until it is over.
const SHORT_SESSION: Duration = Duration::from_secs(10);

fn options(brokers: &str, prefix: &str) -> Options {
    let mut options = Options::new(brokers, Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = prefix.into();
    (options.partitions, options.replication, options.min_insync_replicas) = (3, 1, 1);
    options.shards = SHARDS;
    // So long that a node keeps its shards and its transactions when the machine is busy.
    (options.deadline, options.session_timeout) = (Duration::from_mins(1), Duration::from_secs(45));
    options
}

fn fresh() -> Options {
    let broker = Broker::shared().expect("a broker");
    options(broker.address(), &format!("t{}", SystemRandom.uuid().simple()))
}

fn node(options: &Options) -> Kafka {
    Kafka::new(options.clone()).expect("the options are right")
}

/// Waits for something that takes far less than this; the failure names the place of the call.
#[track_caller]
fn in_time<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let waited = tokio::time::timeout(Duration::from_mins(5), what).await;
        waited.unwrap_or_else(|_| panic!("not in time: {place}"))
    }
}

fn reader() -> Key {
    Key::Reader(name("zaken"), Partition(0))
}

async fn checkpoint(progress: &dyn Progress, shard: Shard, mark: u64) -> Result<(), Error> {
    progress.checkpoint(shard, vec![(reader(), Some(Value::At(Mark(mark))))]).await
}

async fn gain(progress: &dyn Progress) -> (Shard, HashMap<Key, Value>) {
    match in_time(progress.ownership()).await.expect("ownership") {
        Ownership::Gained(shard, entries) => (shard, entries.into_iter().collect()),
        other => panic!("a shard is gained, not {other:?}"),
    }
}

/// A consumer that is idle for a second drops what it prefetched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_rested_goes_on_where_it_stood() {
    let options = Options { partitions: 1, ..fresh() };
    let (log, zaken) = (in_time(node(&options).log()).await.expect("the log opens"), name("zaken"));
    let texts: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    let records = texts.iter().map(|text| (zaken.clone(), record("k", text))).collect();
    in_time(log.append(records)).await.expect("appended");
    let (mut mark, mut found) = (Mark::BEGINNING, Vec::new());
    for pause in [Duration::ZERO, Duration::from_millis(1_500), Duration::ZERO] {
        tokio::time::sleep(pause).await;
        let limit = Limit { records: 10, bytes: 8 << 20 };
        let batch = in_time(log.read(&zaken, Partition(0), mark, limit)).await.expect("read");
        mark = batch.next;
        found.extend(batch.records.into_iter().map(|stored| stored.record.value.expect("a value")));
    }
    assert_eq!(found, texts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_move_to_another_node_and_back_with_what_was_kept() {
    let options = fresh();
    let first = node(&options).progress().await.expect("progress opens");
    for _ in 0..SHARDS {
        let (shard, entries) = gain(&first).await;
        assert!(entries.is_empty());
        checkpoint(&first, shard, u64::from(shard.0)).await.expect("a checkpoint");
    }
    let second = node(&options).progress().await.expect("progress opens");
    let mut moved = Vec::new();
    while moved.len() < SHARDS as usize / 2 {
        match in_time(first.ownership()).await.expect("ownership") {
            Ownership::Losing(shard, _) => {
                checkpoint(&first, shard, 100 + u64::from(shard.0)).await.expect("the last checkpoint");
                first.release(shard).await.expect("released");
                moved.push(shard);
            }
            other => panic!("half of the shards are to be given up, not {other:?}"),
        }
    }
    for _ in 0..moved.len() {
        let (shard, entries) = gain(&second).await;
        assert!(moved.contains(&shard));
        assert_eq!(entries, HashMap::from([(reader(), Value::At(Mark(100 + u64::from(shard.0))))]));
        checkpoint(&second, shard, 200 + u64::from(shard.0)).await.expect("a checkpoint");
    }
    for shard in &moved {
        assert!(matches!(checkpoint(&first, *shard, 0).await, Err(Error::Fenced)));
    }
    let members = first.members().await.expect("the group is described").expect("there is a group");
    let mut shards: Vec<Vec<Shard>> = members.into_iter().map(|member| member.shards).collect();
    shards.sort();
    moved.sort();
    let kept: Vec<Shard> = (0..SHARDS).map(Shard).filter(|shard| !moved.contains(shard)).collect();
    let mut expected = vec![kept, moved.clone()];
    expected.sort();
    assert_eq!(shards, expected);
    drop(second);
    for _ in 0..moved.len() {
        let (shard, entries) = gain(&first).await;
        assert_eq!(entries[&reader()], Value::At(Mark(200 + u64::from(shard.0))));
    }
}

/// A node in a process of its own.
struct Process {
    child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(options: &Options) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "nodes::child_that_is_a_node", "--nocapture"])
            .env(NODE, format!("{} {}", options.brokers, options.prefix))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let orders = child.stdin.take().expect("its input");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, orders, lines }
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("sent");
    }

    /// The rest of the child's next line that starts with `what`.
    fn hears(&mut self, what: &str) -> String {
        loop {
            let line = self.lines.next().expect("the child goes on").expect("a line");
            if let Some((_, rest)) = line.split_once(&format!("node: {what}")) {
                return rest.trim().to_owned();
            }
        }
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(status.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Does nothing unless started by a test below. Then it runs as a node, executes the orders on its input and reports on
/// its output.
#[test]
fn child_that_is_a_node() {
    let Ok(place) = std::env::var(NODE) else { return };
    let (brokers, prefix) = place.split_once(' ').expect("brokers and a prefix");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let say = |line: String| std::io::stdout().lock().write_all(format!("node: {line}\n").as_bytes()).expect("printed");
    runtime.expect("a runtime").block_on(async {
        let kafka = node(&Options { session_timeout: SHORT_SESSION, ..options(brokers, prefix) });
        let control = kafka.control().await.expect("control opens");
        let progress = Arc::new(kafka.progress().await.expect("progress opens"));
        let news = Arc::clone(&progress);
        tokio::spawn(async move {
            loop {
                match news.ownership().await {
                    Ok(Ownership::Gained(shard, _)) => say(format!("gained {}", shard.0)),
                    Ok(Ownership::Losing(shard, _)) => {
                        say(format!("losing {}", shard.0));
                        news.release(shard).await.expect("released");
                    }
                    Ok(Ownership::Lost(shard)) => say(format!("lost {}", shard.0)),
                    Err(error) => say(format!("failed {error}")),
                }
            }
        });
        for order in std::io::stdin().lines() {
            let order = order.expect("an order");
            let (what, about) = order.split_once(' ').expect("an order");
            match what {
                "checkpoint" => {
                    let result = checkpoint(&*progress, Shard(about.parse().expect("a shard")), 1).await;
                    say(format!("checkpoint {result:?}"));
                }
                "create" => {
                    let command = decide::Command::CreateKanaal(kanaal(1, about));
                    say(format!(
                        "create {:?}",
                        control.submit(&model::Actor::gateway(), command).await.map(|decision| decision.is_ok())
                    ));
                }
                other => panic!("{other:?} is no order"),
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_is_fenced_and_nothing_goes_back() {
    let options = Options { session_timeout: SHORT_SESSION, ..fresh() };
    let mut process = Process::start(&options);
    for _ in 0..SHARDS {
        process.hears("gained");
    }
    process.order("create zaken");
    assert_eq!(process.hears("create"), "Ok(true)");
    process.signal("-STOP");

    let here = node(&options);
    let (progress, control) = (here.progress().await.expect("progress opens"), here.control().await.expect("opens"));
    let mut shards = Vec::new();
    while shards.len() < SHARDS as usize {
        let (shard, _) = gain(&progress).await;
        checkpoint(&progress, shard, 2).await.expect("a checkpoint");
        shards.push(shard);
    }
    let create = |number: u128, naam: &str| decide::Command::CreateKanaal(kanaal(number, naam));
    let decision = loop {
        // Until the group notices that the processor is stopped, no node decides.
        match control.submit(&model::Actor::gateway(), create(2, "besluiten")).await {
            Ok(decision) => break decision,
            Err(Error::Unavailable { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    };
    assert!(decision.is_ok() || decision == Err(Rejection::KanaalExists(name("besluiten"))));

    process.order("checkpoint 0");
    process.signal("-CONT");
    assert_eq!(process.hears("checkpoint"), "Err(Fenced)");
    process.order("create zaken");
    assert_eq!(process.hears("create"), "Ok(false)");
    drop(process);

    drop(progress);
    let progress = here.progress().await.expect("progress opens");
    for _ in 0..SHARDS {
        let (shard, entries) = gain(&progress).await;
        assert_eq!(entries, HashMap::from([(reader(), Value::At(Mark(2)))]), "shard {shard:?} went back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_cannot_go_on_with_a_shard_leaves_them_all_to_another() {
    let options = fresh();
    let first = node(&options).progress().await.expect("progress opens");
    let mut shards = Vec::new();
    for _ in 0..SHARDS {
        let (shard, _) = gain(&first).await;
        checkpoint(&first, shard, 5).await.expect("a checkpoint");
        shards.push(shard);
    }
    first.release(shards.remove(0)).await.expect("released");
    while let Some(at) = match in_time(first.ownership()).await.expect("ownership") {
        Ownership::Losing(shard, _) => shards.iter().position(|own| *own == shard),
        other => panic!("the others are to be given up, not {other:?}"),
    } {
        first.release(shards.remove(at)).await.expect("released");
        if shards.is_empty() {
            break;
        }
    }
    let second = node(&options).progress().await.expect("progress opens");
    for _ in 0..SHARDS {
        let (_, entries) = gain(&second).await;
        assert_eq!(entries, HashMap::from([(reader(), Value::At(Mark(5)))]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_make_the_same_kanaal_get_one_yes_and_one_no() {
    let options = fresh();
    let nodes = [
        Arc::new(node(&options).control().await.expect("control opens")),
        Arc::new(node(&options).control().await.expect("control opens")),
    ];
    for turn in 0..200_u128 {
        let naam = format!("kanaal {turn}");
        let submit = |at: usize| {
            let (control, naam) = (Arc::clone(&nodes[at]), naam.clone());
            let command = decide::Command::CreateKanaal(kanaal(2 * turn + at as u128, &naam));
            tokio::spawn(async move { control.submit(&model::Actor::gateway(), command).await.expect("a decision") })
        };
        let (one, other) = (submit(0), submit(1));
        let decisions = [one.await.expect("a task"), other.await.expect("a task")];
        let accepted = decisions.iter().filter(|decision| decision.is_ok()).count();
        assert_eq!(accepted, 1, "{decisions:?}");
        assert!(decisions.contains(&Err(Rejection::KanaalExists(name(&naam)))), "{decisions:?}");
    }
    let late = node(&options).control().await.expect("control opens");
    for control in nodes.iter().map(|node| &**node).chain([&late]) {
        control.catch_up().await.expect("caught up");
        assert_eq!(*control.registry().read(), *nodes[0].registry().read());
    }
    assert_eq!(late.registry().read().kanalen().count(), 200);
    drop(nodes);
    let decision = in_time(async {
        loop {
            if let Ok(decision) =
                late.submit(&model::Actor::gateway(), decide::Command::CreateKanaal(kanaal(999, "na"))).await
            {
                break decision;
            }
        }
    });
    assert!(decision.await.is_ok(), "the node that is left decides");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_break_a_promise_are_refused_with_the_remedy() {
    let options = fresh();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &options.brokers);
    let admin: AdminClient<DefaultClientContext> = config.create().expect("a client");
    let topic = format!("{}.kanaal.zaken", options.prefix);
    let new = NewTopic::new(&topic, 1, TopicReplication::Fixed(1)).set("cleanup.policy", "compact");
    for result in admin.create_topics([&new], &AdminOptions::new()).await.expect("answered") {
        result.expect("made");
    }
    // A broker lists a new topic some time after it created it.
    in_time(async {
        let listed = || {
            let metadata = admin.inner().fetch_metadata(None, Duration::from_secs(5)).ok()?;
            metadata.topics().iter().find(|listed| listed.name() == topic && listed.error().is_none()).map(drop)
        };
        while listed().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let error = in_time(node(&options).log()).await.expect_err("refused").to_string();
    for part in [
        "cleanup.policy is \"compact\" and must be \"delete\"",
        "message.timestamp.type is \"CreateTime\" and must be \"LogAppendTime\"",
        "kafka-configs.sh",
        "cleanup.policy=delete",
    ] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
}

/// Everything in a partition, read as a reader does.
async fn texts(log: &dyn EventLog) -> Vec<String> {
    let (mut mark, mut found) = (Mark::BEGINNING, Vec::new());
    let end = log.end(&name("zaken"), Partition(0)).await.expect("an end");
    while mark < end {
        let limit = Limit { records: 2, bytes: 1 << 20 };
        let batch = log.read(&name("zaken"), Partition(0), mark, limit).await.expect("read");
        assert!(batch.next > mark, "the reader does not advance from {mark:?} before {end:?}");
        mark = batch.next;
        found.extend(batch.records.into_iter().map(|stored| {
            let value = stored.record.value.map(Vec::from).unwrap_or_default();
            String::from_utf8(value).expect("text")
        }));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_is_read_and_their_transactions_are_respected_ce_kafka() {
    let mut options = fresh();
    options.partitions = 1;
    let log = node(&options).log().await.expect("the log opens");
    log.append(vec![(name("zaken"), record("k", "ours"))]).await.expect("appended");
    let mut watch = log.watch(&name("zaken"), Partition(0));
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &options.brokers).set("transactional.id", &options.prefix);
    let other: FutureProducer = config.create().expect("a producer");
    let wait = Duration::from_secs(30);
    let topic = format!("{}.kanaal.zaken", options.prefix);
    let write = || {
        let (other, topic, wait) = (other.clone(), topic.clone(), wait);
        tokio::task::spawn_blocking(move || {
            other.init_transactions(wait).expect("initialised");
            for (text, commit) in [("kept", true), ("dropped", false), ("kept too", true)] {
                other.begin_transaction().expect("begun");
                let record: FutureRecord<'_, (), str> = FutureRecord::to(&topic).payload(text);
                let report = other.send_result(record).expect("taken");
                if commit { other.commit_transaction(wait) } else { other.abort_transaction(wait) }.expect("ended");
                drop(report);
            }
        })
    };
    write().await.expect("written");
    let expected = ["ours", "kept", "kept too"];
    in_time(async {
        while texts(&log).await != expected {
            watch.changed().await.expect("a watch");
        }
    })
    .await;
    log.append(vec![(name("zaken"), record("k", "ours again"))]).await.expect("appended");
    assert_eq!(texts(&log).await, ["ours", "kept", "kept too", "ours again"]);
    let elsewhere = node(&options).log().await.expect("the log opens");
    assert_eq!(texts(&elsewhere).await, ["ours", "kept", "kept too", "ours again"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_stands_still_gives_unavailable_and_all_recovers_by_itself() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut options = options(broker.address(), "gateway");
    options.deadline = Duration::from_secs(10);
    options.properties = vec![("socket.timeout.ms".into(), "5000".into())];
    let kafka = node(&options);
    let (log, control) = (kafka.log().await.expect("opens"), kafka.control().await.expect("opens"));
    let append = |text: &'static str| log.append(vec![(name("zaken"), record("k", text))]);
    append("before").await.expect("appended");
    broker.pause().expect("paused");
    let refused = in_time(append("meanwhile")).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    let refused =
        in_time(control.submit(&model::Actor::gateway(), decide::Command::CreateKanaal(kanaal(1, "zaken")))).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    broker.resume().expect("resumed");
    in_time(async {
        while let Err(error) = append("after").await {
            println!("append: {error}");
        }
    })
    .await;
    in_time(async {
        let create = || decide::Command::CreateKanaal(kanaal(2, "na"));
        while let Err(error) = control.submit(&model::Actor::gateway(), create()).await {
            println!("submit: {error}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_are_lost_and_come_back_when_the_broker_stood_still_for_a_session() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut options = options(broker.address(), "gateway");
    (options.shards, options.session_timeout) = (1, SHORT_SESSION);
    let progress = node(&options).progress().await.expect("progress opens");
    let (shard, _) = gain(&progress).await;
    checkpoint(&progress, shard, 7).await.expect("a checkpoint");
    broker.pause().expect("paused");
    assert_eq!(in_time(progress.ownership()).await.expect("ownership"), Ownership::Lost(shard));
    assert!(matches!(checkpoint(&progress, shard, 8).await, Err(Error::Fenced)));
    broker.resume().expect("resumed");
    let (again, entries) = gain(&progress).await;
    assert_eq!((again, entries), (shard, HashMap::from([(reader(), Value::At(Mark(7)))])));
    checkpoint(&progress, shard, 9).await.expect("a checkpoint");
}

fn letter(number: u128) -> DeadLetter {
    DeadLetter {
        id: Uuid::from_u128(number),
        delivery: delivery(number as u64),
        event_id: "1".into(),
        event_source: "urn:x".into(),
        event_kind: "nl.overheid.zaken.zaak-gemaakt".into(),
        record: record("k", "v"),
        outcome: Outcome::Refused,
        reason: "422".into(),
        last_code: Some(422),
        attempts: 1,
        at: Timestamp::from_seconds(number as i64),
    }
}

fn delivery(position: u64) -> DeliveryKey {
    let (subscription, kanaal) = (SubscriptionId(Uuid::from_u128(1)), name("zaken"));
    DeliveryKey { subscription, kanaal, partition: Partition(0), position: model::Position(position), run: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_rebuilt_from_what_every_node_wrote() {
    let (options, directory) = (fresh(), tempfile::tempdir().expect("a directory"));
    let without = node(&options).journal().await.expect("the journal opens");
    let settled = |position| Entry::Settled {
        delivery: delivery(position),
        outcome: Outcome::Refused,
        attempts: 1,
        last: None,
        at: Timestamp::from_seconds(position as i64),
    };
    without.record((0..50).map(settled).collect());
    without.flush().await.expect("flushed");
    without.store_dead_letters((0..10).map(letter).collect()).await.expect("stored");
    without.remove_dead_letters(vec![Uuid::from_u128(3)]).await.expect("removed");
    let searched = without.deliveries(DeliveryQuery::default(), PAGE).await;
    assert!(matches!(searched, Err(Error::Unavailable { .. })), "{searched:?}");
    for round in ["new", "lost"] {
        let mut options = options.clone();
        options.index = Some(directory.path().join(round));
        let with = node(&options).journal().await.expect("the journal opens");
        in_time(async {
            loop {
                let deliveries = with.deliveries(DeliveryQuery::default(), PAGE).await.expect("deliveries").len();
                let letters = with.count_dead_letters(DeadLetterQuery::default()).await.expect("a count");
                if (deliveries, letters) == (50, 9) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }
}
