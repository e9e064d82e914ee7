//! A token endpoint and the receiver that trusts it: it issues numbered tokens and takes deliveries that carry one.

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

/// A request that came: its headers and body.
pub type Came = (HeaderMap, String);

#[derive(Default)]
struct Desk {
    /// What the endpoint answers next instead of a token.
    refusals: VecDeque<u16>,
    /// Tokens from this number on are taken.
    from: usize,
    asked: Vec<Came>,
    taken: Vec<Came>,
    refused: usize,
}

/// Both; cheap to clone.
#[derive(Clone, Default)]
pub struct Issuer(Arc<Mutex<Desk>>);

impl Issuer {
    /// `POST /token` and `POST /sink`; whoever serves them decides on TLS.
    pub fn router(&self) -> Router {
        let routes = Router::new().route("/token", post(issue)).route("/sink", post(take).options(consent));
        routes.with_state(self.clone())
    }

    /// The same on a free port without TLS; its base URL.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The endpoint answers with these first.
    pub fn refuses(&self, statuses: &[u16]) {
        self.desk().refusals = statuses.iter().copied().collect();
    }

    /// Every token issued so far is refused from now on.
    pub fn revoke(&self) {
        let mut desk = self.desk();
        desk.from = desk.asked.len();
    }

    /// Questions for a token so far.
    pub fn asked(&self) -> Vec<Came> {
        self.desk().asked.clone()
    }

    /// How many deliveries were refused.
    pub fn refused(&self) -> usize {
        self.desk().refused
    }

    /// Waits for deliveries that were taken.
    pub async fn taken(&self, count: usize) -> Vec<Came> {
        eventually(&format!("{count} deliveries"), || async {
            let taken = self.desk().taken.clone();
            (taken.len() >= count).then_some(taken)
        })
        .await
    }
}

async fn issue(State(issuer): State<Issuer>, headers: HeaderMap, body: String) -> Response {
    let mut desk = issuer.desk();
    desk.asked.push((headers, body));
    if let Some(status) = desk.refusals.pop_front() {
        let said = Json(json!({"error": "temporarily_unavailable"}));
        return (StatusCode::from_u16(status).unwrap_or_default(), said).into_response();
    }
    let number = desk.asked.len() - 1;
    let granted: Value = json!({
        "access_token": format!("access-{number}"), "token_type": "Bearer", "expires_in": 3600,
        "refresh_token": format!("refresh-{number}"),
    });
    Json(granted).into_response()
}

async fn take(State(issuer): State<Issuer>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut desk = issuer.desk();
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer access-"));
    let number: Option<usize> = token.and_then(|number| number.parse().ok());
    if number.is_none_or(|number| number < desk.from) {
        desk.refused += 1;
        return StatusCode::UNAUTHORIZED;
    }
    desk.taken.push((headers, String::from_utf8_lossy(&body).into_owned()));
    StatusCode::NO_CONTENT
}

async fn consent() -> Response {
    ([("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")], StatusCode::OK).into_response()
}
