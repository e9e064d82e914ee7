//! Two gateways as programs of their own that deliver to each other: an event goes to the other one once, and what comes
//! back ends as a dead letter that names the loop.

#[path = "support/process.rs"]
mod process;
#[path = "support/program.rs"]
mod program;

use std::{path::PathBuf, time::Duration};

use egress::{Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, HeaderValue, Method};
use process::Process;
use serde_json::{Value, json};

/// How long anything may take before the test fails; far more than is needed.
const PATIENCE: Duration = Duration::from_mins(5);
const SECRET: &str = "a secret that is long enough for both";

/// A gateway that runs as a program.
struct Node {
    base: String,
    token: String,
    http: Egress,
    _process: Process,
    _directory: tempfile::TempDir,
}

impl Node {
    async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port = free_port::free_port();
        let config: PathBuf = directory.path().join("gateway.toml");
        let data = directory.path().join("data").display().to_string();
        let text = format!(
            r#"
            listen = "127.0.0.1:{port}"
            data = {data:?}
            [egress]
            allow = ["127.0.0.0/8"]
            allow_http = ["127.0.0.0/8"]
            [log]
            level = "warn"
            [[applicatie]]
            client_id = "beheer"
            secret = "{SECRET}"
            scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
            [[kanaal]]
            naam = "zaken"
            "#
        );
        std::fs::write(&config, text).expect("a file");
        let process = Process::start(&mut program::serve(&config));
        let local = || vec!["127.0.0.0/8".parse().expect("a range")];
        let policy = Policy { allow: local(), allow_http: local() };
        let http = Egress::new(Settings { policy, ..Settings::default() }).expect("a client");
        let token = program::token(&config, "beheer");
        let node =
            Self { base: format!("http://127.0.0.1:{port}"), token, http, _process: process, _directory: directory };
        let ready = async || node.try_send(Method::GET, "/readyz", None).await.filter(|(status, _)| *status == 200);
        node.until("it is ready", ready).await;
        node
    }

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
        let response = self
            .http
            .send(
                request,
                Limits {
                    total: Duration::from_mins(2),
                    idle: Duration::from_mins(2),
                    keep: 1_048_576,
                    ..Limits::default()
                },
            )
            .await
            .ok()?;
        Some((response.status.as_u16(), serde_json::from_slice(&response.body).unwrap_or_default()))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_send(Method::GET, path, None).await.expect("an answer");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, kind: &str, body: Value) -> (u16, Value) {
        self.try_send(Method::POST, path, Some((kind, &body))).await.expect("an answer")
    }

    /// Delivers everything to `path` of another gateway.
    async fn deliver_to(&self, other: &Node, path: &str, format: &str) {
        let body = json!({
            "sink": format!("{}{path}", other.base), "protocol": "HTTP",
            "sinkcredential": {"credentialtype": "ZGW", "clientid": "beheer", "clientsecret": SECRET},
            "config": {"kanalen": ["zaken"], "format": format, "validation": "manual", "agreement": "test"},
        });
        let (status, body) = self.post("/v1/subscriptions", "application/json", body).await;
        assert_eq!(status, 201, "{body}");
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
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{what} at {}", self.base))
    }

    async fn events(&self) -> u64 {
        self.get("/v1/events").await["results"].as_array().map_or(0, Vec::len) as u64
    }
}

#[tokio::test]
async fn d4_two_gateways_that_deliver_to_each_other_end_it_after_one_round() {
    let (one, two) = tokio::join!(Node::start(), Node::start());
    one.deliver_to(&two, "/v1/events", "structured").await;
    two.deliver_to(&one, "/v1/events", "binary").await;
    two.deliver_to(&one, "/api/v1/notificaties", "legacy").await;
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "urn:test", "type": "nl.overheid.zaken.zaak-geopend",
        "datacontenttype": "application/json", "data": {"n": 1},
    });
    let (status, body) = one.post("/v1/events", "application/cloudevents+json", event).await;
    assert_eq!(status, 202, "{body}");

    let letter = two.until("a dead letter", async || {
        let letters = two.get("/v1/dead-letters").await;
        let found = letters["results"].as_array()?.iter().find(|letter| letter.to_string().contains("(loop)"))?.clone();
        Some(found)
    });
    let letter = letter.await;
    assert_eq!((&letter["event"]["id"], &letter["outcome"]), (&json!("1"), &json!("refused")), "{letter}");

    // In the format of a notificatie it comes back as another event, which is refused as well.
    let notificatie = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/1", "resource": "zaak", "resourceUrl": "https://z.nl/1",
        "actie": "create", "aanmaakdatum": "2026-01-01T00:00:00Z", "kenmerken": {},
    });
    let (status, body) = one.post("/api/v1/notificaties", "application/json", notificatie).await;
    assert_eq!(status, 201, "{body}");
    two.until("the other dead letters", async || {
        let letters = two.get("/v1/dead-letters").await;
        let looped = letters["results"].as_array()?.iter().filter(|letter| letter.to_string().contains("lus")).count();
        (looped >= 1).then_some(())
    })
    .await;
    two.until("both events", async || (two.events().await == 2).then_some(())).await;
    one.until("both events", async || (one.events().await >= 2).then_some(())).await;
    assert_eq!(one.events().await, 2, "nothing came back");
}
