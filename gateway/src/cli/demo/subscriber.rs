//! The subscriber of the demonstration: on every path it consents to the handshake and takes the events and notificaties
//! that are posted. It is also a thing to play with: `PUT /{name}/answer` with a status makes `/{name}` answer that from then on, and
//! `PUT /{name}/authorization` makes it answer 401 to requests whose `Authorization` differs from that text. `GET /` is a page with
//! what arrived.

use std::{
    collections::HashMap,
    fmt::Write,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{any, put},
};
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use model::{Clock, Timestamp, clock::SystemClock};
use tokio::sync::mpsc;

use super::{Failure, examine::examine, transcript::format_json, viewer::Recent};

/// The rate it grants, requests per minute.
const RATE: &str = "6000";

/// A request that the subscriber got, and its answer.
#[derive(Debug)]
pub struct ReceivedRequest {
    /// The method.
    pub method: Method,
    /// The path.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The status it answered.
    pub status: StatusCode,
    /// The headers it answered.
    pub answered: Vec<(HeaderName, String)>,
    /// The time of arrival.
    pub at: Timestamp,
}

#[derive(Clone)]
struct SubscriberState {
    seen: mpsc::UnboundedSender<ReceivedRequest>,
    answers: Arc<Mutex<HashMap<String, StatusCode>>>,
    required_authorization: Arc<Mutex<HashMap<String, String>>>,
    recent: Arc<Recent>,
    clock: Arc<SystemClock>,
}

/// Starts it and returns where it listens. It ends with the process.
pub async fn start(address: SocketAddr, seen: mpsc::UnboundedSender<ReceivedRequest>) -> Result<SocketAddr, Failure> {
    let failed = |error: std::io::Error| format!("the subscriber cannot listen on {address}: {error}");
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    let state = SubscriberState {
        seen,
        answers: Arc::default(),
        required_authorization: Arc::default(),
        recent: Arc::default(),
        clock: Arc::default(),
    };
    let router = Router::new()
        .route("/{name}/answer", put(set_answer))
        .route("/{name}/authorization", put(set_authorization))
        .fallback(any(receive))
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(local)
}

async fn set_answer(State(state): State<SubscriberState>, Path(name): Path<String>, body: String) -> Response {
    match body.trim().parse::<u16>().ok().and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(status) => {
            state.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("/{name}"), status);
            format!("/{name} answers {} from now on\n", status.as_u16()).into_response()
        }
        None => (StatusCode::BAD_REQUEST, "send a status, such as 422\n").into_response(),
    }
}

async fn set_authorization(State(state): State<SubscriberState>, Path(name): Path<String>, body: String) -> Response {
    let required_authorization = body.trim().to_owned();
    state
        .required_authorization
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(format!("/{name}"), required_authorization);
    format!("/{name} answers 401 without that authorization from now on\n").into_response()
}

impl SubscriberState {
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let required_authorization = self.required_authorization.lock().unwrap_or_else(PoisonError::into_inner);
        let given = headers.get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
        if required_authorization
            .get(path)
            .is_some_and(|required_authorization| given != Some(required_authorization.as_bytes()))
        {
            return StatusCode::UNAUTHORIZED;
        }
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = answers.get(path).copied().unwrap_or(StatusCode::NO_CONTENT);
        match examine(headers, body) {
            _ if *method != Method::POST => StatusCode::METHOD_NOT_ALLOWED,
            found if wanted.is_success() && !found.is_success() => found,
            _ => wanted,
        }
    }
}

async fn receive(
    State(state): State<SubscriberState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::GET && uri.path() == "/" {
        return state.recent.page();
    }
    let mut answered = Vec::new();
    let status = if method == Method::OPTIONS {
        answered.push((header::ALLOW, "POST, OPTIONS".to_owned()));
        if let Some(origin) = headers.get("webhook-request-origin").and_then(|origin| origin.to_str().ok()) {
            answered.push((HeaderName::from_static("webhook-allowed-origin"), origin.to_owned()));
            answered.push((HeaderName::from_static("webhook-allowed-rate"), RATE.to_owned()));
        }
        StatusCode::OK
    } else {
        state.answer(&method, uri.path(), &headers, &body)
    };
    let mut response = status.into_response();
    for (name, value) in &answered {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    let request = ReceivedRequest { method, uri, headers, body, status, answered, at: state.clock.now() };
    state.recent.add(request.block());
    // Nobody listens any more while the demonstration ends.
    let _ = state.seen.send(request);
    response
}

impl ReceivedRequest {
    /// The exchange as text: `>` came in, `<` was answered.
    pub fn block(&self) -> String {
        let mut text = format!("> {} {}", self.method, self.uri);
        for (name, value) in &self.headers {
            if !["host", "accept", "content-length", "user-agent"].contains(&name.as_str()) {
                // Writing to a String cannot fail.
                let _ = write!(text, "\n> {}: {}", title(name.as_str()), String::from_utf8_lossy(value.as_bytes()));
            }
        }
        if !self.body.is_empty() {
            let body = format_json(&String::from_utf8_lossy(&self.body)).replace('\n', "\n> ");
            let _ = write!(text, "\n>\n> {body}");
        }
        let _ = write!(text, "\n< {}", self.status);
        for (name, value) in &self.answered {
            let _ = write!(text, "\n< {}: {value}", title(name.as_str()));
        }
        text
    }
}

/// A header name as people write it: `WebHook-Request-Origin`, `Content-Type`, but `ce-id` as it is.
fn title(name: &str) -> String {
    if name.starts_with("ce-") {
        return name.to_owned();
    }
    let word = |word: &str| match word {
        "webhook" => "WebHook".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
        }
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn header_names_read_well() {
        for (name, shown) in [
            ("webhook-request-origin", "WebHook-Request-Origin"),
            ("content-type", "Content-Type"),
            ("ce-id", "ce-id"),
            ("x", "X"),
        ] {
            assert_eq!(title(name), shown);
        }
    }
}
