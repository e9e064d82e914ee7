//! Stored topics: they survive compaction and the restart of all nodes, records of the first version are read beside
//! current ones, and a newer version is never skipped.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
    time::Duration,
};

use model::{
    Mark, Partition, Random, Registry, SubscriptionId, Timestamp,
    clock::{SystemClock, SystemRandom},
    decide::Command,
    outcome::{DeliveryKey, Outcome},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier},
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord},
};
use storage::{
    AuditLog, Control, Error, Journal, Progress,
    audit::Verifier,
    journal::{DeadLetter, DeadLetterQuery, Page},
    kafka::{Kafka, Options, broker::Broker},
    progress::{Key, Ownership, Shard, Value},
    suite::{
        progress::entries,
        sample::{applicatie, kanaal, name, record, run, subscription},
    },
};

const PAGE: Page = Page { offset: 0, limit: 1_000 };

/// The one broker of this program; it compacts as soon as it may.
pub fn broker() -> &'static Broker {
    static SHARED: OnceLock<Broker> = OnceLock::new();
    SHARED.get_or_init(|| {
        let settings = ["log.cleaner.backoff.ms=100", "log.retention.check.interval.ms=1000"];
        Broker::start(&settings).expect("a broker")
    })
}

fn options() -> Options {
    let mut options = Options::new(broker().address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = format!("t{}", SystemRandom.uuid().simple());
    (options.partitions, options.replication, options.min_insync_replicas, options.shards) = (1, 1, 1, 1);
    (options.deadline, options.session_timeout) = (Duration::from_mins(1), Duration::from_secs(45));
    options
}

fn node(options: &Options) -> Kafka {
    Kafka::new(options.clone()).expect("the options are right")
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(5), what).await.expect("in time")
}

