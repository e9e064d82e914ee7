//! The HTTP client of the measurements: posts messages as fast as answers come, or at a fixed rate. Keeps one
//! connection for each request under way. Depends on no API of the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::http::request::Builder;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::task::JoinSet;

use super::event_times::EventTimes;
use super::messages::Shape;
use super::statistics::percentile;
use super::token::TokenSigner;
use crate::workspace::Failure;

/// How long one request may take before it counts as refused.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    token: Token,
}

#[derive(Clone)]
enum Token {
    None,
    Same(Arc<str>),
    New(Arc<TokenSigner>),
}

/// When a load ends.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    Count(u64),
}

/// The counts and durations of a load.
#[derive(Default)]
pub struct Tally {
    pub accepted: u64,
    pub refused: u64,
    pub first_refusal: Option<String>,
    pub took: Duration,
    /// Milliseconds from request to answer, sorted.
    durations: Vec<f64>,
}

impl Tally {
    pub fn rate(&self) -> f64 {
        self.accepted as f64 / self.took.as_secs_f64()
    }

    pub fn percentile(&self, share: f64) -> f64 {
        percentile(&self.durations, share)
    }

    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.first_refusal = self.first_refusal.take().or(other.first_refusal);
        self.durations.extend(other.durations);
    }
}

/// Counts the loads of this process, so that ids of messages never repeat.
static LOADS: AtomicU64 = AtomicU64::new(0);

impl Client {
    /// A client that sends this bearer token, or none.
    pub fn new(token: Option<&str>) -> Self {
        Self::with(token.map_or(Token::None, |token| Token::Same(token.into())))
    }

    /// A client that makes a new bearer token for every request.
    pub fn with_new_tokens(signer: TokenSigner) -> Self {
        Self::with(Token::New(Arc::new(signer)))
    }

    fn with(token: Token) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let pool = Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { pool, token }
    }

    /// Sends one request; returns the status and the body.
    pub async fn send(&self, request: Builder, body: Bytes) -> Result<(StatusCode, Bytes), Failure> {
        self.exchange(request, body).await.map(|(status, _, body)| (status, body))
    }

    /// Sends one request; returns the status, the headers and the body.
    pub async fn exchange(&self, mut request: Builder, body: Bytes) -> Result<(StatusCode, HeaderMap, Bytes), Failure> {
        request = match &self.token {
            Token::None => request,
            Token::Same(token) => request.header("authorization", format!("Bearer {token}")),
            Token::New(signer) => request.header("authorization", format!("Bearer {}", signer.token())),
        };
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let exchange = async {
            let response = self.pool.request(request).await.map_err(|error| format!("{error:?}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?;
            Ok((head.status, head.headers, body.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| format!("no answer within {PATIENCE:?}"))?
    }

    /// Sends JSON, if any, and reads JSON, if any; fails on any answer but success.
    pub async fn call(&self, method: &str, url: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let request = Request::builder().method(method).uri(url).header("content-type", "application/json");
        let bytes = body.map(Value::to_string).unwrap_or_default().into();
        let (status, answer) = self.send(request, bytes).await.map_err(|error| format!("{method} {url}: {error}"))?;
        if !status.is_success() {
            return Err(format!("{method} {url}: {status} {}", String::from_utf8_lossy(&answer)));
        }
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    /// Posts messages over so many connections, the next one as soon as the last one is answered.
    pub async fn flood(
        &self,
        url: &str,
        shape: Shape,
        event_type: &'static str,
        connections: u64,
        until: Until,
    ) -> Tally {
        let load = LOADS.fetch_add(1, Ordering::Relaxed);
        let next = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..connections {
            let (client, url, next) = (self.clone(), url.to_owned(), next.clone());
            workers.spawn(async move {
                let mut tally = Tally::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let goes_on = match until {
                        Until::Elapsed(time) => start.elapsed() < time,
                        Until::Count(count) => number < count,
                    };
                    if !goes_on {
                        return tally;
                    }
                    let (request, body) = shape.request(&url, event_type, &format!("{load}-{number}"));
                    let sent = Instant::now();
                    match client.send(request, body).await {
                        Ok((status, _)) if status.is_success() => {
                            tally.accepted += 1;
                            tally.durations.push(sent.elapsed().as_secs_f64() * 1000.0);
                        }
                        other => {
                            tally.refused += 1;
                            tally.first_refusal.get_or_insert_with(|| match other {
                                Ok((status, body)) => format!("{status} {}", String::from_utf8_lossy(&body)),
                                Err(reason) => reason,
                            });
                        }
                    }
                }
            });
        }
        let mut total = Tally::default();
        while let Some(worker) = workers.join_next().await {
            total.add(worker.unwrap_or_default());
        }
        total.took = start.elapsed();
        total.durations.sort_by(f64::total_cmp);
        total
    }

    /// Posts the structured messages of a measurement at a fixed rate, however long the answers take, and records when each was
    /// sent and accepted.
    pub async fn pace(&self, url: &str, event_type: &str, per_second: u32, times: &Arc<EventTimes>) {
        let start = tokio::time::Instant::now();
        let mut posts = JoinSet::new();
        for number in 0..times.len() {
            tokio::time::sleep_until(start + Duration::from_secs_f64(number as f64 / f64::from(per_second))).await;
            let (request, body) = Shape::Structured.request(url, event_type, &times.id(number));
            let (client, times) = (self.clone(), times.clone());
            posts.spawn(async move {
                times.record_sent(number);
                if let Ok((status, _)) = client.send(request, body).await
                    && status.is_success()
                {
                    times.record_accepted(number);
                }
            });
            while posts.try_join_next().is_some() {}
        }
        while posts.join_next().await.is_some() {}
    }
}
