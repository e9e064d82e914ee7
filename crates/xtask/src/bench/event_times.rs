//! The times at which each of a set of events was sent, accepted and received: shared by the client that posts them and the
//! sink that receives them, on one clock. Contains that sink too.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;

use super::statistics::percentile;
use crate::workspace::Failure;

/// How long late arrivals are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Timestamps of one event in microseconds since the start of the measurement; 0: not yet.
#[derive(Default)]
struct Timestamps {
    sent: AtomicU64,
    accepted: AtomicU64,
    arrived: AtomicU64,
}

pub struct EventTimes {
    name: String,
    start: Instant,
    events: Vec<Timestamps>,
    repeated: AtomicU64,
    overtaken: AtomicU64,
    newest: AtomicU64,
}

/// The durations of a measurement, in milliseconds and sorted, and its counts.
pub struct Durations {
    pub sent_to_arrived: Vec<f64>,
    pub accepted_to_arrived: Vec<f64>,
    pub accepted: usize,
    pub repeated: u64,
    pub overtaken: u64,
}

impl Durations {
    pub fn sent_to_arrived(&self, share: f64) -> f64 {
        percentile(&self.sent_to_arrived, share)
    }

    pub fn accepted_to_arrived(&self, share: f64) -> f64 {
        percentile(&self.accepted_to_arrived, share)
    }
}

impl EventTimes {
    /// Times for `events` events; the name is part of their ids.
    pub fn new(name: String, events: u64) -> Arc<Self> {
        Arc::new(Self {
            name,
            start: Instant::now(),
            events: (0..events).map(|_| Timestamps::default()).collect(),
            repeated: AtomicU64::new(0),
            overtaken: AtomicU64::new(0),
            newest: AtomicU64::new(0),
        })
    }

    pub fn len(&self) -> u64 {
        self.events.len() as u64
    }

    /// The id of an event: the name, a dot and its number.
    pub fn id(&self, number: u64) -> String {
        format!("{}.{number}", self.name)
    }

    fn elapsed_us(&self) -> u64 {
        (self.start.elapsed().as_micros() as u64).max(1)
    }

    pub fn record_sent(&self, number: u64) {
        self.events[number as usize].sent.store(self.elapsed_us(), Ordering::Relaxed);
    }

    pub fn record_accepted(&self, number: u64) {
        self.events[number as usize].accepted.store(self.elapsed_us(), Ordering::Relaxed);
    }

    /// Records the arrival of an event; ids of other measurements are ignored.
    fn record_arrival(&self, id: &str) {
        let number = id.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
        let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) else { return };
        let Some(event) = self.events.get(number as usize) else { return };
        if event.arrived.compare_exchange(0, self.elapsed_us(), Ordering::Relaxed, Ordering::Relaxed).is_err() {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        } else if self.newest.fetch_max(number, Ordering::Relaxed) > number {
            self.overtaken.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_complete(&self) -> bool {
        self.events
            .iter()
            .all(|event| event.accepted.load(Ordering::Relaxed) == 0 || event.arrived.load(Ordering::Relaxed) > 0)
    }

    /// Waits until every accepted event has arrived, at most [`PATIENCE`].
    pub async fn complete(&self) {
        let start = Instant::now();
        while !self.is_complete() && start.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn durations(&self) -> Durations {
        let mut durations = Durations {
            sent_to_arrived: Vec::new(),
            accepted_to_arrived: Vec::new(),
            accepted: 0,
            repeated: self.repeated.load(Ordering::Relaxed),
            overtaken: self.overtaken.load(Ordering::Relaxed),
        };
        for event in &self.events {
            let [sent, accepted, arrived] =
                [&event.sent, &event.accepted, &event.arrived].map(|moment| moment.load(Ordering::Relaxed));
            durations.accepted += usize::from(accepted > 0);
            if accepted > 0 && arrived > 0 {
                durations.sent_to_arrived.push(arrived.saturating_sub(sent) as f64 / 1000.0);
                // An event may arrive before the publisher has read that it was accepted.
                durations.accepted_to_arrived.push(arrived.saturating_sub(accepted) as f64 / 1000.0);
            }
        }
        durations.sent_to_arrived.sort_by(f64::total_cmp);
        durations.accepted_to_arrived.sort_by(f64::total_cmp);
        durations
    }
}

/// A subscriber in this process, on a thread of its own, that records arrivals for the current measurement.
pub struct Sink {
    pub url: String,
    times: Current,
}

type Current = Arc<Mutex<Option<Arc<EventTimes>>>>;

impl Sink {
    pub fn start() -> Result<Self, Failure> {
        let times = Current::default();
        let router = Router::new().fallback(any(receive)).with_state(times.clone());
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await else { return };
                if let Ok(address) = listener.local_addr() {
                    let _ = sender.send(format!("http://{address}"));
                    let _ = axum::serve(listener, router).await;
                }
            });
        });
        let url = receiver.recv().map_err(|_| "the measuring sink does not start".to_owned())?;
        Ok(Self { url, times })
    }

    /// Records arrivals in `times` from now on.
    pub fn record_into(&self, times: &Arc<EventTimes>) {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner) = Some(times.clone());
    }
}

async fn receive(State(current): State<Current>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return crate::limit::consent(&headers);
    }
    let times = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(times) = times
        && let Ok(event) = serde_json::from_slice::<Value>(&body)
        && let Some(id) = event["id"].as_str()
    {
        times.record_arrival(id);
    }
    StatusCode::NO_CONTENT.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_counted_once_and_in_order() {
        let times = EventTimes::new("a".to_owned(), 3);
        for number in 0..3 {
            times.record_sent(number);
            times.record_accepted(number);
        }
        assert!(!times.is_complete());
        for id in ["a.1", "a.0", "a.0", "b.2", "a.x", "a.9", "a.2"] {
            times.record_arrival(id);
        }
        assert!(times.is_complete());
        let durations = times.durations();
        assert_eq!((durations.accepted, durations.repeated, durations.overtaken), (3, 1, 1));
        assert_eq!(durations.sent_to_arrived.len(), 3);
    }

    #[test]
    fn an_event_that_was_refused_is_not_waited_for() {
        let times = EventTimes::new("a".to_owned(), 1);
        times.record_sent(0);
        assert!(times.is_complete());
        assert!(times.durations().sent_to_arrived.is_empty());
    }
}
