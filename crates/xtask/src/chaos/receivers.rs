//! Receivers: each records the events that it accepted, and fails in the way that the plan of faults sets. They do not know which events
//! they should have received.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::limit::sink::consent;
use crate::workspace::Failure;

/// How many receivers there are.
pub const RECEIVERS: usize = 5;

/// How a receiver behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It accepts everything.
    Well,
    /// It closes every connection before it reads a request.
    Away,
    /// It never answers.
    Silent,
    /// It accepts after half a second.
    Slow,
    /// It answers 500.
    Failing,
    /// It answers 500 to every third event.
    FailingNowAndThen,
    /// It answers 429 with `Retry-After: 1`.
    Busy,
    /// It answers 429 with `Retry-After: 2` to every fifth event.
    BusyNowAndThen,
}

impl Mood {
    /// All but [`Mood::Well`].
    pub const BAD: [Self; 7] = [
        Self::Away,
        Self::Silent,
        Self::Slow,
        Self::Failing,
        Self::FailingNowAndThen,
        Self::Busy,
        Self::BusyNowAndThen,
    ];
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Well => "accepts everything",
            Self::Away => "closes every connection",
            Self::Silent => "never answers",
            Self::Slow => "answers after half a second",
            Self::Failing => "answers 500",
            Self::FailingNowAndThen => "answers 500 to every third request",
            Self::Busy => "answers 429 with Retry-After",
            Self::BusyNowAndThen => "answers 429 with Retry-After to every fifth request",
        })
    }
}

/// One receiver.
pub struct Receiver {
    pub url: String,
    state: Mutex<Account>,
}

/// What is known of a receiver.
struct Account {
    mood: Mood,
    /// When it behaves well again.
    until: Instant,
    requests: u64,
    /// The ids of events that it answered with success, and how often.
    accepted: HashMap<String, u32>,
}

impl Receiver {
    /// Starts one on a free port.
    pub async fn start() -> Result<Arc<Self>, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| format!("a receiver: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let state = Account { mood: Mood::Well, until: Instant::now(), requests: 0, accepted: HashMap::new() };
        let receiver = Arc::new(Self { url: format!("http://{address}/"), state: Mutex::new(state) });
        let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&receiver));
        let door = Door { listener, receiver: Arc::clone(&receiver) };
        tokio::spawn(async move { axum::serve(door, router).await });
        Ok(receiver)
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Behaves like this for some time.
    pub fn behave(&self, mood: Mood, lasts: Duration) {
        let mut account = self.account();
        (account.mood, account.until) = (mood, Instant::now() + lasts);
    }

    fn mood(&self) -> Mood {
        let account = self.account();
        if Instant::now() < account.until { account.mood } else { Mood::Well }
    }

    /// What it accepted: ids of events, and how often.
    pub fn accepted(&self) -> HashMap<String, u32> {
        self.account().accepted.clone()
    }

    /// The number of times that it accepted an event.
    pub fn count(&self) -> u64 {
        self.account().accepted.values().map(|times| u64::from(*times)).sum()
    }

    fn accept(&self, body: &[u8], headers: &HeaderMap) {
        let mut account = self.account();
        for id in ids(body, headers) {
            *account.accepted.entry(id).or_default() += 1;
        }
    }
}

/// Accepts connections, unless the receiver is away.
struct Door {
    listener: TcpListener,
    receiver: Arc<Receiver>,
}

impl axum::serve::Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if self.receiver.mood() == Mood::Away => drop(stream),
                Ok(accepted) => return accepted,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn answer(State(receiver): State<Arc<Receiver>>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let number = {
        let mut account = receiver.account();
        account.requests += 1;
        account.requests
    };
    let busy = |seconds| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)]).into_response();
    match receiver.mood() {
        // Connections of before are still open.
        Mood::Away | Mood::Failing => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::FailingNowAndThen if number.is_multiple_of(3) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Mood::Busy => return busy("1"),
        Mood::BusyNowAndThen if number.is_multiple_of(5) => return busy("2"),
        Mood::Silent => {
            std::future::pending::<()>().await;
        }
        Mood::Slow => tokio::time::sleep(Duration::from_millis(500)).await,
        Mood::Well | Mood::FailingNowAndThen | Mood::BusyNowAndThen => {}
    }
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    receiver.accept(&body, &headers);
    StatusCode::NO_CONTENT.into_response()
}

/// The ids of the events in a request: structured, in a batch, or binary.
fn ids(body: &[u8], headers: &HeaderMap) -> Vec<String> {
    let id = |event: &Value| event["id"].as_str().map(str::to_owned);
    if let Some(id) = headers.get("ce-id").and_then(|id| id.to_str().ok()) {
        return vec![id.to_owned()];
    }
    match serde_json::from_slice(body) {
        Ok(Value::Array(events)) => events.iter().filter_map(id).collect(),
        Ok(event) => id(&event).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}
