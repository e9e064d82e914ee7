//! A small HTTP client for the gateway's own API: one request, one answer with JSON. Plain http, no pool, no retries.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::Failure;

/// Longest an answer may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// Sends one request, with a bearer token unless it is empty; the answer's body is null when it is no JSON.
pub async fn send(method: &str, url: &str, token: &str, body: Option<&Value>) -> Result<(u16, Value), Failure> {
    send_as("application/json", method, url, token, body).await
}

/// The same, with a content type for the body.
pub async fn send_as(
    content_type: &str,
    method: &str,
    url: &str,
    token: &str,
    body: Option<&Value>,
) -> Result<(u16, Value), Failure> {
    let fault = |why: String| Failure::Exchange { what: format!("{method} {url}"), why };
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| fault(error.to_string()))?;
    let mut request = Request::builder().method(method).uri(url);
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    if body.is_some() {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let request = request.body(Full::new(bytes)).map_err(|error| fault(error.to_string()))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let exchange = async {
        let answer = client.request(request).await.map_err(|error| fault(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|error| fault(error.to_string()))?;
        Ok((status, serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null)))
    };
    let timely = tokio::time::timeout(PATIENCE, exchange).await;
    timely.unwrap_or_else(|_| Err(fault(format!("no answer within {} s", PATIENCE.as_secs()))))
}
