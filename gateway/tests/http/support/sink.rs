//! A scriptable subscriber on a port of its own: it records every request and answers as the test configures it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::eventually;

/// A request that the sink received.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    /// Its method, `OPTIONS` for a handshake.
    pub method: Method,
    /// Its path and query.
    pub uri: Uri,
    /// Its headers, as received.
    pub headers: HeaderMap,
    /// Its body, not decoded.
    pub body: Bytes,
}

impl ReceivedRequest {
    /// The first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer to a handshake: a status and headers.
type Reply = (u16, Vec<(&'static str, String)>);

#[derive(Default)]
struct SinkState {
    seen: Vec<ReceivedRequest>,
    consent: Option<Reply>,
    posts: VecDeque<u16>,
    location: Option<String>,
    retry_after: Option<u32>,
}

/// A subscriber. By default it consents to any origin at any rate and answers 204.
pub struct Sink {
    state: Arc<Mutex<SinkState>>,
    /// Its base URL: `http://127.0.0.1:port`.
    pub base: String,
}

impl Sink {
    /// Starts a sink on a free port; it ends with the test.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(SinkState::default()));
        let router = Router::new().fallback(receive).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { state, base }
    }

    /// The URL of a path of this sink.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn state(&self) -> MutexGuard<'_, SinkState> {
        lock(&self.state)
    }

    /// Sets the answer to `OPTIONS` from now on.
    pub fn consents_with(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.state().consent = Some((status, headers));
    }

    /// Sets the statuses that `POST` gets from now on, one after the other; the last one repeats.
    pub fn answers(&self, statuses: &[u16]) {
        self.state().posts = statuses.iter().copied().collect();
    }

    /// Sets the status and `Location` that `POST` gets from now on.
    pub fn redirects(&self, status: u16, location: &str) {
        self.answers(&[status]);
        self.state().location = Some(location.to_owned());
    }

    /// Sets the status that `POST` gets from now on, with `Retry-After` in seconds.
    pub fn asks_to_wait(&self, status: u16, seconds: u32) {
        self.answers(&[status]);
        self.state().retry_after = Some(seconds);
    }

    /// The requests of one method so far.
    pub fn seen(&self, method: &Method) -> Vec<ReceivedRequest> {
        self.state().seen.iter().filter(|seen| seen.method == *method).cloned().collect()
    }

    /// Waits until there are `count` requests of a method, and returns them all.
    pub async fn wait(&self, method: Method, count: usize) -> Vec<ReceivedRequest> {
        eventually(&format!("{count} {method} requests"), || async {
            let seen = self.seen(&method);
            (seen.len() >= count).then_some(seen)
        })
        .await
    }
}

fn lock(state: &Mutex<SinkState>) -> MutexGuard<'_, SinkState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(
    State(state): State<Arc<Mutex<SinkState>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = lock(&state);
    let (status, answer) = if method == Method::OPTIONS {
        let any = || vec![("webhook-allowed-origin", "*".to_owned()), ("webhook-allowed-rate", "*".to_owned())];
        state.consent.clone().unwrap_or_else(|| (200, any()))
    } else {
        let script = &mut state.posts;
        let scripted = if script.len() > 1 { script.pop_front() } else { script.front().copied() };
        let scripted = scripted.unwrap_or(204);
        let location = state.location.clone().filter(|_| (300..400).contains(&scripted));
        let wait = state.retry_after.filter(|_| scripted >= 400).map(|seconds| ("retry-after", seconds.to_string()));
        (scripted, location.into_iter().map(|location| ("location", location)).chain(wait).collect())
    };
    state.seen.push(ReceivedRequest { method, uri, headers, body });
    let mut response = StatusCode::from_u16(status).unwrap_or_default().into_response();
    for (name, value) in answer {
        let value = HeaderValue::from_str(&value).expect("a header value");
        response.headers_mut().append(HeaderName::from_static(name), value);
    }
    response
}
