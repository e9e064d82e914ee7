//! The receivers of a sample: they consent, accept everything and write down what came. They listen at the address that the sample has.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;

/// A request that came.
struct Arrival {
    path: String,
    headers: HeaderMap,
    /// The ids of its events; none in a notificatie.
    ids: Vec<String>,
}

type Shared = Arc<Mutex<Vec<Arrival>>>;

pub struct Receivers {
    arrivals: Shared,
}

impl Receivers {
    /// Listens at an address of loopback that nothing but its sample uses.
    pub async fn start(address: &str) -> Self {
        let address: SocketAddr = address.parse().expect("an address");
        let listener = tokio::net::TcpListener::bind(address).await.expect("the address of the sample");
        let arrivals = Shared::default();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&arrivals));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { arrivals }
    }

    fn arrivals(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an event came to a path.
    pub fn has(&self, path: &str, id: &str) -> bool {
        self.ids(path).contains(id)
    }

    /// The events that came to a path.
    pub fn ids(&self, path: &str) -> BTreeSet<String> {
        let arrivals = self.arrivals();
        arrivals.iter().filter(|arrival| arrival.path == path).flat_map(|arrival| arrival.ids.clone()).collect()
    }

    /// The values that a header had in the requests to a path.
    pub fn headers(&self, path: &str, name: &str) -> BTreeSet<String> {
        let arrivals = self.arrivals();
        let values =
            arrivals.iter().filter(|arrival| arrival.path == path).filter_map(|arrival| arrival.headers.get(name));
        values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    }

    /// The credentials of the requests to a path.
    pub fn credentials(&self, path: &str) -> BTreeSet<String> {
        self.headers(path, "authorization")
    }
}

async fn receive(
    State(arrivals): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::OPTIONS {
        let origin = headers.get("webhook-request-origin").cloned();
        let origin = origin.unwrap_or_else(|| http::HeaderValue::from_static("*"));
        let rate = http::HeaderValue::from_static("*");
        let allow = http::HeaderValue::from_static("POST");
        return ([("allow", allow), ("webhook-allowed-origin", origin), ("webhook-allowed-rate", rate)])
            .into_response();
    }
    let ids = match serde_json::from_slice(&body) {
        _ if headers.contains_key("ce-id") => vec![headers["ce-id"].to_str().unwrap_or_default().to_owned()],
        Ok(Value::Array(events)) => events.iter().filter_map(id).collect(),
        Ok(event) => id(&event).into_iter().collect(),
        Err(_) => Vec::new(),
    };
    let path = uri.path().to_owned();
    arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Arrival { path, headers, ids });
    StatusCode::NO_CONTENT.into_response()
}

fn id(event: &Value) -> Option<String> {
    event["id"].as_str().map(str::to_owned)
}
