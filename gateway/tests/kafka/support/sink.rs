//! A sink that records what arrives and from which process, and answers as the test configures it, by path.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use model::{Clock, Timestamp, clock::SystemClock};
use serde_json::Value;

use super::{eventually, reaches};

/// One delivery that arrived at the sink.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub id: String,
    pub at: Timestamp,
    /// The source port of the connection.
    pub port: u16,
    /// Whether the sink answered it with 204.
    pub accepted: bool,
    /// A hash of body and media type: equal for equal requests, whatever their credential.
    pub content: u64,
    /// The value of its `Authorization` header.
    pub authorization: Option<String>,
}

/// How a path answers to events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// 204: accepts the event.
    Yes,
    /// 204 after this delay.
    Slowly(Duration),
    /// 429 with Retry-After, in seconds.
    Silence(u64),
    /// 400: refuses the event for good.
    Refuse,
    /// 410: the subscription is to end.
    Gone,
    /// 503 without Retry-After: it is down.
    Down,
}

#[derive(Default)]
struct SinkState {
    arrivals: HashMap<String, Vec<Arrival>>,
    accepted: HashMap<String, HashSet<String>>,
    answers: HashMap<String, Answers>,
    rates: HashMap<String, u32>,
    asked: HashMap<String, usize>,
}

/// A sink for many paths.
#[derive(Clone)]
pub struct Sink {
    state: Arc<Mutex<SinkState>>,
    base: String,
}

pub fn now() -> Timestamp {
    SystemClock::default().now()
}

impl Sink {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let sink = Self { state: Arc::default(), base };
        let router = Router::new().fallback(arrived).with_state(sink.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        sink
    }

    fn state(&self) -> MutexGuard<'_, SinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of a path of this sink.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Sets how a path answers from now on.
    pub fn answer(&self, path: &str, answers: Answers) {
        self.state().answers.insert(path.to_owned(), answers);
    }

    /// Sets the rate that a path grants, in requests per minute.
    pub fn grant(&self, path: &str, rate: u32) {
        self.state().rates.insert(path.to_owned(), rate);
    }

    /// The events that arrived at a path, in order.
    pub fn arrivals(&self, path: &str) -> Vec<Arrival> {
        self.state().arrivals.get(path).cloned().unwrap_or_default()
    }

    /// How many events arrived at a path, repeats included.
    pub fn count(&self, path: &str) -> usize {
        self.state().arrivals.get(path).map_or(0, Vec::len)
    }

    /// How often a path was asked for its consent.
    pub fn asked(&self, path: &str) -> usize {
        self.state().asked.get(path).copied().unwrap_or_default()
    }

    /// Which of these processes delivers to a path: the one that sent the newest arrival and keeps its connection.
    pub async fn deliverer(&self, path: &str, pids: &[u32]) -> usize {
        eventually("node that keeps its connection", async || {
            let last = self.arrivals(path).pop()?;
            pids.iter().position(|pid| has_connection(*pid, last.port))
        })
        .await
    }

    fn consent(&self, path: &str, headers: &HeaderMap) -> Response {
        *self.state().asked.entry(path.to_owned()).or_default() += 1;
        let any = || HeaderValue::from_static("*");
        let origin = headers.get("webhook-request-origin").cloned().unwrap_or_else(any);
        let rate = self.state().rates.get(path).map_or_else(any, |rate| HeaderValue::from(*rate));
        let allow = HeaderValue::from_static("POST");
        let granted = [("allow", allow), ("webhook-allowed-origin", origin), ("webhook-allowed-rate", rate)];
        (StatusCode::OK, granted).into_response()
    }

    /// Records an arrival; returns how to answer it.
    fn record(&self, path: &str, mut arrival: Arrival) -> Answers {
        let mut state = self.state();
        let answers = state.answers.get(path).copied().unwrap_or(Answers::Yes);
        arrival.accepted = matches!(answers, Answers::Yes | Answers::Slowly(_));
        if arrival.accepted {
            state.accepted.entry(path.to_owned()).or_default().insert(arrival.id.clone());
        }
        state.arrivals.entry(path.to_owned()).or_default().push(arrival);
        answers
    }

    /// The ids that a path accepted.
    pub fn accepted(&self, path: &str) -> HashSet<String> {
        self.state().accepted.get(path).cloned().unwrap_or_default()
    }

    /// How many different events a path accepted.
    /// Waits until a path has accepted all these events, for as long as further ones arrive.
    pub async fn accepts_all<'a>(&self, path: &str, ids: impl IntoIterator<Item = &'a String> + Clone) {
        let count = || {
            let accepted = self.accepted(path);
            ids.clone().into_iter().filter(|id| accepted.contains(*id)).count()
        };
        let wanted = ids.clone().into_iter().count();
        reaches("further events that are wanted at a path", wanted, count).await;
    }

    pub fn accepted_count(&self, path: &str) -> usize {
        self.state().accepted.get(path).map_or(0, HashSet::len)
    }
}

async fn arrived(
    State(sink): State<Sink>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if method == Method::OPTIONS {
        return sink.consent(path, &headers);
    }
    let event: Value = serde_json::from_slice(&body).expect("a structured event");
    let id = event["id"].as_str().expect("an id").to_owned();
    let content = BuildHasherDefault::<DefaultHasher>::default().hash_one((&body[..], headers.get("content-type")));
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let arrival = Arrival { id, at: now(), port: from.port(), accepted: false, content, authorization };
    match sink.record(path, arrival) {
        Answers::Yes => StatusCode::NO_CONTENT.into_response(),
        Answers::Slowly(pause) => {
            tokio::time::sleep(pause).await;
            StatusCode::NO_CONTENT.into_response()
        }
        Answers::Silence(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Answers::Refuse => StatusCode::BAD_REQUEST.into_response(),
        Answers::Gone => StatusCode::GONE.into_response(),
        Answers::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Whether a process has a connection that starts at a local port; so which node sent something, while it keeps the
/// connection open.
pub fn has_connection(pid: u32, port: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let end = format!(":{port:04X}");
    let inode = table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(1)?.ends_with(&end).then(|| fields.get(9).map(|inode| format!("socket:[{inode}]")))?
    });
    let Some(inode) = inode else { return false };
    let Ok(files) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == inode.as_str()))
}
