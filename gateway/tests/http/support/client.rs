//! An HTTP client with the token of one applicatie.

use bytes::Bytes;
use egress::{Cidr, Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use super::PATIENCE;

/// Sends requests to one gateway.
pub struct Client {
    base: String,
    token: Option<String>,
    egress: Egress,
}

/// An answer of the gateway.
#[derive(Debug)]
pub struct Answer {
    /// Its status code.
    pub status: StatusCode,
    /// Its headers, as received.
    pub headers: HeaderMap,
    /// Its body, not decoded.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// A problem document with this status, its last part of `type`, and the member of its first error, if any.
    #[track_caller]
    pub fn problem(self, status: u16) -> (String, Option<String>) {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let document = answer.json();
        assert_eq!(document["status"], status);
        let kind = document["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default();
        (kind.to_owned(), document["errors"][0]["member"].as_str().map(str::to_owned))
    }

    /// The first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// A client of the gateway at `base`.
    pub fn new(base: String, token: Option<String>) -> Self {
        let local: Vec<Cidr> = vec!["127.0.0.0/8".parse().expect("a range")];
        let policy = Policy { allow: local.clone(), allow_http: local };
        let egress = Egress::new(Settings { policy, ..Settings::default() }).expect("a client");
        Self { base, token, egress }
    }

    /// Sends a request with a body of any type.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        // Links in answers are whole URLs.
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            sent.append(name, HeaderValue::from_str(value).expect("a header value"));
        }
        if let Some(token) = &self.token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token");
            sent.entry(header::AUTHORIZATION).or_insert(value);
        }
        let request = Request { method, url: url.parse().expect("a URL"), headers: sent, body: body.into(), tls: None };
        let limits = Limits { total: PATIENCE, idle: PATIENCE, keep: 8 * 1024 * 1024, ..Limits::default() };
        let response = self.egress.send(request, limits).await.expect("the gateway answers");
        Answer { status: response.status, headers: response.headers, body: response.body }
    }

    /// Sends `GET`; `None` when nobody answers.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        let url = format!("{}{path}", self.base).parse().expect("a URL");
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new(), tls: None };
        let response = self.egress.send(request, Limits::default()).await.ok()?;
        Some(Answer { status: response.status, headers: response.headers, body: response.body })
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Sends `GET` without a body.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// Sends `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, &body).await
    }

    /// Sends `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, &body).await
    }

    /// Sends `PATCH` with a merge patch (RFC 7396).
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, &body).await
    }

    /// Sends `DELETE` without a body.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], "").await
    }

    /// Publishes a structured CloudEvent with these members beside the required ones.
    pub async fn publish(&self, kanaal: &str, id: &str, more: Value) -> Answer {
        let mut event = serde_json::json!({
            "specversion": "1.0", "id": id, "source": "urn:test", "type": format!("nl.overheid.{kanaal}.iets"),
            "datacontenttype": "application/json", "data": {"n": 1},
        });
        if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
            event.extend(more.clone());
        }
        let path = format!("/v1/events?kanaal={kanaal}");
        let headers = [("content-type", "application/cloudevents+json")];
        self.send(Method::POST, &path, &headers, event.to_string()).await
    }
}
