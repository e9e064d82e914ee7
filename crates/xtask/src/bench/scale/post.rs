//! Many requests of one kind over some connections. A request is sent again while the gateway is busy; any other refusal ends the
//! measurement. Also batches of events. Not what is measured with them.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::bench::client::Client;
use crate::bench::messages::Shape;
use crate::workspace::Failure;

/// How long one request is sent again while the gateway is busy.
const PATIENCE: Duration = Duration::from_mins(1);
/// The pause before it is sent again.
const PAUSE: Duration = Duration::from_millis(50);
/// How long all requests of one call may take.
const ALL: Duration = Duration::from_hours(1);
/// Events in one batch: with 500 bytes each a quarter of the largest body.
pub const BATCH: u64 = 500;

/// Posts the requests with these numbers over so many connections; returns how long that took.
///
/// # Errors
/// One was refused, or the gateway stays busy.
pub async fn all(
    client: &Client,
    connections: u64,
    numbers: Range<u64>,
    request: impl Fn(u64) -> (Builder, Bytes) + Clone + Send + Sync + 'static,
) -> Result<Duration, Failure> {
    let (start, end) = (Instant::now(), numbers.end);
    let next = Arc::new(AtomicU64::new(numbers.start));
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let (client, next, request) = (client.clone(), next.clone(), request.clone());
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok(());
                }
                if start.elapsed() > ALL {
                    return Err(format!("request {number} of {end} was not sent within {ALL:?}"));
                }
                one(&client, number, &request).await?;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    Ok(start.elapsed())
}

async fn one(client: &Client, number: u64, request: &impl Fn(u64) -> (Builder, Bytes)) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        let (head, body) = request(number);
        let answer = client.send(head, body).await;
        let (status, answer) = answer.map_err(|error| format!("request {number}: {error}"))?;
        if status.is_success() {
            return Ok(());
        }
        let is_busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if !is_busy || start.elapsed() > PATIENCE {
            return Err(format!("request {number}: {status} {:.300}", String::from_utf8_lossy(&answer)));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A request with JSON.
pub fn json(url: &str, body: &Value) -> (Builder, Bytes) {
    (Request::post(url).header("content-type", "application/json"), body.to_string().into())
}

/// Posts the events with these numbers in batches; the type of each follows from its number. Returns events per second.
pub async fn events(
    client: &Client,
    url: &str,
    connections: u64,
    numbers: Range<u64>,
    event_type: impl Fn(u64) -> String + Clone + Send + Sync + 'static,
) -> Result<f64, Failure> {
    let url = url.to_owned();
    let (first, end) = (numbers.start, numbers.end);
    let batches = (end - first).div_ceil(BATCH);
    let sent = all(client, connections, 0..batches, move |number| {
        let start = first + number * BATCH;
        batch(&url, start..end.min(start + BATCH), &event_type)
    });
    Ok(rate(end - first, sent.await?))
}

/// A batch of structured events.
fn batch(url: &str, numbers: Range<u64>, event_type: &impl Fn(u64) -> String) -> (Builder, Bytes) {
    let mut body = b"[".to_vec();
    for number in numbers {
        if body.len() > 1 {
            body.push(b',');
        }
        let (_, event) = Shape::Structured.request(url, &event_type(number), &format!("scale-{number}"));
        body.extend_from_slice(&event);
    }
    body.push(b']');
    (Request::post(url).header("content-type", "application/cloudevents-batch+json"), body.into())
}

pub fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_the_events_with_its_numbers() {
        let (_, body) = batch("http://127.0.0.1:1/", 7..10, &|number| format!("nl.overheid.bench.{number}"));
        let events: Value = serde_json::from_slice(&body).expect("JSON");
        let ids: Vec<&str> =
            events.as_array().expect("a list").iter().filter_map(|event| event["id"].as_str()).collect();
        assert_eq!(ids, ["scale-7", "scale-8", "scale-9"]);
        assert_eq!(events[2]["type"], "nl.overheid.bench.9");
    }
}
