//! A mail relay for tests: aiosmtpd, scripted by `interop/smtp/server.py`, as a child process. It ends with its [`Relay`]. For
//! tests only; it knows nothing of a client.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rcgen::CertifiedKey;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

/// Longest the program may take to start or to report a mail.
const PATIENCE: Duration = Duration::from_mins(2);

/// How connections to the relay are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// They are not.
    None,
    /// STARTTLS, which it requires.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// Why the relay does not do what a test needs.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Python or its packages are missing.
    #[error("Python: {0:?}; see .ci/need.sh")]
    Python(interop_packages::Failure),
    /// A file, the process or its output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// There is no certificate.
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    /// Its output is something else.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It said nothing in time, or ended.
    #[error("the relay reported nothing")]
    Silent,
}

/// A running relay.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    tls: Protection,
    folder: TempDir,
    process: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Relay {
    /// Starts it with these settings beside those of TLS; see the head of `server.py`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(tls: Protection, settings: Value) -> Result<Self, Failure> {
        Self::start_at(0, tls, settings).await
    }

    /// The same at a port, 0 for any.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_at(port: u16, tls: Protection, mut settings: Value) -> Result<Self, Failure> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/smtp");
        let python = interop_packages::tools::python(&source).map_err(Failure::Python)?;
        let folder = TempDir::new()?;
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        std::fs::write(folder.path().join("certificate.pem"), cert.pem())?;
        std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem())?;
        settings["port"] = port.into();
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
        let mut process = command.spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or(Failure::Silent)?).lines();
        // Always read: it would wait for room in a full pipe.
        let (sender, lines) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut relay = Self { port: 0, tls, folder, process, lines };
        let port = relay.line().await?["port"].as_u64().and_then(|port| port.try_into().ok());
        relay.port = port.ok_or(Failure::Silent)?;
        Ok(relay)
    }

    /// The port on `localhost`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How its connections are protected.
    pub fn protection(&self) -> Protection {
        self.tls
    }

    /// The file with its certificate, for `localhost`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The next line that it prints: a mail that it accepted.
    ///
    /// # Errors
    /// When none comes within two minutes.
    pub async fn line(&mut self) -> Result<Value, Failure> {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await;
        let line = line.map_err(|_| Failure::Silent)?.ok_or(Failure::Silent)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Ends the relay, and returns the mails that it accepted and [`Self::line`] has not returned.
    ///
    /// # Errors
    /// When its output cannot be read.
    pub async fn accepted(mut self) -> Result<Vec<Value>, Failure> {
        drop(self.process.stdin.take());
        let mut all = Vec::new();
        while let Some(line) = self.lines.recv().await {
            all.push(serde_json::from_str(&line)?);
        }
        Ok(all)
    }

    /// Kills it.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }
}
