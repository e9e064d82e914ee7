//! Where a gateway under measurement keeps what it takes in: a fresh embedded file of its own, or topics of its own on one
//! fresh broker; and the bare limit of the same. Not how a gateway is started or spoken to.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::{Process, free_port};
use crate::workspace::{Failure, Workspace};

/// How long the broker may take to listen; the first time its jars are fetched.
const PATIENCE: Duration = Duration::from_mins(3);

pub enum Home {
    Embedded,
    Kafka(Broker),
}

/// The server that does nothing but keep bodies in the same kind of home.
pub struct Limit {
    pub name: &'static str,
    pub process: Process,
    pub url: String,
    _directory: TempDir,
}

impl Home {
    /// In a few words, for the reader of the figures.
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

    /// What the configuration of a gateway says of its home; nodes with one prefix are one installation.
    pub fn configuration(&self, directory: &Path, prefix: &str) -> Result<String, Failure> {
        let Self::Kafka(broker) = self else { return Ok(String::new()) };
        let key = directory.join("key");
        std::fs::write(&key, "5e".repeat(32)).map_err(|error| format!("{}: {error}", key.display()))?;
        let mut text = String::new();
        writeln!(text, "[secrets]\nkey_file = {:?}", key.to_string_lossy()).map_err(|error| error.to_string())?;
        let brokers = &broker.address;
        writeln!(text, "[kafka]\nbrokers = {brokers:?}\nprefix = {prefix:?}\nreplication = 1\nmin_insync_replicas = 1")
            .map_err(|error| error.to_string())?;
        Ok(text)
    }
}

/// A name for topics that nobody else in this run has.
pub fn new_prefix() -> String {
    static PREFIXES: AtomicU64 = AtomicU64::new(1);
    format!("bench{}", PREFIXES.fetch_add(1, Ordering::Relaxed))
}

/// A directory on the disk of the build results: in memory a synchronised write would cost nothing.
pub fn directory(workspace: &Workspace) -> Result<TempDir, Failure> {
    let target = workspace.target();
    tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&target)
        .map_err(|error| format!("{}: {error}", target.display()))
}

/// A broker with settings for one; ends, and takes its data along, when its standard input does.
pub struct Broker {
    child: Child,
    address: String,
    directory: TempDir,
}

impl Broker {
    /// Starts it and waits until it listens.
    pub fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let directory = directory(workspace)?;
        let port = free_port()?;
        let mut command = workspace.command(workspace.path("deploy/kafka/broker"));
        command.arg(directory.path()).args([port, free_port()?].map(|port| port.to_string()));
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
