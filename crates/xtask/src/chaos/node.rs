//! The gateway under test: one program with its files, which faults stop and start again. Not which faults, nor what it is
//! sent.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use free_port::free_port;
use tempfile::TempDir;

use super::plan::{Delivery, Disk, USUAL};
use super::shim::Shim;
use super::tamper;
use crate::bench::client::Client;
use crate::bench::gateway::{Gateway, configuration, wait_ready};
use crate::bench::process::Process;
use crate::workspace::Failure;

/// How long a stop by SIGTERM may take; the gateway waits at most 10 seconds for requests under way.
const STOP: Duration = Duration::from_mins(2);

pub struct Node {
    program: PathBuf,
    directory: TempDir,
    port: u16,
    pub url: String,
    pub client: Client,
    shim: Option<Shim>,
    /// The sections of the configuration for the storage.
    storage: String,
    delivery: Delivery,
    process: Option<Process>,
    /// How often it ended by itself.
    pub ended_by_itself: u32,
    /// The ids of stored events that were tampered with.
    pub tampered: BTreeSet<String>,
}

impl Node {
    /// A node that is not started yet; its files are in `directory`.
    pub fn new(program: PathBuf, directory: TempDir, storage: String, shim: Option<Shim>) -> Self {
        let port = free_port();
        Self {
            program,
            directory,
            port,
            url: format!("http://127.0.0.1:{port}"),
            client: Gateway::client_with_new_tokens(),
            shim,
            storage,
            delivery: USUAL,
            process: None,
            ended_by_itself: 0,
            tampered: BTreeSet::new(),
        }
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) -> Result<(), Failure> {
        let Delivery { checkpoint_ms, window, max_in_flight } = self.delivery;
        let sections = format!(
            "{}[delivery]\ncheckpoint_ms = {checkpoint_ms}\nwindow = {window}\nmax_in_flight = {max_in_flight}\n\
             [delivery.retry]\nfactor = 0.2\ncap_seconds = 5\n",
            self.storage
        );
        let config = configuration(self.directory.path(), self.port, &sections)?;
        let log = File::options().create(true).append(true).open(self.log()).map_err(|error| error.to_string())?;
        let stdout = log.try_clone().map_err(|error| error.to_string())?;
        let environment = self.shim.as_ref().map(Shim::environment);
        let environment: Vec<(&str, &OsStr)> =
            environment.iter().flatten().map(|(name, path)| (*name, path.as_os_str())).collect();
        let arguments = ["serve", "--config", &config.to_string_lossy()];
        let process = Process::start_in(&environment, "gateway", &self.program, &arguments, stdout.into(), log.into())?;
        let process = self.process.insert(process);
        let log = self.directory.path().join(LOG);
        wait_ready(&self.client, &self.url, process, &log).await
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join(LOG)
    }

    /// The settings of delivery from the next start on.
    pub fn configure(&mut self, delivery: Delivery) {
        self.delivery = delivery;
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Stops it with SIGTERM and waits until it has ended.
    pub async fn stop(&mut self) -> Result<(), Failure> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.signal("TERM")?;
        let since = Instant::now();
        while process.runs() {
            if since.elapsed() > STOP {
                return Err(format!("the gateway does not stop within {STOP:?}"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Changes a byte of a stored event; it must be stopped.
    pub fn tamper(&mut self, pick: u64) -> Result<(), Failure> {
        let file = self.directory.path().join("data/gateway.sqlite");
        self.tampered.extend(tamper::change(&file, pick, &self.tampered)?);
        Ok(())
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str) -> Result<(), Failure> {
        self.process.as_ref().map_or(Ok(()), |process| process.signal(name))
    }

    /// Starts it again if it ended by itself, and waits until it is ready.
    pub async fn recover(&mut self) -> Result<(), Failure> {
        let log = self.log();
        if let Some(process) = &mut self.process {
            let ready = wait_ready(&self.client, &self.url, process, &log).await;
            if ready.is_ok() || process.runs() {
                return ready;
            }
            self.ended_by_itself += 1;
        }
        self.start().await
    }

    /// How its disk fails from now on.
    pub fn disk(&self, trouble: Option<Disk>) -> Result<(), Failure> {
        self.shim.as_ref().map_or(Ok(()), |shim| shim.disk(trouble))
    }

    /// How its clock differs from now on.
    pub fn clock(&self, seconds: i64) -> Result<(), Failure> {
        self.shim.as_ref().map_or(Ok(()), |shim| shim.clock(seconds))
    }

    /// Its files are not removed at the end of this run.
    pub fn keep(&mut self) -> PathBuf {
        self.directory.disable_cleanup(true);
        self.directory.path().to_path_buf()
    }

    /// Runs a command of the program on its files, without faults: whether it exits with 0, and what it prints.
    pub fn examine(&self, arguments: &[&str]) -> Result<(bool, String), Failure> {
        let config = self.directory.path().join("gateway.toml");
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--config").arg(config).stdin(Stdio::null());
        let done = command.output().map_err(|error| format!("gateway {}: {error}", arguments.join(" ")))?;
        let printed = [done.stdout, done.stderr].concat();
        Ok((done.status.success(), String::from_utf8_lossy(&printed).into_owned()))
    }
}

/// The name of the log in the directory of a node.
const LOG: &str = "gateway.log";

/// The path of the program to test.
pub fn program(given: &Path) -> Result<PathBuf, Failure> {
    given.canonicalize().map_err(|error| format!("{}: {error}; `cargo build -p gateway` makes it", given.display()))
}
