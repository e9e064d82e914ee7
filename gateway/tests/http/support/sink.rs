//! A scriptable subscriber on a port of its own: it keeps every request and answers as it was told.

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

/// A request that came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Seen {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A status and headers.
type Reply = (u16, Vec<(&'static str, String)>);

#[derive(Default)]
struct Desk {
    seen: Vec<Seen>,
    consent: Option<Reply>,
    posts: VecDeque<u16>,
    location: Option<String>,
}

/// A subscriber. It consents to everybody at any rate, and answers 204, unless told otherwise.
pub struct Sink {
    desk: Arc<Mutex<Desk>>,
    /// `http://127.0.0.1:port`.
    pub base: String,
}

impl Sink {
    /// Starts one; it ends with the test.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let desk = Arc::new(Mutex::new(Desk::default()));
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { desk, base }
    }

    /// A URL on it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    /// From now on `OPTIONS` gets this.
    pub fn consents_with(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.desk().consent = Some((status, headers));
    }

    /// From now on `POST`s get these statuses, one after the other; the last one stays.
    pub fn answers(&self, statuses: &[u16]) {
        self.desk().posts = statuses.iter().copied().collect();
    }

    /// From now on `POST`s get this status and `Location`.
    pub fn redirects(&self, status: u16, location: &str) {
        self.answers(&[status]);
        self.desk().location = Some(location.to_owned());
    }

    /// The requests of one method so far.
    pub fn seen(&self, method: &Method) -> Vec<Seen> {
        self.desk().seen.iter().filter(|seen| seen.method == *method).cloned().collect()
    }

    /// Waits until there are `count` requests of a method, and returns them all.
    pub async fn wait(&self, method: Method, count: usize) -> Vec<Seen> {
        eventually(&format!("{count} {method} requests"), || async {
            let seen = self.seen(&method);
            (seen.len() >= count).then_some(seen)
        })
        .await
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(
    State(desk): State<Arc<Mutex<Desk>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut desk = lock(&desk);
    let (status, answer) = if method == Method::OPTIONS {
        let any = || vec![("webhook-allowed-origin", "*".to_owned()), ("webhook-allowed-rate", "*".to_owned())];
        desk.consent.clone().unwrap_or_else(|| (200, any()))
    } else {
        let script = &mut desk.posts;
        let told = if script.len() > 1 { script.pop_front() } else { script.front().copied() };
        let told = told.unwrap_or(204);
        let location = desk.location.clone().filter(|_| (300..400).contains(&told));
        (told, location.into_iter().map(|location| ("location", location)).collect())
    };
    desk.seen.push(Seen { method, uri, headers, body });
    let mut response = StatusCode::from_u16(status).unwrap_or_default().into_response();
    for (name, value) in answer {
        let value = HeaderValue::from_str(&value).expect("a header value");
        response.headers_mut().append(HeaderName::from_static(name), value);
    }
    response
}
