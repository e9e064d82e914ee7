//! Standard output and error of the built program when nobody reads them, or no longer.

use std::{
    io::{PipeReader, PipeWriter, pipe},
    process::{Command, Stdio},
};

use http::Method;
use model::{Clock, clock::SystemClock};
use serde_json::json;
use web::auth::jwt;

use crate::support::{Client, Sink, eventually, process::Process};

const SECRET: &str = "the long enough secret of the tests";

/// A gateway that logs everything to this pipe, and a client of it.
struct Logging {
    client: Client,
    _process: Process,
    _directory: tempfile::TempDir,
}

impl Logging {
    fn start(sink: &Sink, output: PipeWriter) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gateway.toml");
        let port = free_port::free_port();
        let text = format!(
            r#"
listen = "127.0.0.1:{port}"
data = "{}"
origin = "gateway.test"
[log]
level = "trace"
[egress]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]
[[applicatie]]
client_id = "tests"
secret = "{SECRET}"
scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
[[kanaal]]
naam = "zaken"
[[subscription]]
id = "ontvanger"
sink = "{}"
"#,
            directory.path().join("data").display(),
            sink.url("/hook")
        );
        std::fs::write(&file, text).expect("the configuration");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["serve", "--config"]).arg(&file).stderr(output);
        let process = Process::start(&mut command);
        let token = jwt::mint("tests", SECRET.as_bytes(), SystemClock::default().now());
        let client = Client::new(format!("http://127.0.0.1:{port}"), Some(token));
        Self { client, _process: process, _directory: directory }
    }

    async fn is_up(&self) {
        eventually("the gateway", || async {
            let answer = self.client.try_get("/readyz").await?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    async fn dropped(&self) -> u64 {
        let text = self.client.get("/metrics").await.expect(200).body;
        let text = String::from_utf8_lossy(&text).into_owned();
        let count = text.lines().find_map(|line| line.strip_prefix("gateway_log_lines_dropped_total "));
        count.and_then(|count| count.parse().ok()).unwrap_or_default()
    }

    /// Uses the gateway until log lines were dropped; then it still answers and delivers.
    async fn goes_on(&self, sink: &Sink) {
        self.is_up().await;
        eventually("dropped lines", || async {
            for _ in 0..50 {
                self.client.get("/livez").await.expect(200);
            }
            (self.dropped().await > 0).then_some(())
        })
        .await;
        for number in 1..=5 {
            self.client.publish("zaken", &number.to_string(), json!({})).await.expect(202);
        }
        sink.wait(Method::POST, 5).await;
        self.client.get("/livez").await.expect(200);
    }
}

#[tokio::test]
async fn f1_a_gateway_whose_log_nobody_reads_any_more_goes_on() {
    let sink = Sink::start().await;
    let (reader, writer) = pipe().expect("a pipe");
    drop::<PipeReader>(reader);
    Logging::start(&sink, writer).goes_on(&sink).await;
}

#[tokio::test]
async fn f1_a_gateway_whose_log_is_never_read_goes_on() {
    let sink = Sink::start().await;
    let (reader, writer) = pipe().expect("a pipe");
    Logging::start(&sink, writer).goes_on(&sink).await;
    drop(reader);
}

#[test]
fn f1_commands_end_quietly_when_nobody_reads_what_they_print() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/gateway.toml");
    let check = ["check", "--config", sample, "--listen", "127.0.0.1:0", "--data", data.to_str().expect("a path")];
    for arguments in
        [&["schema", "config"][..], &["schema", "problem-types"], &["token", "open-zaak", "--config", sample], &check]
    {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let output = command.args(arguments).stdin(Stdio::null()).stdout(writer).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.is_empty(), "{arguments:?}: {} {said}", output.status);
    }
}
