//! Upgrades of the embedded store: data directories that programs of before wrote, as samples in `data`, are opened, served and used by
//! the present program. What their own program showed of them is in the sample; `write-data` made both.
//!
//! A stored form of its own has samples in `crates/storage/tests/stored`; this is about whole directories.

#[path = "../support/process.rs"]
mod process;
#[path = "../support/program.rs"]
mod program;
mod receivers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use egress::{Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, HeaderValue, Method};
use process::Process;
use serde_json::{Value, json};

use receivers::Receivers;

/// How long anything may take before the test fails; far more than is needed.
const PATIENCE: Duration = Duration::from_mins(5);
/// What the configuration of a sample has.
const SECRET: &str = "sample-secret-sample-secret-sample-secret";
/// The samples; each has a test.
const SAMPLES: [&str; 2] = ["2026-11-30-ad624b2", "2026-12-01"];
const STRUCTURED: &str = "application/cloudevents+json";

/// A copy of a sample.
struct Sample {
    directory: tempfile::TempDir,
    /// What the program that wrote it showed.
    shown: Value,
    port: u16,
    config: PathBuf,
}

impl Sample {
    fn unpack(name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade/data").join(format!("{name}.tar.gz"));
        let done = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(directory.path()).status();
        assert!(done.expect("tar").success(), "{}", archive.display());
        let shown = std::fs::read_to_string(directory.path().join("expected.json")).expect("what was shown");
        let (port, config) = (free_port::free_port(), directory.path().join("gateway.toml"));
        let text = format!(
            r#"
            listen = "127.0.0.1:{port}"
            data = {data}
            origin = "gateway.test"
            source = "urn:nld:oin:00000000000000000000:systeem:gateway"
            retention_days = 36500
            [egress]
            allow = ["127.0.0.0/8"]
            allow_http = ["127.0.0.0/8"]
            [[applicatie]]
            client_id = "sample"
            secret = "{SECRET}"
            scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
            "#,
            data = json!(directory.path().join("data")),
        );
        std::fs::write(&config, text).expect("the configuration");
        Self { directory, shown: serde_json::from_str(&shown).expect("JSON"), port, config }
    }

    fn id(&self, name: &str) -> &str {
        self.shown["ids"][name].as_str().unwrap_or_else(|| panic!("no subscription {name}"))
    }

    fn rows(&self, list: &str) -> &[Value] {
        self.shown[list].as_array().unwrap_or_else(|| panic!("no list {list}"))
    }

    /// Runs a command of the present program on it; what it prints, when it finds nothing wrong.
    fn examine(&self, arguments: &[&str]) -> String {
        let done =
            Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).arg("--config").arg(&self.config).output();
        let done = done.expect("the program starts");
        let printed = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(done.status.success(), "gateway {}: {printed}", arguments.join(" "));
        printed
    }

    /// A program on it; `newest` is the newest version of a stored form that it knows, when it is to know less than all of them.
    fn command(&self, newest: Option<u32>) -> Command {
        let mut command = program::serve(&self.config);
        if let Some(newest) = newest {
            command.env("STORAGE_TEST_MAX_VERSION", newest.to_string());
        }
        command
    }

    /// How a program with less knowledge ends that refuses it, and what it prints.
    async fn refuse(&self, newest: u32) -> (ExitStatus, String) {
        let file = self.directory.path().join("refused.log");
        let log = std::fs::File::create(&file).expect("a log");
        let mut process = Process::start(self.command(Some(newest)).stderr(log));
        let ended = async {
            loop {
                if let Some(status) = process.0.try_wait().expect("its end") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let status = tokio::time::timeout(PATIENCE, ended).await.expect("it ends");
        (status, std::fs::read_to_string(file).expect("a log"))
    }

    async fn serve(&self, newest: Option<u32>) -> Node {
        let local = || vec!["127.0.0.0/8".parse().expect("a range")];
        let policy = Policy { allow: local(), allow_http: local() };
        let http = Egress::new(Settings { policy, ..Settings::default() }).expect("a client");
        let token = program::token(&self.config, "sample");
        let process = Process::start(self.command(newest).stderr(Stdio::null()));
        let node = Node { base: format!("http://127.0.0.1:{}", self.port), token, http, process };
        node.until("ready", async || {
            node.try_send(Method::GET, "/readyz", None).await.filter(|(status, _)| *status == 200)
        })
        .await;
        node
    }
}

struct Node {
    base: String,
    token: String,
    http: Egress,
    process: Process,
}

impl Node {
    /// The answer as status and JSON; `None` when there is none.
    async fn try_send(&self, method: Method, path: &str, body: Option<(&str, &Value)>) -> Option<(u16, Value)> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {}", self.token)).ok()?);
        if let Some((kind, _)) = body {
            headers.insert("content-type", HeaderValue::from_str(kind).ok()?);
        }
        let url = format!("{}{path}", self.base).parse().ok()?;
        let body = body.map(|(_, body)| body.to_string()).unwrap_or_default();
        let request = Request { method, url, headers, body: body.into(), tls: None };
        let limits = Limits { total: PATIENCE, idle: PATIENCE, keep: 8 << 20, ..Limits::default() };
        let answer = self.http.send(request, limits).await.ok()?;
        Some((answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_send(Method::GET, path, None).await.expect("an answer");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.get(&format!("{path}?pageSize=500")).await;
        answer["results"].as_array().cloned().unwrap_or_default()
    }

    async fn post(&self, path: &str, kind: &str, body: Value, wanted: u16) -> Value {
        let (status, answer) = self.try_send(Method::POST, path, Some((kind, &body))).await.expect("an answer");
        assert_eq!(status, wanted, "{path}: {answer}");
        answer
    }

    async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
        let asking = async {
            loop {
                if let Some(found) = ask().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    /// Stops it in order.
    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.process.0.id().to_string()]).status();
        assert!(told.expect("kill").success());
        assert!(self.process.0.wait().expect("its end").success(), "it ends in order");
    }
}

/// Whether everything that `old` has is in `new`, apart from URLs, which have the port of their gateway.
fn includes(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            old.iter().all(|(name, old)| name == "url" || new.get(name).map_or(old.is_null(), |new| includes(new, old)))
        }
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| includes(new, old))
        }
        _ => new == old,
    }
}

