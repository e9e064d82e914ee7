//! A token endpoint and the receiver that trusts it: it issues numbered tokens and accepts deliveries that carry one.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::eventually;

/// A request that was received: its headers and body.
pub type ReceivedRequest = (HeaderMap, String);

#[derive(Default)]
struct IssuerState {
    /// Statuses that the next token requests get instead of a token.
    refusals: VecDeque<u16>,
    /// Tokens with this number or a higher one are accepted.
    from: usize,
    asked: Vec<ReceivedRequest>,
    taken: Vec<ReceivedRequest>,
    refused: usize,
}

/// Token endpoint and receiver; a clone shares their state.
#[derive(Clone, Default)]
pub struct Issuer(Arc<Mutex<IssuerState>>);

impl Issuer {
    /// Routes for `POST /token` and `POST /sink`; the caller serves them, with or without TLS.
    pub fn router(&self) -> Router {
        let routes = Router::new().route("/token", post(issue)).route("/sink", post(take).options(consent));
        routes.with_state(self.clone())
    }

    /// Serves the routes on a free port without TLS; returns the base URL.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }

    fn state(&self) -> MutexGuard<'_, IssuerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next token requests get these statuses, in this order.
    pub fn refuses(&self, statuses: &[u16]) {
        self.state().refusals = statuses.iter().copied().collect();
    }

    /// Makes the receiver refuse every token issued so far.
    pub fn revoke(&self) {
        let mut state = self.state();
        state.from = state.asked.len();
    }

    /// The token requests so far, in order.
    pub fn asked(&self) -> Vec<ReceivedRequest> {
        self.state().asked.clone()
    }

    /// How many deliveries were refused for their token.
    pub fn refused(&self) -> usize {
        self.state().refused
    }

    /// Waits until at least `count` deliveries were accepted, and returns them.
    pub async fn taken(&self, count: usize) -> Vec<ReceivedRequest> {
        eventually(&format!("{count} deliveries"), || async {
            let taken = self.state().taken.clone();
            (taken.len() >= count).then_some(taken)
        })
        .await
    }
}

async fn issue(State(issuer): State<Issuer>, headers: HeaderMap, body: String) -> Response {
    let mut state = issuer.state();
    state.asked.push((headers, body));
    if let Some(status) = state.refusals.pop_front() {
        let error = Json(json!({"error": "temporarily_unavailable"}));
        return (StatusCode::from_u16(status).unwrap_or_default(), error).into_response();
    }
    let number = state.asked.len() - 1;
    let granted: Value = json!({
        "access_token": format!("access-{number}"), "token_type": "Bearer", "expires_in": 3600,
        "refresh_token": format!("refresh-{number}"),
    });
    Json(granted).into_response()
}

async fn take(State(issuer): State<Issuer>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut state = issuer.state();
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer access-"));
    let number: Option<usize> = token.and_then(|number| number.parse().ok());
    if number.is_none_or(|number| number < state.from) {
        state.refused += 1;
        return StatusCode::UNAUTHORIZED;
    }
    state.taken.push((headers, String::from_utf8_lossy(&body).into_owned()));
    StatusCode::NO_CONTENT
}

async fn consent() -> Response {
    ([("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")], StatusCode::OK).into_response()
}
