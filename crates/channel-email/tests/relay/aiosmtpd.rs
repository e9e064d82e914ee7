//! The relay of these tests: aiosmtpd, scripted by `interop/smtp/server.py`, as a child process. It ends with this value.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use channel_email::{Client, Credential, Envelope, EnvelopeAddress, Message, Security, Settings};
use egress::{Cidr, Egress, Policy};
use rcgen::CertifiedKey;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Longest the program may take to start or to report a mail.
const PATIENCE: Duration = Duration::from_mins(2);

/// How connections to the relay are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    None,
    StartTls,
    Implicit,
}

/// A running relay.
pub struct Relay {
    port: u16,
    tls: Protection,
    folder: TempDir,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Relay {
    /// Starts it with these settings beside those of TLS; see the head of `server.py`.
    pub async fn start(tls: Protection, mut settings: Value) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/smtp");
        let python = interop_packages::tools::python(&source).expect("Python is there: see .ci/need.sh");
        let folder = TempDir::new().expect("a folder");
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(folder.path().join("certificate.pem"), cert.pem()).expect("a file");
        std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).expect("a file");
        settings["tls"] = match tls {
            Protection::None => "none".into(),
            Protection::StartTls => "starttls".into(),
            Protection::Implicit => "implicit".into(),
        };
        settings["certificate"] = json!(folder.path().join("certificate.pem"));
        settings["key"] = json!(folder.path().join("key.pem"));
        let mut command = Command::new(python.join("bin/python"));
        command.arg(source.join("server.py")).arg(settings.to_string()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("a process");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut relay = Self { port: 0, tls, folder, process, lines };
        relay.port = relay.line().await["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        relay
    }

    /// The next line that it prints: a mail that it accepted.
    pub async fn line(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time");
        serde_json::from_str(&line.expect("output").expect("it runs")).expect("JSON")
    }

    /// Ends the relay, and returns the mails that it accepted and this value has not returned.
    pub async fn accepted(mut self) -> Vec<Value> {
        drop(self.process.stdin.take());
        let mut all = Vec::new();
        while let Some(line) = self.lines.next_line().await.expect("output") {
            all.push(serde_json::from_str(&line).expect("JSON"));
        }
        all
    }

    /// Kills it.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("a process");
    }

    /// Settings that reach it, without a credential.
    pub fn settings(&self) -> Settings {
        self.settings_with(None)
    }

    pub fn settings_with(&self, credential: Option<Credential>) -> Settings {
        let credentials = credential.map(|credential| Arc::new(credential) as _);
        let security = match self.tls {
            Protection::None => Security::Plain,
            Protection::StartTls => Security::StartTls(credentials),
            Protection::Implicit => Security::Tls(credentials),
        };
        Settings::new("localhost", self.port, security, "gateway.example")
    }

    /// A client that trusts its certificate.
    pub fn client(&self, settings: Settings) -> Arc<Client> {
        let egress = egress(vec![self.folder.path().join("certificate.pem")]);
        Arc::new(Client::new(egress, settings).expect("good settings"))
    }

    /// A client that does not.
    pub fn distrusting_client(&self) -> Client {
        Client::new(egress(vec![]), self.settings()).expect("good settings")
    }
}

fn egress(extra_ca: Vec<PathBuf>) -> Arc<Egress> {
    let ranges: Vec<Cidr> = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    Arc::new(Egress::new(egress::Settings { policy, extra_ca, ..egress::Settings::default() }).expect("good settings"))
}

/// An envelope to an address.
pub fn to(recipient: &str) -> Envelope {
    let address = |text: &str| EnvelopeAddress::new(text).expect("an address");
    Envelope { sender: Some(address("sender@example.nl")), recipient: address(recipient) }
}

pub fn message(body: &str) -> Message {
    Message::new(format!("Subject: x\r\n\r\n{body}\r\n")).expect("a message")
}
