//! The log lines of the program about single events, and the fields by which they can be searched.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use http::Method;
use model::{Clock, clock::SystemClock};
use serde_json::{Value, json};
use web::auth::jwt;

use crate::support::{Client, Sink, eventually};

const SECRET: &str = "the long enough secret of the tests";

/// A gateway in a process of its own, and the lines of its log.
struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
    client: Client,
    _directory: tempfile::TempDir,
}

impl Process {
    async fn start(level: &str, sink: &Sink) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gateway.toml");
        let text = format!(
            r#"
listen = "127.0.0.1:0"
data = "{}"
origin = "gateway.test"
[log]
format = "json"
level = "{level}"
[egress]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]
[delivery.retry]
factor = 0.01
base = 1.0
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
            sink.url("/hook?token=not-for-logs")
        );
        std::fs::write(&file, text).expect("the configuration");
        let mut child = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["serve", "--config"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway starts");
        let output = child.stderr.take().expect("its log");
        let lines = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let address = eventually("the address", || async {
            let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.iter().find_map(|line| line["address"].as_str().map(str::to_owned))
        })
        .await;
        let token = jwt::mint("tests", SECRET.as_bytes(), SystemClock::default().now());
        let client = Client::new(format!("http://{address}"), Some(token));
        Self { child, lines, client, _directory: directory }
    }

    /// The lines about single events.
    fn event_lines(&self) -> Vec<Value> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| line["target"] == "events").cloned().collect()
    }

    async fn notify(&self, actie: &str) {
        let body = json!({
            "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
            "resourceUrl": "https://z.nl/statussen/1", "actie": actie, "aanmaakdatum": "2025-01-01T12:00:00Z",
            "kenmerken": {},
        });
        self.client.post("/api/v1/notificaties", body).await.expect(201);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The texts of lines about events with this value, sorted: a delivery may be logged before the acceptance.
fn texts<'a>(events: &'a [Value], name: &str, value: &str) -> Vec<&'a str> {
    let lines = events.iter().filter(|line| line[name] == value);
    let mut texts: Vec<&str> = lines.filter_map(|line| line["message"].as_str()).collect();
    texts.sort_unstable();
    texts
}

/// The line with this text about the notification with this actie.
fn line<'a>(events: &'a [Value], actie: &str, text: &str) -> &'a Value {
    events.iter().find(|line| line["actie"] == actie && line["message"] == text).expect("a line")
}

#[tokio::test]
async fn the_log_says_what_happened_to_an_event() {
    let sink = Sink::start().await;
    let process = Process::start("info,events=debug", &sink).await;
    sink.answers(&[500, 204]);
    process.notify("create").await;
    sink.wait(Method::POST, 2).await;
    sink.answers(&[400]);
    process.notify("destroy").await;
    process.client.publish("zaken", "ce-1", json!({})).await.expect(202);
    let events = eventually("every line", || async {
        let events = process.event_lines();
        let count = |text: &str| events.iter().filter(|line| line["message"] == text).count();
        (count("accepted") == 3 && count("delivered") == 1 && count("delivery given up") == 2).then_some(events)
    })
    .await;

    assert_eq!(texts(&events, "actie", "create"), ["accepted", "delivered", "delivery failed"]);
    assert_eq!(texts(&events, "actie", "destroy"), ["accepted", "delivery failed", "delivery given up"]);
    assert_eq!(texts(&events, "event_id", "ce-1"), ["accepted", "delivery failed", "delivery given up"]);
    let created: Vec<&Value> = events.iter().filter(|line| line["actie"] == "create").collect();
    for line in &created {
        assert_eq!(line["event_id"], created[0]["event_id"], "one id from acceptance to delivery: {line}");
        assert_eq!((&line["kanaal"], &line["resource"]), (&json!("zaken"), &json!("status")));
        assert_eq!(line["type"], "nl.overheid.zaken.status.create");
    }
    assert_eq!(line(&events, "create", "accepted")["client_id"], "tests");
    let (failed, delivered) = (line(&events, "create", "delivery failed"), line(&events, "create", "delivered"));
    let attempt = |line: &Value| (line["attempt"].clone(), line["status"].clone(), line["level"].clone());
    assert_eq!(attempt(failed), (json!(1), json!(500), json!("INFO")));
    assert_eq!(attempt(delivered), (json!(2), json!(204), json!("DEBUG")));
    assert_eq!(failed["subscription"], delivered["subscription"]);
    let given_up = line(&events, "destroy", "delivery given up");
    assert_eq!((&given_up["outcome"], &given_up["level"]), (&json!("refused"), &json!("WARN")));
    let letter = given_up["dead_letter"].as_str().expect("where it is");
    process.client.get(&format!("/v1/dead-letters/{letter}")).await.expect(200);
    assert!(events.iter().all(|line| !line.to_string().contains("not-for-logs")));
}

#[tokio::test]
async fn by_default_only_what_went_wrong_is_told() {
    let sink = Sink::start().await;
    let process = Process::start("info", &sink).await;
    process.notify("create").await;
    sink.wait(Method::POST, 1).await;
    sink.answers(&[400]);
    process.notify("destroy").await;
    let events = eventually("it was given up", || async {
        let events = process.event_lines();
        events.iter().any(|line| line["message"] == "delivery given up").then_some(events)
    })
    .await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events.iter().all(|line| line["actie"] == "destroy"));
}
