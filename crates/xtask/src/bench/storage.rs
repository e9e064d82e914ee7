//! The storage of a gateway under measurement: a new embedded file, or topics of its own on one new broker; and the server
//! that measures the bare limit of that storage. Not how a gateway is started or called.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use free_port::free_port;
use tempfile::TempDir;

use super::process::Process;
use crate::workspace::{Failure, Workspace};

/// How long the broker may take to listen; its first start fetches the jars.
const PATIENCE: Duration = Duration::from_mins(3);

pub enum Storage {
    Embedded,
    Kafka(Broker),
}

/// The server that only stores bodies, in the same kind of storage as the gateway.
pub struct Limit {
    pub name: &'static str,
    pub process: Process,
    pub url: String,
    _directory: TempDir,
}

impl Storage {
    /// A short description, printed above the figures.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded log, synchronised to disk",
            Self::Kafka(_) => "one local broker, which shares them too",
        }
    }

    pub fn limit(&self, workspace: &Workspace) -> Result<Limit, Failure> {
        let directory = directory(workspace)?;
        let (name, arguments) = match self {
            Self::Embedded => {
                let file = directory.path().join("limit.sqlite");
                ("ingest-sqlite", vec![file.to_string_lossy().into_owned()])
            }
            Self::Kafka(broker) => ("ingest-kafka", vec![broker.address.clone(), new_prefix()]),
        };
        let arguments: Vec<&str> = [name].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        let (process, url) = Process::limit(name, &arguments)?;
        Ok(Limit { name, process, url, _directory: directory })
    }

    /// The sections of a gateway configuration for this storage; nodes with the same prefix form one installation.
    pub fn configuration(&self, directory: &Path, prefix: &str) -> Result<String, Failure> {
        match self {
            Self::Embedded => Ok(String::new()),
            Self::Kafka(broker) => Self::kafka_sections(&broker.address, directory, prefix),
        }
    }

    /// The sections for a broker at this address.
    pub fn kafka_sections(brokers: &str, directory: &Path, prefix: &str) -> Result<String, Failure> {
        let key = directory.join("key");
        std::fs::write(&key, "5e".repeat(32)).map_err(|error| format!("{}: {error}", key.display()))?;
        let mut text = String::new();
        writeln!(text, "[secrets]\nkey_file = {:?}", key.to_string_lossy()).map_err(|error| error.to_string())?;
        writeln!(text, "[kafka]\nbrokers = {brokers:?}\nprefix = {prefix:?}\nreplication = 1\nmin_insync_replicas = 1")
            .map_err(|error| error.to_string())?;
        Ok(text)
    }
}

/// A prefix for topics that is unique within this run.
pub fn new_prefix() -> String {
    static PREFIXES: AtomicU64 = AtomicU64::new(1);
    format!("bench{}", PREFIXES.fetch_add(1, Ordering::Relaxed))
}

/// A temporary directory on the disk of the build results: on a memory file system a synchronised write costs nothing.
pub fn directory(workspace: &Workspace) -> Result<TempDir, Failure> {
    let target = workspace.target();
    tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&target)
        .map_err(|error| format!("{}: {error}", target.display()))
}

/// A Kafka broker, configured as the only node; it ends and deletes its data when its standard input ends.
pub struct Broker {
    child: Child,
    address: String,
    directory: TempDir,
}

impl Broker {
    /// Starts it and waits until it listens.
    pub fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let directory = directory(workspace)?;
        let port = free_port();
        let mut command = workspace.command(workspace.path("deploy/kafka/broker"));
        command.arg(directory.path()).args([port, free_port()].map(|port| port.to_string()));
        let child = command.env("BROKER_COMPILER", "full").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("the broker does not start: {error}"))?;
        let mut broker = Self { child, address: format!("127.0.0.1:{port}"), directory };
        let start = Instant::now();
        while TcpStream::connect(&broker.address).is_err() {
            if !matches!(broker.child.try_wait(), Ok(None)) || start.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(broker.directory.path().join("console.log")).unwrap_or_default();
                return Err(format!("the broker does not get ready; it said:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Fails only for a process that has gone already.
        let _ = self.child.wait();
    }
}
