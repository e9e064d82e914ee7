//! A provider of OpenID Connect that does what the test wants: it signs any claims, and answers a code once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

/// How the token endpoint answers.
#[derive(Clone)]
pub enum TokenAnswer {
    /// With this ID token.
    IdToken(String),
    /// With this status and body.
    Other(u16, String),
    /// With nothing, for as long as the test lasts.
    Silence,
}

struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

struct ProviderState {
    base: String,
    keys: Vec<Key>,
    answers: VecDeque<TokenAnswer>,
    requests: Vec<(HeaderMap, String)>,
    is_away: bool,
}

/// The provider; a clone shares its state.
#[derive(Clone)]
pub struct Provider(Arc<Mutex<ProviderState>>);

fn key(id: &str) -> Key {
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
    Key { id: id.to_owned(), pair }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    /// Serves a provider with one key on a free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (answers, requests) = (VecDeque::new(), Vec::new());
        let state = ProviderState { base, keys: vec![key("first")], answers, requests, is_away: false };
        let provider = Self(Arc::new(Mutex::new(state)));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn state(&self) -> MutexGuard<'_, ProviderState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        self.state().base.clone()
    }

    /// Answers 503 to everything, or no longer.
    pub fn set_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Signs with another key from now on, and has only that one.
    pub fn rotate(&self, id: &str) {
        self.state().keys = vec![key(id)];
    }

    /// A token with these claims, signed with the present key.
    pub fn sign(&self, claims: &Value) -> String {
        let state = self.state();
        let key = &state.keys[0];
        let head = json!({"alg": "ES256", "kid": key.id, "typ": "JWT"});
        let signed = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
        let signature = key.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", encode(signature))
    }

    /// The public key, as the document of keys has it.
    pub fn public_key(&self) -> Vec<u8> {
        self.state().keys[0].pair.public_key().as_ref().to_vec()
    }

    /// How the next token request is answered; later ones are refused with `invalid_grant`.
    pub fn answer(&self, answer: TokenAnswer) {
        self.state().answers = [answer].into();
    }

    /// The bodies of the token requests so far.
    pub fn requests(&self) -> Vec<(HeaderMap, String)> {
        self.state().requests.clone()
    }
}

async fn discovery(State(provider): State<Provider>) -> Response {
    let state = provider.state();
    if state.is_away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let base = &state.base;
    Json(json!({
        "issuer": base, "authorization_endpoint": format!("{base}/auth"), "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"), "end_session_endpoint": format!("{base}/end"),
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let state = provider.state();
    let key = |key: &Key| {
        let point = key.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key.id,
            "x": encode(&point[1..33]), "y": encode(&point[33..65]),
        })
    };
    Json(json!({"keys": state.keys.iter().map(key).collect::<Vec<_>>()}))
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, body: String) -> Response {
    let answer = {
        let mut state = provider.state();
        state.requests.push((headers, body));
        state.answers.pop_front()
    };
    match answer {
        Some(TokenAnswer::IdToken(token)) => {
            Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": token})).into_response()
        }
        Some(TokenAnswer::Other(status, body)) => {
            (StatusCode::from_u16(status).unwrap_or_default(), body).into_response()
        }
        Some(TokenAnswer::Silence) => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::OK.into_response()
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response(),
    }
}
