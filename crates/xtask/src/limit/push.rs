//! The bare limit of delivering: the same body posted to one sink over a fixed number of connections, as fast as the
//! client goes. No log, no retry, no order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

use crate::workspace::Failure;

pub async fn run(url: &str, requests: u64, connections: usize, bytes: usize) -> Result<(), Failure> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let body = Bytes::from(vec![b'x'; bytes]);
    let left = Arc::new(AtomicU64::new(requests));
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let (client, uri, body, left) = (client.clone(), uri.clone(), body.clone(), left.clone());
        workers.spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let request = Request::post(uri.clone())
                    .header("content-type", "application/cloudevents+json")
                    .body(Full::new(body.clone()))
                    .map_err(|error| error.to_string())?;
                let response = client.request(request).await.map_err(|error| error.to_string())?;
                if !response.status().is_success() {
                    return Err(format!("the sink answered {}", response.status()));
                }
                response.into_body().collect().await.map_err(|error| error.to_string())?;
            }
            Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    println!("{:.0}", requests as f64 / start.elapsed().as_secs_f64());
    Ok(())
}
