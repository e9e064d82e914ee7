//! Publishers that post one event after the other, alone and in batches, whatever happens to the gateway, and write down what
//! became of each. An event is posted once: what is in doubt is not repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use tokio::task::JoinSet;

use super::books::{Books, TYPES};
use crate::bench::client::Client;
use crate::bench::messages::{KANAAL, Shape};

const PUBLISHERS: usize = 4;
/// The pause between two requests of one publisher, and after one that was refused or not answered.
const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(100));
/// Every so many requests is a batch, of so many events.
const BATCHES: (u64, usize) = (10, 5);

pub struct Publishers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Publishers {
    /// Starts them; `url` is that of the gateway.
    pub fn start(url: &str, client: &Client, books: &Arc<Books>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for publisher in 0..PUBLISHERS {
            let (url, client, books, stop) = (url.to_owned(), client.clone(), Arc::clone(books), Arc::clone(&stop));
            tasks.spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    publish(&url, &client, &books, publisher, number).await;
                }
            });
        }
        Self { stop, tasks }
    }

    /// Ends them after the request that is under way.
    pub async fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn publish(url: &str, client: &Client, books: &Books, publisher: usize, number: u64) {
    let kind = number as usize % TYPES.len();
    let (ids, request, body) = message(url, publisher, number, TYPES[kind]);
    let pause = match client.send(request, body).await {
        Ok((status, _)) if status.is_success() => {
            books.accepted(ids, kind);
            PAUSES.0
        }
        Ok((StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, _)) => {
            books.refused(ids);
            PAUSES.1
        }
        Ok((status, answer)) => {
            books.in_doubt(ids);
            books.strange(format!("{status} {}", String::from_utf8_lossy(&answer)));
            PAUSES.1
        }
        Err(_) => {
            books.in_doubt(ids);
            PAUSES.1
        }
    };
    tokio::time::sleep(pause).await;
}

fn message(url: &str, publisher: usize, number: u64, event_type: &str) -> (Vec<String>, Builder, Bytes) {
    let url = format!("{url}/v1/events?kanaal={KANAAL}");
    let name = format!("p{publisher}-{number}");
    if number % BATCHES.0 == BATCHES.0 - 1 {
        let ids: Vec<String> = (0..BATCHES.1).map(|part| format!("{name}-{part}")).collect();
        let events = ids.iter().map(|id| Shape::Structured.request(&url, event_type, id).1);
        let events: Vec<String> = events.map(|event| String::from_utf8_lossy(&event).into_owned()).collect();
        let request = Request::post(&url).header("content-type", "application/cloudevents-batch+json");
        return (ids, request, format!("[{}]", events.join(",")).into());
    }
    let shape = if number.is_multiple_of(2) { Shape::Structured } else { Shape::Binary };
    let (request, body) = shape.request(&url, event_type, &name);
    (vec![name], request, body)
}
