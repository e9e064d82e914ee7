//! A real Apache Kafka broker for tests, started by `deploy/kafka/broker` of this repository on free ports.
//!
//! It ends with the process that started it, however that ends, and leaves no data behind. It needs a JDK and, the
//! first time, Maven; without them starting it fails with the reason.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use free_port::free_port;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, ResourceSpecifier},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, KafkaResult},
    producer::{FutureProducer, FutureRecord},
    types::RDKafkaErrorCode,
};

/// The interval at which a starting broker is polled, and the number of polls.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAX_POLLS: u32 = 900;

/// The silence of a consumer after which a new one reads the topic, and the number of consumers. A consumer on a busy
/// machine was silent for this long while its topic had records; the cause is not known.
const MAX_SILENCE: Duration = Duration::from_secs(30);
const MAX_CONSUMERS: u32 = 10;

/// The variable with the address of a running broker that test processes share.
const SHARED: &str = "KAFKA_TEST_BROKER";

/// The keys of records, and whether each record has a value.
type Rows = Vec<(Vec<u8>, bool)>;

/// A running broker.
#[derive(Debug)]
pub struct Broker {
    address: String,
    /// None for a broker that another process started.
    own: Option<Own>,
}

/// A broker of this process; it is stopped when dropped.
#[derive(Debug)]
struct Own {
    process: Child,
    controller: u16,
    directory: PathBuf,
}

fn failed(reason: String) -> io::Error {
    io::Error::other(reason)
}

impl Broker {
    /// Starts a broker with further settings (`key=value`), and waits about 5 s until it accepts connections.
    ///
    /// # Errors
    /// When it ends before that, or does not accept connections within 90 s.
    pub fn start(settings: &[&str]) -> io::Result<Self> {
        Self::start_at((free_port(), free_port()), None, settings)
    }

    /// As [`Broker::start`], as a cluster with this id: a UUID in base64, 22 characters.
    ///
    /// # Errors
    /// As [`Broker::start`].
    pub fn start_as(cluster: &str) -> io::Result<Self> {
        Self::start_at((free_port(), free_port()), Some(cluster), &[])
    }

    /// Starts a further broker of the cluster that `first` controls, with further settings; `id` is its node id, at
    /// least 2.
    ///
    /// # Errors
    /// As [`Broker::start`], and when `first` is shared.
    pub fn join(first: &Self, id: u32, settings: &[&str]) -> io::Result<Self> {
        let port = free_port();
        let controller = first.own()?.controller;
        let own = [
            format!("node.id={id}"),
            "process.roles=broker".to_owned(),
            format!("listeners=PLAINTEXT://127.0.0.1:{port}"),
            format!("controller.quorum.voters=1@127.0.0.1:{controller}"),
        ];
        let settings: Vec<&str> = own.iter().map(String::as_str).chain(settings.iter().copied()).collect();
        Self::start_at((port, controller), None, &settings)
    }

