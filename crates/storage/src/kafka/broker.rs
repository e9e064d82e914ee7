//! A real Apache Kafka broker for tests, started by `deploy/kafka/broker` of this repository on free ports.
//!
//! It ends with the process that started it, however that ends, and leaves no data behind. It needs a JDK and, the
//! first time, Maven; without them starting fails and says why.

use std::{
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, KafkaResult},
};

/// How often it is asked whether a broker is there, and how many times.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 900;

/// A running broker; ends when dropped.
#[derive(Debug)]
pub struct Broker {
    process: Child,
    address: String,
    controller: u16,
    directory: PathBuf,
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn failed(reason: String) -> io::Error {
    io::Error::other(reason)
}

impl Broker {
    /// Starts a broker with these further settings, each `key=value`, and waits until it answers: about five seconds.
    ///
    /// # Errors
    /// When it ends before it answers, or does not answer within 90 s.
    pub fn start(settings: &[&str]) -> io::Result<Self> {
        Self::start_at(free_port()?, free_port()?, settings)
    }

    /// Starts a further broker of the cluster that `first` controls, with these further settings; `id` is its number, from 2.
    ///
    /// # Errors
    /// As [`Broker::start`].
    pub fn join(first: &Self, id: u32, settings: &[&str]) -> io::Result<Self> {
        let port = free_port()?;
        let own = [
            format!("node.id={id}"),
            "process.roles=broker".to_owned(),
            format!("listeners=PLAINTEXT://127.0.0.1:{port}"),
            format!("controller.quorum.voters=1@127.0.0.1:{}", first.controller),
        ];
        let settings: Vec<&str> = own.iter().map(String::as_str).chain(settings.iter().copied()).collect();
        Self::start_at(port, first.controller, &settings)
    }

    fn start_at(port: u16, controller: u16, settings: &[&str]) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let directory: PathBuf = root.join(format!("target/kafka/run/{port}"));
        std::fs::create_dir_all(&directory)?;
        let process = Command::new(root.join("deploy/kafka/broker"))
            .arg(&directory)
            .args([port.to_string(), controller.to_string()])
            .args(settings)
            .env("BROKER_DATA", "drop")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut broker = Self { process, address: format!("127.0.0.1:{port}"), controller, directory };
        for _ in 0..LOOKS {
            if std::net::TcpStream::connect(&broker.address).is_ok() {
                return Ok(broker);
            }
            if let Some(status) = broker.process.try_wait()? {
                return Err(failed(format!("the broker ended with {status}")));
            }
            std::thread::sleep(LOOK);
        }
        Err(failed(format!("no broker at {}: see {}", broker.address, broker.directory.display())))
    }

    /// The one broker that the tests of a process share.
    ///
    /// # Errors
    /// When it could not be started; every caller is told.
    pub fn shared() -> Result<&'static Self, String> {
        static SHARED: OnceLock<Result<Broker, String>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]).map_err(|error| error.to_string())).as_ref().map_err(Clone::clone)
    }

    /// Stops it from answering, as a broker that hangs, until [`Broker::resume`].
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn pause(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Has it go on.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn resume(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let process = std::fs::read_to_string(self.directory.join("pid"))?;
        let status = Command::new("kill").args([signal, process.trim()]).status()?;
        if status.success() { Ok(()) } else { Err(failed(format!("kill {signal} ended with {status}"))) }
    }

    /// The key and whether there is a value, of every record that stands in the first partition of a topic now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rows(&self, topic: &str) -> KafkaResult<Vec<(Vec<u8>, bool)>> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.address).set("group.id", "rows").set("enable.partition.eof", "true");
        let consumer: BaseConsumer = config.create()?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning)?;
        consumer.assign(&list)?;
        let mut rows = Vec::new();
        loop {
            match consumer.poll(Duration::from_secs(30)) {
                Some(Ok(message)) => {
                    rows.push((message.key().unwrap_or_default().to_vec(), message.payload().is_some()));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(rows),
                Some(Err(error)) => return Err(error),
                None => return Err(KafkaError::Canceled),
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            tracing::warn!(%error, "a broker for tests did not end");
        }
    }
}
