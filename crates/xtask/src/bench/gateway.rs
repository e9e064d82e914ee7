//! The gateway under measurement: a release build with new storage, one applicatie, one kanaal and the subscriptions that a
//! measurement asks for. It is used only through its HTTP API.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use free_port::free_port;
use serde_json::json;
use tempfile::TempDir;

use super::Bench;
use super::client::Client;
use super::messages::KANAAL;
use super::process::Process;
use super::storage::{directory, new_prefix};
use super::token::TokenSigner;
use crate::workspace::{Failure, output};

/// How long the gateway may take to get ready, and a subscription to be granted.
const PATIENCE: Duration = Duration::from_mins(1);
/// The name of its configuration file.
const CONFIGURATION: &str = "gateway.toml";
const CLIENT_ID: &str = "bench";
const SECRET: &str = "only for measuring, on this machine, for some minutes";
/// The applicatie with every right of `start_administered`.
const ADMINISTRATOR: &str = "bench-beheer";

pub struct Gateway {
    pub process: Process,
    pub url: String,
    pub client: Client,
    prefix: String,
    directory: TempDir,
    program: PathBuf,
}

impl Gateway {
    /// Starts a gateway and waits until it is ready. Its files are deleted when this value is dropped.
    pub async fn start(bench: &Bench<'_>) -> Result<Self, Failure> {
        Self::start_with(bench, "").await
    }

    /// Starts one of the version before, if there is one to compare with.
    pub async fn start_before(bench: &Bench<'_>) -> Result<Option<Self>, Failure> {
        let Some(program) = &bench.before else { return Ok(None) };
        Self::node(bench, program, new_prefix(), "", &[]).await.map(Some)
    }

    /// Starts one with these further sections of configuration.
    pub async fn start_with(bench: &Bench<'_>, sections: &str) -> Result<Self, Failure> {
        Self::node(bench, &built(bench), new_prefix(), sections, &[]).await
    }

    /// Starts a further node of the installation that this one is a node of, with these further arguments.
    pub async fn beside(&self, bench: &Bench<'_>, arguments: &[&str]) -> Result<Self, Failure> {
        Self::node(bench, &built(bench), self.prefix.clone(), "", arguments).await
    }

    /// Starts one with these further sections on a store that `fill` wrote in the directory of its data.
    pub async fn start_filled(
        bench: &Bench<'_>,
        sections: &str,
        fill: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let directory = directory(bench.workspace)?;
        fill(&directory.path().join("data"))?;
        Self::node_in(directory, bench, &built(bench), new_prefix(), sections, &[]).await
    }

