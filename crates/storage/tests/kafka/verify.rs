//! `Kafka::verify` on topics that are whole, damaged, incomplete or without a leader. It ends in each case, and every finding
//! names the topic, partition and offset.

use std::{sync::Arc, time::Duration};

use model::{
    KanaalName, Mark, Partition, Random,
    clock::{SystemClock, SystemRandom},
    decide,
};
use storage::{
    Control, EventLog, Progress,
    kafka::{
        Kafka, Options,
        broker::Broker,
        inspect::{Finding, Severity},
    },
    progress::{Key, Ownership, Value},
    suite::sample::{kanaal, name, record},
};

/// The topics of an installation on a broker.
struct Topics {
    options: Options,
    kafka: Kafka,
}

impl Topics {
    fn new(broker: &Broker, partitions: u32) -> Self {
        let mut options = Options::new(broker.address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        options.prefix = format!("t{}", SystemRandom.uuid().simple());
        (options.partitions, options.replication, options.min_insync_replicas) = (partitions, 1, 1);
        options.shards = 1;
        (options.deadline, options.session_timeout) = (Duration::from_secs(30), Duration::from_secs(6));
        let kafka = Kafka::new(options.clone()).expect("the options are right");
        Self { options, kafka }
    }

    fn of(&self, kanaal: &str) -> String {
        format!("{}.kanaal.{kanaal}", self.options.prefix)
    }

    fn internal(&self, name: &str) -> String {
        format!("{}.{name}", self.options.prefix)
    }

    /// Creates all topics, with a kanaal and its mark in progress.
    async fn create(&self, naam: &str, mark: u64) {
        let control = in_time(self.kafka.control()).await.expect("control opens");
        let command = decide::Command::CreateKanaal(kanaal(1, naam));
        in_time(control.submit(&model::Actor::gateway(), command)).await.expect("decided").expect("created");
        drop(in_time(self.kafka.journal()).await.expect("the journal opens"));
        let progress = in_time(self.kafka.progress()).await.expect("progress opens");
        let Ownership::Gained(shard, _) = in_time(progress.ownership()).await.expect("ownership") else {
            panic!("no shard was gained");
        };
        let reader = (Key::Reader(name(naam), Partition(0)), Some(Value::At(Mark(mark))));
        in_time(progress.checkpoint(shard, vec![reader])).await.expect("a checkpoint");
    }

    /// Appends records, each as a batch of its own.
    async fn append(&self, kanaal: &KanaalName, texts: &[&str]) {
        let log = in_time(self.kafka.log()).await.expect("the log opens");
        for text in texts {
            in_time(log.append(vec![(kanaal.clone(), record("k", text))])).await.expect("appended");
        }
    }

    async fn verify(&self) -> Vec<Finding> {
        in_time(self.kafka.verify(|_| Ok(()))).await.expect("it ends with findings")
    }

    /// The findings once they are as expected: brokers learn of deleted topics and lost leaders after some seconds.
    async fn verify_until(&self, expected: impl Fn(&[Finding]) -> bool) -> Vec<Finding> {
        let mut last = Vec::new();
        for _ in 0..60 {
            last = self.verify().await;
            if expected(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("{last:#?}");
    }
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(5), what).await.expect("in time")
}

fn bad(findings: &[Finding]) -> Vec<&str> {
    let bad = findings.iter().filter(|finding| finding.severity == Severity::Failure);
    bad.map(|finding| finding.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_a7_verify_passes_over_damaged_batches_and_names_their_offsets() {
    let broker = Broker::start(&[]).expect("a broker");
    let (topics, zaken) = (Topics::new(&broker, 1), name("zaken"));
    topics.create("zaken", 1).await;
    let topic = topics.of("zaken");
    topics.append(&zaken, &["0", "1"]).await;
    assert_eq!(bad(&topics.verify().await), Vec::<&str>::new());
    // In the middle, and at the end, where the client would fetch the batch again and again.
    broker.corrupt(&topic, 0).expect("damaged");
    topics.append(&zaken, &["2", "3"]).await;
    broker.corrupt(&topic, 0).expect("damaged");
    broker.corrupt(&topics.internal("control"), 0).expect("damaged");
    let findings = topics.verify().await;
    let bad = bad(&findings);
    let of_kanaal = bad.iter().find(|text| text.contains(&topic)).unwrap_or_else(|| panic!("{bad:?}"));
    assert!(of_kanaal.starts_with("kanaal zaken, partition 0: 2 records: "), "{of_kanaal}");
    let place = format!("topic {topic}, partition 0: 2 cannot be read, at offset: 1 (");
    assert!(of_kanaal.contains(&place) && of_kanaal.contains(", 3 ("), "{of_kanaal}");
    assert!(bad.iter().any(|text| text.contains(&topics.internal("control"))), "{bad:?}");
    // The rest is examined all the same.
    assert!(findings.iter().any(|finding| finding.text.starts_with("progress: 1 entries")), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_verify_reports_missing_topics_and_waits_for_none() {
    let broker = Broker::shared().expect("a broker");
    let topics = Topics::new(broker, 1);
    topics.create("zaken", 2).await;
    topics.append(&name("zaken"), &["0", "1"]).await;
    assert_eq!(bad(&topics.verify().await), Vec::<&str>::new());
    let deleted = [topics.of("zaken"), topics.internal("outcomes")];
    let outcomes = format!("outcomes: topic {} does not exist", topics.internal("outcomes"));
    let marks = "1 marks are not of the present logs: 2 of kanaal zaken, partition 0";
    let all = |texts: &[&str]| texts.contains(&outcomes.as_str()) && texts.iter().any(|text| text.contains(marks));
    // The monitor of the client that created them would make them again.
    let Topics { options, kafka } = topics;
    drop(kafka);
    let mut last = Vec::new();
    for _ in 0..60 {
        for topic in &deleted {
            drop(broker.delete_topic(topic).await);
        }
        // A client of its own each time, as the command has: one that knew the topics finds their partitions gone.
        let topics =
            Topics { kafka: Kafka::new(options.clone()).expect("the options are right"), options: options.clone() };
        last = topics.verify().await;
        if all(&bad(&last)) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{last:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_verify_reports_partitions_without_a_leader_and_reads_the_others() {
    let first = Broker::start(&[]).expect("a broker");
    let second = Broker::join(&first, 2, &[]).expect("another broker");
    let (topics, zaken) = (Topics::new(&first, 8), name("zaken"));
    topics.create("zaken", 0).await;
    topics.append(&zaken, &["0"]).await;
    assert_eq!(bad(&topics.verify().await), Vec::<&str>::new());
    drop(second);
    let last = topics.verify_until(|findings| bad(findings).iter().any(|text| text.contains("it has no leader"))).await;
    let of_kanaal = |finding: &&Finding| finding.text.starts_with("kanaal zaken, partition ");
    assert_eq!(last.iter().filter(of_kanaal).count(), 8, "{last:#?}");
    assert!(last.iter().filter(of_kanaal).any(|finding| finding.severity == Severity::Pass), "{last:#?}");
}