/// Asserts that each old row has a new one with the same value of `key`, which includes these members of it.
fn assert_rows(what: &str, new: &[Value], old: &[Value], key: &str, members: &[&str]) {
    assert!(!old.is_empty(), "the sample has {what}");
    for row in old {
        let found = new.iter().find(|new| new[key] == row[key]);
        let found = found.unwrap_or_else(|| panic!("{what}: {} is gone", row[key]));
        for member in members {
            assert!(
                includes(&found[*member], &row[*member]),
                "{what} {}: {member} was {} and is {}",
                row[key],
                row[*member],
                found[*member]
            );
        }
    }
}

fn event(id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:nld:oin:00000000000000000000:systeem:sample",
        "type": "nl.overheid.zaken.zaak-geopend", "subject": "zaak-2", "data": {"nieuw": true}
    })
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Everything that the old program showed is there.
async fn assert_kept(sample: &Sample, node: &Node) {
    assert_rows(
        "kanaal",
        &node.rows("/v1/kanalen").await,
        sample.rows("kanalen"),
        "naam",
        &["filters", "typeRoutes", "owner", "approval", "retentionDays"],
    );
    let members = ["sink", "types", "filters", "config", "owner", "created", "approvals"];
    let subscriptions = node.rows("/v1/subscriptions").await;
    assert_rows("subscription", &subscriptions, sample.rows("subscriptions"), "id", &members);
    for row in sample.rows("subscriptions").iter().filter(|row| row["id"] != sample.id("failing")) {
        let found = subscriptions.iter().find(|found| found["id"] == row["id"]).expect("it was found above");
        assert_eq!(found["status"]["state"], row["status"]["state"], "{found}");
    }
    assert_rows(
        "event",
        &node.rows("/v1/events").await,
        sample.rows("events"),
        "id",
        &["source", "type", "subject", "kanaal", "partition", "position", "accepted"],
    );
    for content in sample.rows("contents") {
        let id = content["id"].as_str().expect("an id");
        let now = node.get(&format!("/v1/events/{id}")).await;
        assert!(includes(&now, content), "the event {content} is {now}");
    }
    let members = ["subscription", "event", "outcome", "reason", "lastStatus", "attempts", "at"];
    assert_rows("dead letter", &node.rows("/v1/dead-letters").await, sample.rows("deadLetters"), "id", &members);
    for (name, old) in sample.shown["deliveries"].as_object().expect("deliveries") {
        let now = node.rows(&format!("/v1/subscriptions/{}/deliveries", sample.id(name))).await;
        for old in old.as_array().expect("rows").iter().filter(|old| !old["outcome"].is_null()) {
            let found = now.iter().find(|now| now["event"]["id"] == old["event"]["id"]);
            assert!(found.is_some_and(|now| now["outcome"] == old["outcome"]), "{name}: {old} is {found:?}");
        }
    }
    let abonnement = node.get(&format!("/api/v1/abonnement/{}", sample.id("abonnement"))).await;
    assert!(abonnement["callbackUrl"].as_str().is_some_and(|url| url.ends_with("/abonnement")), "{abonnement}");
}