    fn start_at((port, controller): (u16, u16), cluster: Option<&str>, settings: &[&str]) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let directory: PathBuf = root.join(format!("target/kafka/run/{port}"));
        std::fs::create_dir_all(&directory)?;
        let process = Command::new(root.join("deploy/kafka/broker"))
            .arg(&directory)
            .args([port.to_string(), controller.to_string()])
            .args(settings)
            .env("BROKER_DATA", "drop")
            .envs(cluster.map(|id| ("BROKER_CLUSTER", id)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let address = format!("127.0.0.1:{port}");
        let mut own = Own { process, controller, directory };
        for _ in 0..MAX_POLLS {
            if std::net::TcpStream::connect(&address).is_ok() {
                return Ok(Self { address, own: Some(own) });
            }
            if let Some(status) = own.process.try_wait()? {
                return Err(failed(format!("the broker ended with {status}")));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        Err(failed(format!("no broker at {address}: see {}", own.directory.display())))
    }

    /// The broker that tests share: the one whose address is in `KAFKA_TEST_BROKER`, or else one per process. Every test uses
    /// topics of its own on it, and neither stops nor pauses it.
    ///
    /// # Errors
    /// When it could not be started; every caller gets the same error.
    pub fn shared() -> Result<&'static Self, String> {
        static BROKER: OnceLock<Result<Broker, String>> = OnceLock::new();
        let open = || match std::env::var(SHARED) {
            Ok(address) => Ok(Self { address, own: None }),
            Err(_) => Self::start(&[]).map_err(|error| error.to_string()),
        };
        BROKER.get_or_init(open).as_ref().map_err(Clone::clone)
    }

    fn own(&self) -> io::Result<&Own> {
        self.own.as_ref().ok_or_else(|| failed(format!("the broker at {} is shared", self.address)))
    }

    /// Stops the process (SIGSTOP), as a broker that hangs, until [`Broker::resume`].
    ///
    /// # Errors
    /// When the broker is shared, or the signal cannot be sent.
    pub fn pause(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Continues the process (SIGCONT).
    ///
    /// # Errors
    /// When the broker is shared, or the signal cannot be sent.
    pub fn resume(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let process = std::fs::read_to_string(self.own()?.directory.join("pid"))?;
        let status = Command::new("kill").args([signal, process.trim()]).status()?;
        if status.success() { Ok(()) } else { Err(failed(format!("kill {signal} ended with {status}"))) }
    }

    /// The key of every record in the first partition of a topic, and whether it has a value.
    ///
    /// # Errors
    /// When the topic cannot be read, or ten consumers in turn are silent for 30 s.
    pub fn rows(&self, topic: &str) -> KafkaResult<Rows> {
        let found = (0..MAX_CONSUMERS).find_map(|_| self.consume(topic).transpose());
        found.unwrap_or(Err(KafkaError::Canceled))
    }

    /// Reads what [`Broker::rows`] returns with one consumer; None when it is silent.
    fn consume(&self, topic: &str) -> KafkaResult<Option<Rows>> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.address).set("group.id", "rows").set("enable.partition.eof", "true");
        let consumer: BaseConsumer = config.create()?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning)?;
        consumer.assign(&list)?;
        let mut rows = Vec::new();
        loop {
            match consumer.poll(MAX_SILENCE) {
                Some(Ok(message)) => {
                    rows.push((message.key().unwrap_or_default().to_vec(), message.payload().is_some()));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(Some(rows)),
                Some(Err(error)) => return Err(error),
                None => return Ok(None),
            }
        }
    }

    /// Writes a record to the first partition of a topic, as another program does.
    ///
    /// # Errors
    /// When the broker does not acknowledge it within 30 s.
    pub async fn write(&self, topic: &str, key: &str, value: &str) -> KafkaResult<()> {
        let producer: FutureProducer = ClientConfig::new().set("bootstrap.servers", &self.address).create()?;
        let record = FutureRecord::to(topic).partition(0).key(key).payload(value);
        producer.send(record, Duration::from_secs(30)).await.map(drop).map_err(|(error, _)| error)
    }

    /// Changes the last byte of the first segment of a partition, as a failing disk does.
    ///
    /// # Errors
    /// When the broker is shared, or the file cannot be changed.
    pub fn corrupt(&self, topic: &str, partition: u32) -> io::Result<()> {
        let folder = self.own()?.directory.join(format!("data/{topic}-{partition}"));
        let file = File::options().read(true).write(true).open(folder.join("00000000000000000000.log"))?;
        let at = file.metadata()?.len().checked_sub(1).ok_or_else(|| failed("the partition is empty".into()))?;
        let mut byte = [0];
        file.read_exact_at(&mut byte, at)?;
        file.write_all_at(&[byte[0] ^ 1], at)
    }

    /// Deletes a topic, as an operator does.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn delete_topic(&self, topic: &str) -> KafkaResult<()> {
        let deleted = self.admin()?.delete_topics(&[topic], &AdminOptions::new()).await?;
        deleted.into_iter().try_for_each(done)
    }

    /// Changes a setting of a topic. The others that were set for it go back to their defaults.
    ///
    /// # Errors
    /// As [`Broker::delete_topic`].
    pub async fn set_only(&self, topic: &str, name: &str, value: &str) -> KafkaResult<()> {
        let set = AlterConfig::new(ResourceSpecifier::Topic(topic)).set(name, value);
        let altered = self.admin()?.alter_configs(&[set], &AdminOptions::new()).await?;
        altered.into_iter().try_for_each(|one| one.map(drop).map_err(|(_, code)| KafkaError::AdminOp(code)))
    }

    /// Adds partitions to a topic until it has this many, as an operator does.
    ///
    /// # Errors
    /// As [`Broker::delete_topic`].
    pub async fn set_partitions(&self, topic: &str, partitions: usize) -> KafkaResult<()> {
        let wanted = NewPartitions::new(topic, partitions);
        let added = self.admin()?.create_partitions(&[wanted], &AdminOptions::new()).await?;
        added.into_iter().try_for_each(done)
    }

    /// The end of every partition of a topic. Blocks.
    ///
    /// # Errors
    /// When the broker does not answer within 30 s.
    pub fn ends(&self, topic: &str) -> KafkaResult<Vec<i64>> {
        let timeout = Duration::from_secs(30);
        let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", &self.address).create()?;
        let metadata = consumer.fetch_metadata(Some(topic), timeout)?;
        let partitions = metadata.topics().iter().map(|topic| topic.partitions().len()).sum::<usize>();
        let end = |partition: usize| Ok(consumer.fetch_watermarks(topic, partition as i32, timeout)?.1);
        (0..partitions).map(end).collect()
    }

    fn admin(&self) -> KafkaResult<AdminClient<DefaultClientContext>> {
        ClientConfig::new().set("bootstrap.servers", &self.address).create()
    }

    /// The address that it listens on, `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn done(result: Result<String, (String, RDKafkaErrorCode)>) -> KafkaResult<()> {
    result.map(drop).map_err(|(_, code)| KafkaError::AdminOp(code))
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            tracing::warn!(%error, "a broker for tests did not end");
        }
    }
}
