//! An OpenID Connect provider: its discovery document and its keys, requested through `egress` and cached.
//!
//! They are requested when they are needed first, each hour, and when a token names a key that is not known, at most once a
//! minute. While the provider cannot be reached the keys that are there stay in use. What tokens mean is decided elsewhere
//! (crate `oidc`).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use egress::{Egress, Limits, Owner, Request};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use model::Timestamp;
use oidc::{Claims, Expected, KeySet, Provider};
use tokio::sync;

use super::{
    access_tokens::{AccessTokenError, check_confirmation},
    certificates::Shown,
};

/// How long keys are used before they are requested again.
const MAX_AGE: Duration = Duration::from_hours(1);
/// The shortest time between two requests because keys are old, and between two because a token names another key.
const MIN_INTERVAL: Duration = Duration::from_mins(1);
/// The shortest time between two requests while there are no keys.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// The longest document of the provider, in bytes.
const MAX_DOCUMENT: usize = 256 << 10;

/// What is known of a provider.
#[derive(Debug)]
pub struct Known {
    /// Its discovery document.
    pub provider: Provider,
    /// Its keys.
    pub keys: KeySet,
}

/// Requests and caches what is known of one provider, and exchanges codes there.
pub struct ProviderClient {
    issuer: String,
    timeout: Duration,
    egress: Arc<Egress>,
    cache: Mutex<Cache>,
    /// Held during a request, so that at most one is under way.
    request_lock: sync::Mutex<()>,
}

#[derive(Default)]
struct Cache {
    known: Option<Arc<Known>>,
    /// When it was requested, successfully.
    fetched: Option<Timestamp>,
    /// When it was requested last because of its age, or because there was none.
    asked: Option<Timestamp>,
    /// When it was requested last because a token named another key.
    asked_for_key: Option<Timestamp>,
}

impl ProviderClient {
    /// A client of the provider that names itself `issuer`; `timeout` is the time limit of one request. It sends no request
    /// yet.
    pub fn new(issuer: String, timeout: Duration, egress: Arc<Egress>) -> Self {
        Self { issuer, timeout, egress, cache: Mutex::default(), request_lock: sync::Mutex::new(()) }
    }

    /// The provider, as its tokens name it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What is known of the provider at `now`, requested when there is nothing or it is old; `None` when it cannot be had.
    pub async fn known(&self, now: Timestamp) -> Option<Arc<Known>> {
        if let Ok(known) = self.cache().usable(now) {
            return known;
        }
        let _guard = self.request_lock.lock().await;
        // The previous holder of the lock may have brought it.
        if let Ok(known) = self.cache().usable(now) {
            return known;
        }
        self.cache().asked = Some(now);
        self.refresh(now).await
    }

    /// What is known after `before`, which lacks the key that a token names.
    pub async fn other(&self, before: &Arc<Known>, now: Timestamp) -> Option<Arc<Known>> {
        let _guard = self.request_lock.lock().await;
        {
            let mut cache = self.cache();
            if let Some(known) = cache.known.as_ref().filter(|known| !Arc::ptr_eq(known, before)) {
                return Some(Arc::clone(known));
            }
            if is_within(cache.asked_for_key, MIN_INTERVAL, now) {
                return Some(Arc::clone(before));
            }
            cache.asked_for_key = Some(now);
        }
        self.refresh(now).await
    }