async fn upgrade(name: &str) {
    let sample = Sample::unpack(name);
    sample.examine(&["verify"]);
    sample.examine(&["audit", "deliveries"]);
    let receivers = Receivers::start(sample.shown["address"].as_str().expect("an address")).await;
    let node = sample.serve(None).await;
    assert_kept(&sample, &node).await;

    // Deliveries go on where they were: a new event arrives, and nothing of before comes again.
    node.post("/v1/events?kanaal=zaken", STRUCTURED, event("after-1"), 202).await;
    for path in ["/open", "/binary", "/batch", "/order", "/prefix", "/headers"] {
        node.until(path, async || receivers.has(path, "after-1").then_some(())).await;
        assert_eq!(receivers.ids(path), set(&["after-1"]), "{path} gets what came later, and nothing else");
    }
    assert_eq!(receivers.credentials("/open"), set(&["Bearer sample-token"]), "sealed by the old program");
    assert!(receivers.headers("/headers", "x-tenant").iter().all(|value| value == "a"));

    // What was under way goes on, and what was paused is behind by what it did not get.
    let open = sample.shown["deliveries"]["failing"].as_array().expect("rows");
    let done = open.iter().filter(|row| !row["outcome"].is_null()).filter_map(|row| row["event"]["id"].as_str());
    let done: BTreeSet<&str> = done.collect();
    let zaken = sample.rows("events").iter().filter(|row| row["kanaal"] == "zaken");
    let wanted: BTreeSet<String> = zaken
        .filter_map(|row| row["id"].as_str())
        .filter(|id| !done.contains(id))
        .chain(["after-1"])
        .map(str::to_owned)
        .collect();
    node.until("what failed", async || (receivers.ids("/failing") == wanted).then_some(())).await;
    node.post(&format!("/v1/subscriptions/{}/resume", sample.id("paused")), "application/json", json!({}), 200).await;
    let paused = set(&["sample-30", "sample-31", "sample-32", "after-1"]);
    node.until("what was paused", async || (receivers.ids("/paused") == paused).then_some(())).await;

    // A dead letter is delivered again, and a subscription that waited for approval gets what waited with it.
    let letter = &sample.rows("deadLetters")[0];
    let path = format!("/v1/dead-letters/{}/redrive", letter["id"].as_str().expect("an id"));
    node.post(&path, "application/json", json!({}), 202).await;
    let id = letter["event"]["id"].as_str().expect("an id");
    node.until("the dead letter", async || receivers.has("/refusing", id).then_some(())).await;
    let path = format!("/v1/kanalen/besloten/subscriptions/{}/approve", sample.id("awaiting"));
    node.post(&path, "application/json", json!({}), 200).await;
    node.until("what was approved", async || receivers.has("/awaiting", "sample-20").then_some(())).await;
    node.stop();

    // What the present program made of it is in order, and opens again.
    sample.examine(&["verify"]);
    sample.examine(&["audit", "verify"]);
    sample.examine(&["audit", "deliveries"]);
    let node = sample.serve(None).await;
    node.post("/v1/events?kanaal=zaken", STRUCTURED, event("after-2"), 202).await;
    node.until("after a second start", async || receivers.has("/open", "after-2").then_some(())).await;
    assert_eq!(receivers.ids("/open"), set(&["after-1", "after-2"]));
    node.stop();
    drop(sample.directory);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_of_ad624b2_opens_and_serves() {
    upgrade(SAMPLES[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_of_1_december_opens_and_serves() {
    upgrade(SAMPLES[1]).await;
}

#[test]
fn every_sample_has_a_test() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade/data");
    let files = std::fs::read_dir(directory).expect("the samples");
    let names: BTreeSet<String> =
        files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    let expected: BTreeSet<String> = SAMPLES.iter().map(|name| format!("{name}.tar.gz")).collect();
    assert_eq!(names, expected);
}

/// The newest version of a stored form that the program of the first sample knew.
const KNOWN_THEN: u32 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_works_until_a_newer_form_is_stored() {
    let sample = Sample::unpack(SAMPLES[0]);
    sample.serve(None).await.stop();
    let node = sample.serve(Some(KNOWN_THEN)).await;
    assert_eq!(node.rows("/v1/subscriptions").await.len(), sample.rows("subscriptions").len());
    node.stop();
    let node = sample.serve(None).await;
    let body = json!({
        "sink": "http://127.83.21.9:18099/new", "protocol": "HTTP",
        "config": {"kanalen": ["zaken"], "name": "a member of version 5", "validation": "manual", "agreement": "sample"}
    });
    node.post("/v1/subscriptions", "application/json", body, 201).await;
    node.stop();
    let (status, printed) = sample.refuse(KNOWN_THEN).await;
    assert!(!status.success(), "{printed}");
    assert!(printed.contains("a stored subscription has version 5; this program knows up to 2"), "{printed}");
}
