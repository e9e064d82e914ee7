//! A broker stops answering until every port of a node has replaced its clients. Then it answers again, and every port works.

use std::{fmt::Display, sync::Arc, time::Duration};

use model::{
    Actor, Mark, Partition, SubscriptionId, Timestamp,
    addressee::FilterText,
    clock::{SystemClock, SystemRandom},
    decide::Command,
    outcome::{DeliveryKey, Outcome},
};
use storage::{
    Audience, Control, EventLog, Journal, Progress,
    journal::{DeliveryQuery, Entry, Page},
    kafka::{Kafka, KafkaControl, KafkaJournal, KafkaLog, KafkaPeople, KafkaProgress, Options, broker::Broker},
    progress::{Key, Ownership, Shard, Value},
    suite::sample::{kanaal, name, record},
};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use crate::people::in_time;

struct Node {
    log: KafkaLog,
    control: KafkaControl,
    progress: Arc<KafkaProgress>,
    /// Whether this node owns the one shard.
    owns: watch::Receiver<bool>,
    journal: KafkaJournal,
    people: KafkaPeople,
    _directory: TempDir,
}

/// Repeats an operation until it succeeds.
async fn repeat<T, E: Display>(what: &str, mut operation: impl AsyncFnMut() -> Result<T, E>) {
    in_time(async {
        while let Err(error) = operation().await {
            println!("{what}: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
}

impl Node {
    async fn open(mut options: Options) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        options.index = Some(directory.path().join("index"));
        let kafka = Kafka::new(options).expect("the options are right");
        let progress = Arc::new(kafka.progress().await.expect("progress opens"));
        let (sender, owns) = watch::channel(false);
        let events = Arc::clone(&progress);
        tokio::spawn(async move {
            while let Ok(event) = events.ownership().await {
                let owns = matches!(event, Ownership::Gained(..));
                if sender.send(owns).is_err() {
                    return;
                }
                if let Ownership::Losing(shard, _) = event {
                    events.release(shard).await.expect("released");
                }
            }
        });
        Self {
            log: kafka.log().await.expect("the log opens"),
            control: kafka.control().await.expect("control opens"),
            progress,
            owns,
            journal: kafka.journal().await.expect("the journal opens"),
            people: kafka.people(&directory.path().join("people"), true).await.expect("people open"),
            _directory: directory,
        }
    }

    /// Returns when every port has stored something and returned it.
    async fn works(&self, turn: u64) {
        let zaken = name("zaken");
        let mut end = self.log.watch(&zaken, Partition(0));
        let before = *end.borrow_and_update();
        repeat("append", async || self.log.append(vec![(zaken.clone(), record("k", "text"))]).await).await;
        in_time(end.wait_for(|mark| *mark > before)).await.expect("it is watched");
        let command = || Command::CreateKanaal(kanaal(turn.into(), &format!("kanaal {turn}")));
        repeat("submit", async || self.control.submit(&Actor::gateway(), command()).await).await;
        repeat("checkpoint", async || {
            in_time(self.owns.clone().wait_for(|owns| *owns)).await.expect("it is sent");
            let entry = (Key::Reader(zaken.clone(), Partition(0)), Some(Value::At(Mark(turn))));
            self.progress.checkpoint(Shard(0), vec![entry]).await
        })
        .await;
        let (subscription, position) = (SubscriptionId(Uuid::nil()), model::Position(turn));
        let delivery =
            DeliveryKey { subscription, kanaal: zaken.clone(), partition: Partition(0), position, run: None };
        let (outcome, at) = (Outcome::Refused, Timestamp::from_seconds(1));
        self.journal.record(vec![Entry::Settled { delivery, outcome, attempts: 1, last: None, at }]);
        repeat("index", async || {
            self.journal.flush().await?;
            let rows = self.journal.deliveries(DeliveryQuery::default(), Page { offset: 0, limit: 1_000 }).await?;
            let found = rows.iter().any(|row| row.delivery.position == position);
            let missing = storage::Error::Unavailable { reason: "not indexed".into(), retry_after: Duration::ZERO };
            if found { Ok(()) } else { Err(missing) }
        })
        .await;
        let filter = || FilterText::new(format!("a == '{turn}'")).expect("a text");
        repeat("people", async || self.people.ports().filter_id(filter()).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_replaced_while_a_broker_stands_still_and_all_goes_on() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut options = Options::new(broker.address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    (options.partitions, options.replication, options.min_insync_replicas, options.shards) = (1, 1, 1, 1);
    (options.deadline, options.session_timeout) = (Duration::from_secs(4), Duration::from_secs(6));
    // A client notices after about this time that the broker does not answer, and again for each new connection.
    options.properties =
        ["socket.timeout.ms", "api.version.request.timeout.ms"].map(|key| (key.into(), "1000".into())).into();
    let node = Node::open(options).await;
    node.works(1).await;
    broker.pause().expect("paused");
    tokio::time::sleep(Duration::from_secs(20)).await;
    broker.resume().expect("resumed");
    node.works(2).await;
}