    /// Sends a request that `oidc` made, such as the exchange of a code; returns the status and at most 256 KiB of the body.
    ///
    /// # Errors
    /// The reason why there is no answer, without any secret.
    pub async fn send(&self, request: http::Request<String>) -> Result<(StatusCode, Bytes), String> {
        let (parts, body) = request.into_parts();
        self.request(parts.method, &parts.uri.to_string(), parts.headers, Bytes::from(body)).await
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn refresh(&self, now: Timestamp) -> Option<Arc<Known>> {
        let requested = self.discover().await;
        let mut cache = self.cache();
        match requested {
            Ok(known) => {
                let known = Arc::new(known);
                (cache.known, cache.fetched) = (Some(Arc::clone(&known)), Some(now));
                Some(known)
            }
            Err(reason) => {
                tracing::warn!(reason, "the keys of the OpenID Connect provider were not refreshed");
                cache.known.clone()
            }
        }
    }

    async fn discover(&self) -> Result<Known, String> {
        let document = self.document(&Provider::discovery_url(&self.issuer)).await?;
        let provider = Provider::parse(&document, &self.issuer).map_err(|error| error.to_string())?;
        let document = self.document(&provider.jwks_uri).await?;
        let keys = KeySet::parse(&document).map_err(|error| error.to_string())?;
        Ok(Known { provider, keys })
    }

    async fn document(&self, url: &str) -> Result<Bytes, String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        match self.request(Method::GET, url, headers, Bytes::new()).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(format!("it answered {status}")),
        }
    }

    async fn request(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), String> {
        let url = self.egress.policy().check_url(url).map_err(|error| format!("the URL {error}"))?;
        let tls = self.egress.profile_for(&url, Owner::Gateway);
        let limits = Limits { total: self.timeout, idle: self.timeout, keep: MAX_DOCUMENT + 1, drain: 0 };
        let request = Request { method, url, headers, body, tls };
        let answer = self.egress.send(request, limits).await.map_err(|error| error.to_string())?;
        Ok((answer.status, answer.body))
    }
}

/// Verifies access tokens of one provider for one audience.
pub struct TokenVerifier {
    audience: String,
    leeway: i64,
    provider: ProviderClient,
}

impl TokenVerifier {
    /// A verifier that fetches the keys of the provider with the first token; see [`ProviderClient::new`]. Clocks may differ by
    /// `leeway` seconds.
    pub fn new(issuer: String, audience: String, leeway: i64, timeout: Duration, egress: Arc<Egress>) -> Self {
        Self { audience, leeway, provider: ProviderClient::new(issuer, timeout, egress) }
    }

    /// The provider, as its tokens name it.
    pub fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// The claims of a token that is valid at `now`. One that is bound to a client certificate needs that one, `certificate`.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn claims(
        &self,
        token: &str,
        certificate: Option<&Shown>,
        now: Timestamp,
    ) -> Result<Claims, AccessTokenError> {
        let expected = Expected { issuer: self.issuer(), audience: &self.audience, now, leeway: self.leeway };
        let known = self.provider.known(now).await.ok_or(AccessTokenError::NoKeys)?;
        let claims = match oidc::access_token(token, &known.keys, &expected) {
            Err(oidc::Error::UnknownKey) => {
                let other = self.provider.other(&known, now).await.ok_or(AccessTokenError::NoKeys)?;
                oidc::access_token(token, &other.keys, &expected)?
            }
            result => result?,
        };
        check_confirmation(&claims, certificate)?;
        Ok(claims)
    }
}

/// What the cache contains is too old, or nothing.
struct Stale;

impl Cache {
    /// The provider as known, `None` when it did not answer just now.
    ///
    /// # Errors
    /// When it must be requested.
    fn usable(&self, now: Timestamp) -> Result<Option<Arc<Known>>, Stale> {
        match &self.known {
            Some(known) if is_within(self.fetched, MAX_AGE, now) || is_within(self.asked, MIN_INTERVAL, now) => {
                Ok(Some(Arc::clone(known)))
            }
            None if is_within(self.asked, RETRY_INTERVAL, now) => Ok(None),
            _ => Err(Stale),
        }
    }
}

/// Whether a moment is less than `age` ago. A clock that was set back makes it longer ago.
fn is_within(since: Option<Timestamp>, age: Duration, now: Timestamp) -> bool {
    since.is_some_and(|since| since <= now && now < since + age)
}
