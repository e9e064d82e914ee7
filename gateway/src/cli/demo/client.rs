//! The client of the demonstration: plain requests with a token, through the same way out as everything else.

use std::time::Duration;

use bytes::Bytes;
use egress::{Cidr, Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use super::Failure;

/// Longest answer that is read, in bytes.
const MOST: usize = 1024 * 1024;

/// Sends requests to one gateway.
pub struct Client {
    base: String,
    token: Option<String>,
    egress: Egress,
}

/// What the gateway answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; empty for none.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| format!("the answer is not JSON: {error}"))
    }
}

impl Client {
    /// A client of the gateway at `base` (`http://address:port`).
    pub fn new(base: String, token: String) -> Result<Self, Failure> {
        Self::with(base, Some(token))
    }

    /// The same without a token, as somebody who opens a page.
    pub fn without_token(base: String) -> Result<Self, Failure> {
        Self::with(base, None)
    }

    fn with(base: String, token: Option<String>) -> Result<Self, Failure> {
        let local: Vec<Cidr> = ["127.0.0.0/8", "::1/128"].iter().filter_map(|range| range.parse().ok()).collect();
        let policy = Policy { allow: local.clone(), allow_http: local };
        let egress = Egress::new(Settings { policy, ..Settings::default() }).map_err(|error| error.to_string())?;
        Ok(Self { base, token, egress })
    }

    /// Sends one request; an answer that is neither success nor a redirect is a failure with its text.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.base);
        let mut sent = HeaderMap::new();
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let authorization = bearer.as_deref().map(|bearer| (header::AUTHORIZATION.as_str(), bearer));
        for (name, value) in headers.iter().copied().chain(authorization) {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            sent.insert(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
        }
        let request = Request {
            method: method.clone(),
            url: url.parse().map_err(|_| format!("{url} is not a URL"))?,
            headers: sent,
            body: Bytes::copy_from_slice(body.as_bytes()),
            tls: None,
        };
        let limits = Limits { total: Duration::from_secs(10), keep: MOST, ..Limits::default() };
        let response = self.egress.send(request, limits).await.map_err(|error| format!("{method} {path}: {error}"))?;
        if !response.status.is_success() && !response.status.is_redirection() {
            let text = String::from_utf8_lossy(&response.body);
            return Err(format!("{method} {path} got {}: {text}", response.status));
        }
        Ok(Answer { status: response.status, body: response.body })
    }
}
