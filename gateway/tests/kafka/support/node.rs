//! Nodes of one installation on the shared broker, each a process of its own.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use http::StatusCode;
use model::{Random, clock::SystemRandom};
use storage::kafka::broker::Broker;

use super::{Client, eventually};

/// After this long without a sign of life a node loses its shards.
pub const SESSION_MS: u64 = 3_000;
/// The interval of checkpoints.
pub const CHECKPOINT_MS: u64 = 200;

/// An installation: a prefix, a key and a configuration that its nodes share.
pub struct Cluster {
    brokers: String,
    pub prefix: String,
    /// How many replicas topics have, and how many must have a record.
    pub replicas: (u16, u16),
    more: String,
    dir: tempfile::TempDir,
}

impl Cluster {
    /// On the broker that the tests share.
    pub fn new() -> Self {
        Self::on(Broker::shared().expect("a broker"), "")
    }

    /// On a broker, with more configuration.
    pub fn on(broker: &Broker, more: &str) -> Self {
        Self::at(broker.address(), more)
    }

    /// On these brokers, with more configuration.
    pub fn at(brokers: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("key"), "5e".repeat(32)).expect("the key");
        Self {
            brokers: brokers.to_owned(),
            replicas: (1, 1),
            prefix: format!("t{}", SystemRandom.uuid().simple()),
            more: more.to_owned(),
            dir,
        }
    }

    /// Starts a node that does everything, and waits until it is ready.
    pub async fn node(&self, name: &str) -> Node {
        self.node_with(name, "", "").await
    }

    /// Starts a node with configuration of its own, before the first section and behind the last, and waits until it is ready.
    pub async fn node_with(&self, name: &str, top: &str, more: &str) -> Node {
        let node = self.spawn(name, top, more);
        node.ready().await;
        node
    }

    /// Starts a node that has another key than the others.
    pub fn spawn_with_other_key(&self, name: &str) -> Node {
        let key = self.dir.path().join("other-key");
        std::fs::write(&key, "07".repeat(32)).expect("a key");
        self.spawn_with_key(name, "", "", &key)
    }

    /// Starts a node.
    pub fn spawn(&self, name: &str, top: &str, more: &str) -> Node {
        self.spawn_with_key(name, top, more, &self.dir.path().join("key"))
    }

    /// Starts a node that knows only the first version of what is stored, and waits until it is ready.
    pub async fn old_node(&self, name: &str) -> Node {
        let mut node = self.spawn(name, "", "");
        node.kill();
        node.old = true;
        node.start();
        node.ready().await;
        node
    }

    /// Starts a gateway on the embedded file, with the same key and configuration, and waits until it is ready.
    pub async fn embedded(&self, name: &str) -> Node {
        let node = self.spawn_on("", name, "", "", &self.dir.path().join("key"));
        node.ready().await;
        node
    }

    /// What `gateway check` says of a node with more configuration, and whether it is content.
    pub fn check(&self, more: &str) -> (bool, String) {
        let (file, _) = self.configure(&self.kafka(), "check", "", more, &self.dir.path().join("key"));
        let output = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["check", "--config"])
            .arg(&file)
            .output()
            .expect("gateway check");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn spawn_with_key(&self, name: &str, top: &str, more: &str, key: &Path) -> Node {
        self.spawn_on(&self.kafka(), name, top, more, key)
    }

    /// The section about Kafka.
    pub fn kafka(&self) -> String {
        let (brokers, prefix) = (&self.brokers, &self.prefix);
        let (replication, in_sync) = self.replicas;
        format!(
            "[kafka]\nbrokers = \"{brokers}\"\nprefix = \"{prefix}\"\nreplication = {replication}\n\
             min_insync_replicas = {in_sync}\nsession_timeout_ms = {SESSION_MS}\nhandover_seconds = 4\n"
        )
    }

    /// A file in the directory of the installation.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Where its brokers are.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// What its topics start with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn configure(&self, storage: &str, name: &str, top: &str, more: &str, key: &Path) -> (PathBuf, u16) {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let file = self.dir.path().join(format!("{name}.toml"));
        std::fs::write(&file, self.configuration(storage, (name, port), (top, more), key)).expect("the configuration");
        (file, port)
    }

    fn spawn_on(&self, storage: &str, name: &str, top: &str, more: &str, key: &Path) -> Node {
        let (file, port) = self.configure(storage, name, top, more, key);
        let token = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["token", "tests", "--config"])
            .arg(&file)
            .output()
            .expect("gateway token");
        assert!(token.status.success(), "gateway token: {}", String::from_utf8_lossy(&token.stderr));
        let token = String::from_utf8(token.stdout).expect("a token").trim().to_owned();
        let log = self.dir.path().join(format!("{name}.log"));
        let client = Client::new(format!("http://127.0.0.1:{port}"), token);
        let mut node = Node { process: None, client, file, log, old: false };
        node.start();
        node
    }

    fn configuration(&self, storage: &str, (name, port): (&str, u16), (top, more): (&str, &str), key: &Path) -> String {
        let all = &self.more;
        format!(
            r#"
listen = "127.0.0.1:{port}"
data = "{data}"
origin = "gateway.test"
source = "urn:nld:oin:00000000000000000000:systeem:gateway"
{top}
[secrets]
key_file = "{key}"
{storage}
[egress]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]
[delivery]
checkpoint_ms = {CHECKPOINT_MS}
[[applicatie]]
client_id = "tests"
secret = "the long enough secret of the tests on Kafka"
scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
[[kanaal]]
naam = "zaken"
{all}
{more}
"#,
            data = self.dir.path().join(name).display(),
            key = key.display(),
        )
    }
}

/// One node; killed when dropped.
pub struct Node {
    process: Option<Child>,
    pub client: Client,
    file: PathBuf,
    log: PathBuf,
    /// It knows only the first version of what is stored.
    pub old: bool,
}

impl Node {
    /// Starts it, on what it left behind.
    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        if self.old {
            command.env("STORAGE_SUITE_KNOWS", "1");
        }
        let process = command
            .args(["serve", "--config"])
            .arg(&self.file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the gateway starts");
        self.process = Some(process);
    }

    /// Changes its configuration, for the next start.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.file).expect("its configuration");
        assert!(text.contains(from), "{text}");
        std::fs::write(&self.file, text.replace(from, to)).expect("its configuration");
    }

    /// Waits until it is ready.
    pub async fn ready(&self) {
        let ask = async || self.client.send(http::Method::GET, "/readyz", "-", String::new()).await;
        for _ in 0..600 {
            if ask().await.is_some_and(|answer| answer.status == StatusCode::OK) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("a node is not ready:\n{}", self.log());
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status().expect("kill");
        assert!(status.success(), "kill {signal}");
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("SIGKILL");
            process.wait().expect("it is gone");
        }
    }

    /// Stops it in order, and waits until it has.
    pub async fn stop(&mut self) {
        self.signal("-TERM");
        let mut process = self.process.take().expect("it runs");
        let status =
            eventually("end of a node that was told to stop", async || process.try_wait().expect("a status")).await;
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// How it ended, once it has.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let mut process = self.process.take().expect("it runs");
        eventually("end of a node", async || process.try_wait().expect("a status")).await
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1_024
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
