//! Nodes of one installation on the shared broker, each a process of its own.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use http::StatusCode;
use model::{Random, clock::SystemRandom};
use storage::kafka::broker::Broker;

use super::{Client, eventually, process::Process, program};

/// Session time-out in milliseconds, after which a node without a heartbeat loses its shards: so long that none loses them because
/// the machine is busy.
const SESSION_MS: u64 = 45_000;
/// The session time-out for tests that wait until a node that was killed or stopped has lost its shards.
pub const SHORT_SESSION_MS: u64 = 10_000;
/// The interval of checkpoints, in milliseconds.
const CHECKPOINT_MS: u64 = 200;
/// Deliveries of this long before the last one of a node that was killed or stopped may not be in a checkpoint: no request starts
/// while progress has waited for more than five seconds to be stored (`gateway_checkpoint_age_seconds`), and the last request may
/// take a moment.
pub const UNSTORED: Duration = Duration::from_secs(7);
/// The lines of the log of a node that are printed when a test fails.
const SHOWN_LINES: usize = 60;

/// An installation: a prefix, a key and a configuration that its nodes share.
pub struct Cluster {
    brokers: String,
    pub prefix: String,
    /// How many replicas topics have, and how many must have a record.
    pub replicas: (u16, u16),
    /// Session time-out in milliseconds.
    pub session_ms: u64,
    /// How long the brokers may take for one request, in seconds.
    pub timeout_seconds: u64,
    more: String,
    dir: tempfile::TempDir,
}

impl Cluster {
    /// An installation on the broker that the tests share.
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
            session_ms: SESSION_MS,
            timeout_seconds: 30,
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

    /// Starts a node without waiting until it is ready.
    pub fn spawn(&self, name: &str, top: &str, more: &str) -> Node {
        self.spawn_with_key(name, top, more, &self.dir.path().join("key"))
    }

    /// Starts a node that knows only the first version of what is stored, and waits until it is ready.
    pub async fn old_node(&self, name: &str) -> Node {
        let mut node = self.stopped(&self.kafka(), name, "", "", &self.dir.path().join("key"));
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

    /// Runs `gateway check` for a node with more configuration; whether it succeeded, and its output.
    pub fn check(&self, more: &str) -> (bool, String) {
        self.run(&["check"], more)
    }

    /// Runs `gateway verify`; whether it succeeded, and its output.
    pub fn verify(&self) -> (bool, String) {
        self.run(&["verify"], "")
    }

    /// Runs `gateway audit deliveries`; whether it succeeded, and its output.
    pub fn audit_deliveries(&self) -> (bool, String) {
        self.run(&["audit", "deliveries"], "")
    }

    fn run(&self, command: &[&str], more: &str) -> (bool, String) {
        let (file, _) = self.configure(&self.kafka(), &command.join("-"), "", more, &self.dir.path().join("key"));
        let output = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(command)
            .arg("--config")
            .arg(&file)
            .output()
            .expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    fn spawn_with_key(&self, name: &str, top: &str, more: &str, key: &Path) -> Node {
        self.spawn_on(&self.kafka(), name, top, more, key)
    }

    /// The section `[kafka]` of the configuration.
    pub fn kafka(&self) -> String {
        let (brokers, prefix) = (&self.brokers, &self.prefix);
        let (replication, in_sync) = self.replicas;
        let (session, timeout) = (self.session_ms, self.timeout_seconds);
        format!(
            "[kafka]\nbrokers = \"{brokers}\"\nprefix = \"{prefix}\"\nreplication = {replication}\n\
             min_insync_replicas = {in_sync}\nsession_timeout_ms = {session}\nhandover_seconds = 60\n\
             timeout_seconds = {timeout}\n"
        )
    }

    /// A file in the directory of the installation.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The addresses of its brokers.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// The prefix of its topics.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn configure(&self, storage: &str, name: &str, top: &str, more: &str, key: &Path) -> (PathBuf, u16) {
        let port = free_port::free_port();
        let file = self.dir.path().join(format!("{name}.toml"));
        std::fs::write(&file, self.configuration(storage, (name, port), (top, more), key)).expect("the configuration");
        (file, port)
    }

    fn spawn_on(&self, storage: &str, name: &str, top: &str, more: &str, key: &Path) -> Node {
        let mut node = self.stopped(storage, name, top, more, key);
        node.start();
        node
    }

    /// A node that is configured and not started.
    fn stopped(&self, storage: &str, name: &str, top: &str, more: &str, key: &Path) -> Node {
        let (file, port) = self.configure(storage, name, top, more, key);
        let token = program::token(&file, "tests");
        let log = self.dir.path().join(format!("{name}.log"));
        let client = Client::new(format!("http://127.0.0.1:{port}"), token);
        Node { process: None, client, file, log, old: false, new_control: false, new_cluster: false }
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

/// One node; its process is killed when this is dropped.
pub struct Node {
    process: Option<Process>,
    pub client: Client,
    file: PathBuf,
    log: PathBuf,
    /// It knows only the first version of what is stored.
    pub old: bool,
    /// Whether it begins without what the topic `control` held.
    pub new_control: bool,
    /// Whether it goes on although the topics are of another cluster.
    pub new_cluster: bool,
}

impl Drop for Node {
    /// Prints the end of its log when the test fails.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let end = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
            println!("the end of {}:\n{}", self.log.display(), end.join("\n"));
        }
    }
}

impl Node {
    /// Starts it on its existing data directory.
    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = program::serve(&self.file);
        if self.old {
            command.env("STORAGE_TEST_MAX_VERSION", "1");
        }
        if self.new_control {
            command.arg("--new-control");
        }
        if self.new_cluster {
            command.arg("--new-cluster");
        }
        self.process = Some(Process::start(command.stderr(log)));
    }

