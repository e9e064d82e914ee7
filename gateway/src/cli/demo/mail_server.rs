//! The mail server of the demonstration: aiosmtpd (Debian package python3-aiosmtpd), another program, which takes mails by SMTP
//! as the relay of an organisation does, and prints them.

use std::{process::Stdio, time::Duration};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::Failure;

const PROGRAM: &str = include_str!("mail_server.py");
/// Where Python is: that of Debian, which has its packages, or another one.
const PYTHON: [&str; 2] = ["/usr/bin/python3", "python3"];
/// How long a mail may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running mail server; it ends with this value.
pub struct MailServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// A mail that arrived.
#[derive(Debug, Deserialize)]
pub struct Mail {
    /// Names and values of its headers, decoded.
    pub headers: Vec<(String, String)>,
    /// The part with plain text, decoded.
    pub text: String,
}

impl MailServer {
    /// Starts it and waits for its port.
    pub async fn start() -> Result<Self, Failure> {
        match Self::start_with(PYTHON[0]).await {
            Ok(started) => Ok(started),
            Err(first) => Self::start_with(PYTHON[1]).await.map_err(|_| first),
        }
    }

    async fn start_with(python: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct First {
            port: u16,
        }
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.kill_on_drop(true).spawn().map_err(|error| format!("{python}: {error}"))?;
        let stdout = process.stdout.take().ok_or("the mail server has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let Some(first) = lines.next_line().await.map_err(|error| error.to_string())? else {
            let output = process.wait_with_output().await.map_err(|error| error.to_string())?;
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            let hint = "the mail server does not start; it needs the Debian package python3-aiosmtpd";
            return Err(format!("{hint}: {}", errors.lines().last().unwrap_or_default()));
        };
        let First { port } = serde_json::from_str(&first).map_err(|error| format!("{first}: {error}"))?;
        Ok(Self { port, lines, _process: process })
    }

    /// The next mail that arrives.
    pub async fn next_mail(&mut self) -> Result<Mail, Failure> {
        let line = match tokio::time::timeout(TIMEOUT, self.lines.next_line()).await {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => return Err("the mail server ended".to_owned()),
            Ok(Err(error)) => return Err(format!("the mail server: {error}")),
            Err(_) => return Err(format!("no mail arrived for {} seconds", TIMEOUT.as_secs())),
        };
        serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))
    }
}

impl Mail {
    /// How it reads: the headers that matter to a reader or its mail program, and the text.
    pub fn block(&self) -> String {
        let shown = ["From", "To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"];
        let headers = self.headers.iter().filter(|(name, _)| shown.iter().any(|own| name.eq_ignore_ascii_case(own)));
        let headers: String = headers.flat_map(|(name, value)| [name, ": ", value, "\n"]).collect();
        format!("{headers}\n{}", self.text.trim())
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first link in the text that begins so.
    pub fn link(&self, begin: &str) -> Option<&str> {
        let start = self.text.find(begin)?;
        self.text[start..].split_whitespace().next()
    }
}