    /// A command of the program, with the configuration of this gateway.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--config").arg(self.directory.path().join(CONFIGURATION));
        command
    }

    /// Starts one with these further sections, and an applicatie with every right.
    pub async fn start_administered(bench: &Bench<'_>, sections: &str) -> Result<Self, Failure> {
        let applicatie = format!(
            "[[applicatie]]\nclient_id = \"{ADMINISTRATOR}\"\nsecret = \"only for measuring, as an administrator\"\n\
             scopes = [\"notificaties.beheer\"]\n{sections}"
        );
        Self::start_with(bench, &applicatie).await
    }

    /// A client of that applicatie with new connections and a new token, which is valid for an hour.
    pub fn administrator(&self) -> Result<Client, Failure> {
        let token = output(self.command(&["token", ADMINISTRATOR]).stdin(Stdio::null()))?;
        Ok(Client::new(Some(token.trim())))
    }

    async fn node(
        bench: &Bench<'_>,
        program: &Path,
        prefix: String,
        sections: &str,
        further: &[&str],
    ) -> Result<Self, Failure> {
        Self::node_in(directory(bench.workspace)?, bench, program, prefix, sections, further).await
    }

    async fn node_in(
        directory: TempDir,
        bench: &Bench<'_>,
        program: &Path,
        prefix: String,
        sections: &str,
        further: &[&str],
    ) -> Result<Self, Failure> {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let sections = bench.storage.configuration(directory.path(), &prefix)? + sections;
        let config = configuration(directory.path(), port, &sections)?;
        let config = config.to_string_lossy();
        let process = spawn(program, directory.path(), &config, further)?;
        let mut token = Command::new(program);
        token.args(["token", CLIENT_ID, "--config", &config]).stdin(Stdio::null());
        let token = output(&mut token)?;
        let (client, program) = (Client::new(Some(token.trim())), program.to_owned());
        let mut gateway = Self { process, url, client, prefix, directory, program };
        gateway.wait_ready().await?;
        Ok(gateway)
    }

    /// Kills it at once, runs another command of the program, and starts it again; returns how long the command took.
    pub async fn kill_and_run(&mut self, command: &[&str]) -> Result<Duration, Failure> {
        self.process.kill();
        let start = Instant::now();
        output(self.command(command).stdin(Stdio::null()))?;
        let took = start.elapsed();
        self.kill_and_restart().await?;
        Ok(took)
    }

    /// Kills it at once, and starts it again with the same files; returns how long it took to get ready.
    pub async fn kill_and_restart(&mut self) -> Result<Duration, Failure> {
        self.process.kill();
        let start = Instant::now();
        let config = self.directory.path().join(CONFIGURATION);
        self.process = spawn(&self.program, self.directory.path(), &config.to_string_lossy(), &[])?;
        self.wait_ready().await?;
        Ok(start.elapsed())
    }

    /// Ends it in order, so that its files can be changed.
    pub async fn stop(&mut self) -> Result<(), Failure> {
        self.process.signal("TERM")?;
        let start = Instant::now();
        while self.process.runs() {
            if start.elapsed() > PATIENCE {
                return Err(format!("the gateway does not stop within {PATIENCE:?}"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The directory of its data.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The size of a file of its data, with its write-ahead log, in bytes; 0 without the file.
    pub fn file_size(&self, name: &str) -> u64 {
        let size = |name: &str| std::fs::metadata(self.data().join(name)).map_or(0, |file| file.len());
        size(name) + size(&format!("{name}-wal"))
    }

    async fn wait_ready(&mut self) -> Result<(), Failure> {
        let log = self.directory.path().join("gateway.log");
        wait_ready(&self.client, &self.url, &mut self.process, &log).await
    }

    /// Subscribes a sink to the events of one type and waits for its consent; returns the subscription's id.
    pub async fn subscribe(&self, sink: &str, event_type: &str) -> Result<String, Failure> {
        let subscriptions = format!("{}/v1/subscriptions", self.url);
        let wish = json!({
            "sink": sink,
            "protocol": "HTTP",
            "filters": [{ "exact": { "type": event_type } }],
            "config": { "kanalen": [KANAAL] },
        });
        let created = self.client.call("POST", &subscriptions, Some(&wish)).await?;
        let id = created["id"].as_str().ok_or_else(|| format!("a subscription without id: {created}"))?;
        let start = Instant::now();
        loop {
            let subscription = self.client.call("GET", &format!("{subscriptions}/{id}"), None).await?;
            match subscription["status"]["state"].as_str() {
                Some("granted") => return Ok(id.to_owned()),
                _ if start.elapsed() > PATIENCE => {
                    return Err(format!("{sink} was not granted: {}", subscription["status"]));
                }
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Makes an abonnement on the kanaal, whose callback wants this `Authorization`; both probes have been answered when this returns.
    pub async fn abonnement(&self, callback: &str, authorization: &str) -> Result<(), Failure> {
        let abonnement = json!({
            "callbackUrl": callback,
            "auth": authorization,
            "kanalen": [{ "naam": KANAAL, "filters": {} }],
        });
        self.client.call("POST", &self.at("/api/v1/abonnement"), Some(&abonnement)).await.map(drop)
    }

    /// A client with the rights of `client` that brings a new token with every request.
    pub fn client_with_new_tokens() -> Client {
        Client::with_new_tokens(TokenSigner::new(CLIENT_ID, SECRET))
    }

    /// Pauses or resumes a subscription.
    pub async fn switch(&self, subscription: &str, action: &str) -> Result<(), Failure> {
        let url = format!("{}/v1/subscriptions/{subscription}/{action}", self.url);
        self.client.call("POST", &url, None).await.map(drop)
    }

    /// The URL of a path of the ingest API.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// Starts the program. What it logs is added to the log of before.
fn spawn(program: &Path, directory: &Path, config: &str, further: &[&str]) -> Result<Process, Failure> {
    let log = std::fs::File::options().create(true).append(true).open(directory.join("gateway.log"));
    let log = log.map_err(|error| error.to_string())?;
    let stdout = log.try_clone().map_err(|error| error.to_string())?;
    let mut arguments = vec!["serve", "--config", config];
    arguments.extend(further);
    Process::start("gateway", program, &arguments, stdout.into(), log.into())
}

/// Waits until a gateway is ready that logs to this file.
pub async fn wait_ready(client: &Client, url: &str, process: &mut Process, log: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let ready = format!("{url}/readyz");
    loop {
        let answer = client.call("GET", &ready, None).await;
        let Err(reason) = answer else { return Ok(()) };
        if !process.runs() || start.elapsed() > PATIENCE {
            return Err(format!("the gateway does not get ready: {reason}; it said:\n{}", last_lines(log)));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The last lines of a log.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// The program of this version.
fn built(bench: &Bench<'_>) -> PathBuf {
    bench.workspace.binary("release", "gateway")
}

/// Writes the configuration of a gateway whose files are in a directory, with these sections for storage and more; returns its path.
pub fn configuration(directory: &Path, port: u16, sections: &str) -> Result<PathBuf, Failure> {
    let mut text = String::new();
    let data = directory.join("data");
    let lines = [
        format!("listen = \"127.0.0.1:{port}\""),
        format!("data = {:?}", data.to_string_lossy()),
        "origin = \"bench.example\"".to_owned(),
        "source = \"urn:nld:oin:00000001823288444000:systeem:gateway\"".to_owned(),
        "[egress]\nallow = [\"127.0.0.0/8\"]\nallow_http = [\"127.0.0.0/8\"]".to_owned(),
        sections.to_owned(),
        // Not 0, no limit, which older versions refuse.
        "[limits]\nrequests_per_second = 1000000000".to_owned(),
        format!("[[applicatie]]\nclient_id = \"{CLIENT_ID}\"\nsecret = \"{SECRET}\""),
        "scopes = [\"notificaties.publiceren\", \"notificaties.consumeren\"]".to_owned(),
        format!("[[kanaal]]\nnaam = \"{KANAAL}\"\nfilters = [\"bron\"]"),
    ];
    for line in lines {
        writeln!(text, "{line}").map_err(|error| error.to_string())?;
    }
    let file = directory.join(CONFIGURATION);
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}
