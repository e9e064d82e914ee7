//! Programs in other languages that talk in lines of JSON on standard output. One that serves runs until its standard
//! input ends or this value is dropped, so none outlives a test.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::Failure;

/// Longest a program may take to start.
const START: Duration = Duration::from_mins(5);

/// A program that serves: its first line has its port, then it prints a line per event it handles.
pub struct Server {
    /// The port on 127.0.0.1.
    pub port: u16,
    name: String,
    lines: UnboundedReceiver<String>,
    input: Option<ChildStdin>,
    _process: Child,
}

impl Server {
    /// Starts it and waits for its line `{"port": …}`. Its standard error is the test's.
    pub async fn start(name: &str, mut command: Command) -> Result<Server, Failure> {
        let fault = |why: String| Failure::Exchange { what: format!("{name} does not start"), why };
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut process = spawned.map_err(|error| fault(error.to_string()))?;
        let stdout = process.stdout.take().ok_or_else(|| fault("no standard output".to_owned()))?;
        // Read immediately, so that the program never blocks on output that the test has not read yet.
        let (sender, lines) = unbounded_channel();
        tokio::spawn(async move {
            let mut read = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = read.next_line().await {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let input = process.stdin.take();
        let mut server = Server { port: 0, name: name.to_owned(), lines, input, _process: process };
        let first = server.line(START).await?;
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        server.port = port.ok_or_else(|| fault(format!("its first line is {first}")))?;
        Ok(server)
    }

    /// Writes a line to its standard input, and waits for the line that answers it.
    pub async fn ask(&mut self, question: &Value) -> Result<Value, Failure> {
        let fault = |why: String| Failure::Exchange { what: self.name.clone(), why };
        let input = self.input.as_mut().ok_or_else(|| fault("no standard input".to_owned()))?;
        let written = input.write_all(format!("{question}\n").as_bytes()).await;
        written.map_err(|error| fault(error.to_string()))?;
        self.line(START).await
    }

    /// Waits for the next line, at most `patience`, and parses it.
    pub async fn line(&mut self, patience: Duration) -> Result<Value, Failure> {
        let fault = |why: String| Failure::Exchange { what: self.name.clone(), why };
        let line = match tokio::time::timeout(patience, self.lines.recv()).await {
            Err(_) => return Err(fault(format!("says nothing for {} s", patience.as_secs()))),
            Ok(None) => return Err(fault("has ended".to_owned())),
            Ok(Some(line)) => line,
        };
        serde_json::from_str(&line).map_err(|error| fault(format!("{error} in the line {line:?}")))
    }
}

/// Runs a program to its end and returns its lines; fails when it fails or prints nothing for longer than `patience`.
pub async fn run(name: &str, mut command: Command, patience: Duration) -> Result<Vec<Value>, Failure> {
    let fault = |why: String| Failure::Exchange { what: name.to_owned(), why };
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn();
    let mut process = spawned.map_err(|error| fault(error.to_string()))?;
    let (Some(mut stdout), Some(mut stderr)) = (process.stdout.take(), process.stderr.take()) else {
        return Err(fault("no output".to_owned()));
    };
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let (mut outputs, mut failing) = (true, true);
    while outputs || failing {
        let some = async {
            tokio::select! {
                read = stdout.read_buf(&mut output), if outputs => outputs = read? > 0,
                read = stderr.read_buf(&mut errors), if failing => failing = read? > 0,
            }
            Ok::<(), std::io::Error>(())
        };
        match tokio::time::timeout(patience, some).await {
            Err(_) => return Err(fault(format!("prints nothing for {} s", patience.as_secs()))),
            Ok(read) => read.map_err(|error| fault(error.to_string()))?,
        }
    }
    let ended = tokio::time::timeout(patience, process.wait()).await;
    let ended = ended.map_err(|_| fault(format!("does not end for {} s", patience.as_secs())))?;
    let status = ended.map_err(|error| fault(error.to_string()))?;
    let output = String::from_utf8_lossy(&output);
    if !status.success() {
        let (command, status, errors) = (name.to_owned(), status.to_string(), String::from_utf8_lossy(&errors));
        return Err(interop_packages::Failure::Command { command, status, output: format!("{output}{errors}") }.into());
    }
    let parse = |line| serde_json::from_str(line).map_err(|error| fault(format!("{error} in the line {line:?}")));
    output.lines().map(parse).collect()
}
