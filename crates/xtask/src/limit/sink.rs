//! A subscriber that costs next to nothing: consents to the handshake, answers 204 and counts, or 403 without the
//! expected credential; or, hanging, consents and then never answers. Keeps no event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

#[derive(Clone)]
struct Sink {
    count: Arc<AtomicU64>,
    hang: bool,
    authorization: Option<Arc<str>>,
}

impl Sink {
    fn refuses(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        self.authorization.as_ref().is_some_and(|wanted| given != Some(wanted.as_bytes()))
    }
}

pub fn router(hang: bool, authorization: Option<String>) -> Router {
    let authorization = authorization.map(Arc::from);
    Router::new().fallback(any(answer)).with_state(Sink { count: Arc::default(), hang, authorization })
}

async fn answer(State(sink): State<Sink>, method: Method, headers: HeaderMap, _: Bytes) -> Response {
    match method {
        Method::OPTIONS => consent(&headers),
        Method::POST if sink.refuses(&headers) => StatusCode::FORBIDDEN.into_response(),
        Method::GET => sink.count.load(Ordering::Relaxed).to_string().into_response(),
        _ => {
            sink.count.fetch_add(1, Ordering::Relaxed);
            if sink.hang {
                std::future::pending::<()>().await;
            }
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

/// The answer to a handshake that grants any origin an unlimited rate.
pub fn consent(headers: &HeaderMap) -> Response {
    let any = HeaderValue::from_static("*");
    let origin = headers.get("webhook-request-origin").cloned().unwrap_or_else(|| any.clone());
    let headers = [
        ("webhook-allowed-origin", origin),
        ("webhook-allowed-rate", any),
        ("allow", HeaderValue::from_static("POST")),
    ];
    (StatusCode::OK, headers).into_response()
}