    /// The code of a link that logs somebody with this role in to the console, as the command line prints it for this node.
    #[cfg(feature = "console")]
    pub fn login_code(&self, role: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["login-link", "--role", role, "--config"]).arg(&self.file);
        let output = command.output().expect("gateway login-link");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let link = String::from_utf8(output.stdout).expect("a link");
        link.trim().split_once("?code=").expect("a code").1.to_owned()
    }

    /// Changes its configuration, for the next start.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.file).expect("its configuration");
        assert!(text.contains(from), "{text}");
        std::fs::write(&self.file, text.replace(from, to)).expect("its configuration");
    }

    /// Waits until `/readyz` answers 200.
    pub async fn ready(&self) {
        for _ in 0..3_000 {
            if self.is_ready().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("a node is not ready:\n{}", self.log());
    }

    /// Whether `/readyz` answers 200.
    pub async fn is_ready(&self) -> bool {
        let answer = self.client.send(http::Method::GET, "/readyz", "-", String::new()).await;
        answer.is_some_and(|answer| answer.status == StatusCode::OK)
    }

    /// The process id of the running node.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it runs").0.id()
    }

    /// Sends a signal, such as `-STOP`, to its process.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status().expect("kill");
        assert!(status.success(), "kill {signal}");
    }

    /// Whether every thread of its process is stopped by a signal.
    pub fn is_stopped(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).expect("its threads");
        threads.flatten().all(|thread| {
            let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("State:\tT"))
        })
    }

    /// Kills its process with SIGKILL and waits for its end.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Stops it in order, and waits until it has.
    pub async fn stop(&mut self) {
        self.signal("-TERM");
        let mut process = self.process.take().expect("it runs");
        let status =
            eventually("end of a node that received SIGTERM", async || process.0.try_wait().expect("a status")).await;
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// Waits until it has ended; returns its exit status.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let mut process = self.process.take().expect("it runs");
        eventually("end of a node", async || process.0.try_wait().expect("a status")).await
    }

    /// The log of all its runs so far.
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