/// Submits a command until a node has become the processor and decides on it.
async fn submit(control: &dyn Control, command: Command) {
    in_time(async {
        loop {
            match control.submit(&model::Actor::gateway(), command.clone()).await {
                Ok(decision) => break drop(decision.expect("accepted")),
                Err(Error::Unavailable { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
    })
    .await;
}

async fn gain(progress: &dyn Progress) -> Result<(Shard, HashMap<Key, Value>), Error> {
    match in_time(progress.ownership()).await? {
        Ownership::Gained(shard, entries) => Ok((shard, entries.into_iter().collect())),
        other => panic!("a shard is gained, not {other:?}"),
    }
}

fn rows(topic: &str) -> Vec<(Vec<u8>, bool)> {
    broker().rows(topic).expect("the records of a topic")
}

/// Makes the brokers compact a topic whatever its content, and remove tombstones immediately.
async fn force_compaction(topic: &str) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker().address());
    let admin: AdminClient<DefaultClientContext> = config.create().expect("a client");
    let mut settings = AlterConfig::new(ResourceSpecifier::Topic(topic));
    for (name, value) in [
        ("cleanup.policy", "compact"),
        ("min.insync.replicas", "1"),
        ("message.timestamp.type", "LogAppendTime"),
        ("max.message.bytes", "4259840"),
        ("segment.ms", "100"),
        ("min.cleanable.dirty.ratio", "0.0001"),
        ("max.compaction.lag.ms", "100"),
        ("delete.retention.ms", "0"),
    ] {
        settings = settings.set(name, value);
    }
    for result in admin.alter_configs([&settings], &AdminOptions::new()).await.expect("answered") {
        result.expect("altered");
    }
}

/// Waits until a topic holds each key once at most, and none that was deleted, but for the newest few records, which
/// brokers do not compact; `write` makes the brokers begin a new segment.
async fn until_compacted(topic: &str, write: impl AsyncFn(u64)) -> usize {
    const NEWEST: usize = 4;
    for turn in 0..300 {
        write(turn).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        let rows = rows(topic);
        let old = &rows[..rows.len().saturating_sub(NEWEST)];
        let keys: HashSet<_> = old.iter().map(|(key, _)| key).collect();
        if keys.len() == old.len() && old.iter().all(|(_, lives)| *lives) {
            return rows.len();
        }
    }
    panic!("{topic} is not compacted: {} records", rows(topic).len());
}

fn letter(position: u64) -> DeadLetter {
    let (subscription, position) = (SubscriptionId(uuid::Uuid::from_u128(1)), model::Position(position));
    let delivery = DeliveryKey { subscription, kanaal: name("zaken"), partition: Partition(0), position, run: None };
    DeadLetter {
        id: DeadLetter::id_of(&delivery),
        delivery,
        event_id: "1".into(),
        event_source: "urn:x".into(),
        event_kind: "nl.overheid.zaken.zaak-gemaakt".into(),
        record: record("k", "v"),
        outcome: Outcome::Refused,
        reason: "422".into(),
        last_code: Some(422),
        attempts: 1,
        at: Timestamp::from_seconds(position.0 as i64),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_compaction_and_a_restart_everything_is_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = options();
    options.index = Some(directory.path().join("before"));
    let topic = |matter: &str| format!("{}.{matter}", options.prefix);

    let control = node(&options).control().await.expect("control opens");
    for number in 1..=20_u128 {
        submit(&control, Command::CreateKanaal(kanaal(number, &format!("kanaal {number}")))).await;
        submit(&control, Command::CreateSubscription(Box::new(subscription(number, &["kanaal 1"])))).await;
    }
    for number in 2..=15 {
        submit(&control, Command::DeleteKanaal(name(&format!("kanaal {number}")))).await;
        submit(&control, Command::DeleteSubscription(SubscriptionId(uuid::Uuid::from_u128(number)))).await;
    }
    submit(&control, Command::DeclareApplicatie(applicatie("open-zaak"))).await;
    let before = rows(&topic("control")).len();
    force_compaction(&topic("control")).await;
    let declare = async |turn| submit(&control, Command::Declare { revision: turn + 1 }).await;
    let after = until_compacted(&topic("control"), declare).await;
    assert!(before >= 69 && after <= 20, "{before} records before, {after} after");

    let progress = node(&options).progress().await.expect("progress opens");
    let (shard, _) = gain(&progress).await.expect("a shard");
    let key = |number: u64| Key::Unsettled(letter(number).delivery);
    let value = Value::Unsettled { attempts: 1, not_before: Timestamp::from_seconds(1) };
    for number in 0..40 {
        progress.checkpoint(shard, vec![(key(number), Some(value.clone()))]).await.expect("a checkpoint");
    }
    let settled = (0..30).map(|number| (key(number), None)).collect();
    progress.checkpoint(shard, settled).await.expect("a checkpoint");
    force_compaction(&topic("progress")).await;
    let reader = Key::Reader(name("zaken"), Partition(0));
    let mark = |turn| vec![(reader.clone(), Some(Value::At(Mark(turn))))];
    let note = async |turn| progress.checkpoint(shard, mark(turn)).await.expect("a checkpoint");
    until_compacted(&topic("progress"), note).await;
    note(999).await;

    let journal = node(&options).journal().await.expect("the journal opens");
    journal.store_dead_letters((0..40).map(letter).collect()).await.expect("stored");
    journal.remove_dead_letters((0..30).map(|number| letter(number).id).collect()).await.expect("removed");
    force_compaction(&topic("dead-letters")).await;
    until_compacted(&topic("dead-letters"), async |_| {
        journal.store_dead_letters(vec![letter(35)]).await.expect("stored");
    })
    .await;

    let registry: Registry = control.registry().read().clone();
    drop((control, progress, journal));
    options.index = Some(directory.path().join("after"));
    let control = node(&options).control().await.expect("control opens");
    assert_eq!(*control.registry().read(), registry);
    assert_eq!(registry.kanalen().count(), 6);
    let progress = node(&options).progress().await.expect("progress opens");
    let (_, entries) = gain(&progress).await.expect("a shard");
    let mut expected: HashMap<Key, Value> = (30..40).map(|number| (key(number), value.clone())).collect();
    expected.insert(reader, Value::At(Mark(999)));
    assert_eq!(entries, expected);
    let journal = node(&options).journal().await.expect("the journal opens");
    in_time(async {
        while journal.count_dead_letters(DeadLetterQuery::default()).await.expect("a count") < 10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let letters = journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("letters");
    assert_eq!(letters, (30..40).rev().map(letter).collect::<Vec<_>>(), "none comes back under another id");
}

/// A node of the first version, as far as its records go: they are the samples that were kept of it.
struct Old {
    producer: FutureProducer,
    prefix: String,
}

impl Old {
    fn new(options: &Options) -> Self {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &options.brokers);
        Self { producer: config.create().expect("a producer"), prefix: options.prefix.clone() }
    }

    async fn writes(&self, matter: &str, key: &[u8], value: &[u8]) {
        let topic = format!("{}.{matter}", self.prefix);
        let record = FutureRecord::to(&topic).partition(0).key(key).payload(value);
        self.producer.send(record, Duration::from_secs(30)).await.expect("written");
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nodes_of_version_1_wrote_is_read_beside_what_is_written_now() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = options();
    options.index = Some(directory.path().join("index"));
    // Makes the topics.
    let control = node(&options).control().await.expect("control opens");
    let progress = node(&options).progress().await.expect("progress opens");
    let (shard, _) = gain(&progress).await.expect("a shard");
    let journal = node(&options).journal().await.expect("the journal opens");

    let old = Old::new(&options);
    let samples: Vec<&str> = include_str!("../stored/v1/control.jsonl").lines().collect();
    for (number, sample) in samples.iter().enumerate() {
        // Only the end of something is known by its key.
        old.writes("control", format!("sample:{number}").as_bytes(), sample.as_bytes()).await;
    }
    submit(&control, Command::CreateKanaal(kanaal(500, "nieuw"))).await;
    // As the sample of this command, with a revision of its own.
    let command = "{\"kind\":\"command\",\"v\":1,\"command\":{\"declare\":{\"revision\":7}}}";
    assert!(include_str!("../stored/v1/commands.jsonl").lines().any(|sample| sample == command));
    let command = command.replace('7', "9");
    old.writes("commands", uuid::Uuid::from_u128(9).as_bytes(), command.as_bytes()).await;
    let beside = node(&options).control().await.expect("control opens beside");
    for control in [&control, &beside] {
        in_time(async {
            while control.registry().read().revision() != 9 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        let registry = control.registry();
        let registry = registry.read();
        assert!(registry.kanaal("zaken").is_some() && registry.kanaal("nieuw").is_some());
        assert_eq!((registry.subscriptions().count(), registry.applicaties().count()), (3, 2));
        assert!(registry.run(run(20, SubscriptionId(uuid::Uuid::from_u128(10))).id).is_some());
    }

    // What an old node decided, and a command of an old node, which does not say who sent it.
    old.writes("audit", b"", include_str!("../stored/v1/audit.json").trim_end().as_bytes()).await;
    submit(&beside, Command::CreateKanaal(kanaal(501, "later"))).await;
    let lines = in_time(control.oldest(0, 1_000)).await.expect("lines").lines;
    let actors: Vec<_> = lines
        .iter()
        .map(|line| (line.record.version, line.record.actor_kind.as_str(), line.record.object_id.as_str()))
        .collect();
    assert_eq!(
        actors,
        [(2, "gateway", "nieuw"), (2, "unknown", "9"), (1, "unknown", "open-zaak"), (2, "gateway", "later")]
    );
    let mut verifier = Verifier::new(control.trimming(), None);
    for line in &lines {
        verifier.next(line);
    }
    let report = verifier.finish();
    assert_eq!((report.unchained, report.problems), (1, vec![]));

    let stored: Vec<(String, String)> =
        serde_json::from_str(include_str!("../stored/v1/progress.json")).expect("the samples");
    for (key, value) in &stored {
        old.writes("progress", &bytes(key), &bytes(value)).await;
    }
    let fresh = (Key::Reader(name("nieuw"), Partition(0)), Value::At(Mark(1)));
    progress.checkpoint(shard, vec![(fresh.0.clone(), Some(fresh.1.clone()))]).await.expect("a checkpoint");
    drop(progress);
    let progress = node(&options).progress().await.expect("progress opens");
    let (_, found) = gain(&progress).await.expect("a shard");
    assert_eq!(found, entries().into_iter().chain([fresh]).collect());

    let samples: Vec<&str> = include_str!("../stored/v1/journal.hex").lines().collect();
    let (outcomes, letters) = samples.split_at(samples.len() - 2);
    for sample in outcomes {
        old.writes("outcomes", b"", &bytes(sample)).await;
    }
    let id = |number: usize| uuid::Uuid::from_u128(number as u128);
    for (number, sample) in letters.iter().enumerate() {
        old.writes("dead-letters", id(number).as_bytes(), &bytes(sample)).await;
    }
    journal.store_dead_letters(vec![letter(3)]).await.expect("stored");
    let letters = journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("letters");
    let ids: HashSet<_> = letters.iter().map(|letter| letter.id).collect();
    assert_eq!(ids, HashSet::from([id(0), id(1), letter(3).id]));
    drop((control, beside, progress, journal));

    // A record of a newer version is not skipped.
    old.writes("progress", &bytes(&stored[0].0), &[&[2], &bytes(&stored[0].1)[1..]].concat()).await;
    let progress = node(&options).progress().await.expect("progress opens");
    let newer = gain(&progress).await.expect_err("refused");
    assert!(matches!(newer, Error::NewerVersion { found: 2, known: 1, .. }), "{newer}");
    old.writes("control", b"kanaal:x", b"{\"kind\":\"kanaal\",\"v\":3}").await;
    let newer = node(&options).control().await.expect_err("refused");
    assert!(matches!(newer, Error::NewerVersion { found: 3, known: 2, .. }), "{newer}");
}
