//! An HTTP client of one node, with the token of one applicatie.

use std::{sync::Arc, time::Duration};

use egress::{Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, Method, StatusCode};
use model::{Random, clock::SystemRandom};
use serde_json::{Value, json};

use super::eventually;

/// An answer of a node, with its body as text.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }
}

/// Sends requests to one node.
#[derive(Clone)]
pub struct Client {
    http: Arc<Egress>,
    base: String,
    token: String,
}

impl Client {
    pub fn new(base: String, token: String) -> Self {
        let loopback = || vec!["127.0.0.0/8".parse().expect("a CIDR")];
        let policy = Policy { allow: loopback(), allow_http: loopback() };
        let http = Egress::new(Settings { policy, ..Settings::default() }).expect("a client");
        Self { http: Arc::new(http), base, token }
    }

    /// `None` when the node does not answer.
    pub async fn send(&self, method: Method, path: &str, kind: &str, body: String) -> Option<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().expect("a header"));
        self.ask(method, path, headers, body).await
    }

    async fn ask(&self, method: Method, path: &str, mut headers: HeaderMap, body: String) -> Option<Answer> {
        headers.insert("authorization", format!("Bearer {}", self.token).parse().expect("a header"));
        self.ask_as(method, path, headers, body).await
    }

    /// Sends a request with these headers alone; `None` when the node does not answer.
    pub async fn ask_as(&self, method: Method, path: &str, headers: HeaderMap, body: String) -> Option<Answer> {
        let url = format!("{}{path}", self.base).parse().expect("a URL");
        let request = Request { method, url, headers, body: body.into(), tls: None };
        let limits =
            Limits { total: Duration::from_mins(3), idle: Duration::from_mins(3), keep: 4 << 20, ..Limits::default() };
        let answer = self.http.send(request, limits).await.ok()?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Some(Answer { status: answer.status, headers: answer.headers, body })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "application/json", String::new()).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, "application/json", body.to_string()).await.expect("an answer")
    }

    /// Publishes events on a kanaal; the status, or `None` when the node does not answer.
    pub async fn publish(&self, kanaal: &str, events: &[Value]) -> Option<Answer> {
        let path = format!("/v1/events?kanaal={kanaal}");
        let (kind, body) = match events {
            [one] => ("application/cloudevents+json", one.to_string()),
            many => ("application/cloudevents-batch+json", Value::from(many).to_string()),
        };
        self.send(Method::POST, &path, kind, body).await
    }

    /// Creates a subscription; returns its id. While the answer is 503 it repeats the request with the same idempotency key.
    pub async fn subscribe(&self, kanaal: &str, sink: &str, mut config: Value) -> String {
        config["kanalen"] = json!([kanaal]);
        let body = json!({"protocol": "HTTP", "sink": sink, "config": config}).to_string();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().expect("a header"));
        headers.insert("idempotency-key", SystemRandom.uuid().to_string().parse().expect("a header"));
        let answer = eventually("decision on a subscription", async || {
            let asked = self.ask(Method::POST, "/v1/subscriptions", headers.clone(), body.clone()).await;
            asked.filter(|answer| answer.status != StatusCode::SERVICE_UNAVAILABLE)
        });
        let answer = answer.await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// The state of a subscription as this node reports it.
    pub async fn state(&self, id: &str) -> Value {
        self.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json()["status"].clone()
    }

    /// The value of a metric, over all its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").await.expect(200).body;
        let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        // The sum of nothing would be -0.
        text.lines().filter(of_name).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum::<f64>() + 0.0
    }
}

/// An event with a key to be kept in order by.
pub fn event(id: &str, key: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:nld:oin:00000000000000000000:systeem:kafka",
        "type": "nl.overheid.zaken.gebeurd", "partitionkey": key, "data": {"vulling": "x".repeat(300)}
    })
}
