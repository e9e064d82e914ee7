//! The four SDKs: how their programs are started, in which modes they send, in which formats they receive.

use std::fmt;
use std::path::Path;

use interop::{Failure, sources, tools};
use tokio::process::Command;

/// An SDK whose packages have been fetched and compiled.
#[derive(Clone)]
pub struct Sdk {
    pub name: &'static str,
    /// Modes in which it can send.
    pub sends: &'static [&'static str],
    /// Formats of a subscription that it understands.
    pub receives: &'static [&'static str],
    /// Program and arguments before those of the sender and the receiver.
    send: Vec<String>,
    receive: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

/// An SDK in one of its modes.
#[derive(Clone)]
pub struct Sender {
    pub sdk: Sdk,
    pub mode: &'static str,
}

const SINGLE: &[&str] = &["structured", "binary"];
const ALL: &[&str] = &["structured", "binary", "batch"];

impl Sdk {
    /// All of them, with what they need fetched and compiled.
    pub fn prepare_all() -> Result<Vec<Sdk>, Failure> {
        let text = |path: &Path| path.display().to_string();
        let source = |path: &str| text(&sources().join(path));
        let modules = text(&tools::node(&sources().join("js"))?);
        let python = text(&tools::python(&sources().join("python"))?.join("bin/python"));
        let classes = tools::java(&sources().join("java"))?;
        let go = text(&tools::go(&sources().join("go"))?);
        let java = |class: &str| {
            ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", &classes, class].map(str::to_owned).to_vec()
        };
        Ok(vec![
            Sdk {
                name: "js",
                sends: SINGLE,
                receives: ALL,
                send: vec!["node".to_owned(), source("js/send.js")],
                receive: vec!["node".to_owned(), source("js/receive.js")],
                environment: vec![("NODE_PATH", modules)],
            },
            Sdk {
                name: "python",
                sends: SINGLE,
                receives: SINGLE,
                send: vec![python.clone(), source("python/send.py")],
                receive: vec![python, source("python/receive.py")],
                environment: Vec::new(),
            },
            Sdk {
                name: "java",
                sends: SINGLE,
                receives: SINGLE,
                send: java("Send"),
                receive: java("Receive"),
                environment: Vec::new(),
            },
            Sdk {
                name: "go",
                sends: ALL,
                receives: ALL,
                send: vec![go.clone(), "send".to_owned()],
                receive: vec![go, "receive".to_owned()],
                environment: Vec::new(),
            },
        ])
    }

    pub fn senders(&self) -> impl Iterator<Item = Sender> {
        self.sends.iter().map(|mode| Sender { sdk: self.clone(), mode })
    }

    /// Events that this SDK cannot read and that spoil the batch they are in for it, so that they are kept out of batches;
    /// `deviations.toml` lists them where they come alone.
    pub fn spoils(&self, format: &str) -> &'static [&'static str] {
        if self.name == "go" && format == "batch" { &["json-suffix"] } else { &[] }
    }

    pub fn receiver(&self) -> Result<Command, Failure> {
        self.command(&self.receive)
    }

    pub fn sender(&self, url: &str, mode: &str, prefix: &str, file: &Path, token: &str) -> Result<Command, Failure> {
        let mut command = self.command(&self.send)?;
        command.args([url, mode, prefix]).arg(file).env("TOKEN", token);
        Ok(command)
    }

    fn command(&self, words: &[String]) -> Result<Command, Failure> {
        let nothing = || Failure::Exchange { what: self.name.to_owned(), why: "no program".to_owned() };
        let (program, arguments) = words.split_first().ok_or_else(nothing)?;
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(command)
    }
}

impl Sender {
    /// The prefix of the ids that it sends.
    pub fn prefix(&self) -> String {
        format!("{}-{}-", self.sdk.name, self.mode)
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sdk.name, self.mode)
    }
}
