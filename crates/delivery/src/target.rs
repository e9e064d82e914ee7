//! Where the requests of one subscription go: URL, headers and credential, worked out once and kept while they hold.
//!
//! Requests that find no credential wait for the one of them that gets it, and share its failure. A credential that the
//! sink refused is dropped; the retry, whose moment the machine decides, brings another one.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use http::{
    HeaderName, HeaderValue, Uri,
    header::{AUTHORIZATION, CACHE_CONTROL, USER_AGENT},
};
use model::{Clock, Subscription, Timestamp};
use tokio::sync;

use crate::{
    credentials::{Authorization, Credentials, Opened},
    post::Outgoing,
    render::Message,
};

const USER_AGENT_VALUE: HeaderValue =
    HeaderValue::from_static(concat!("nl-gov-event-gateway/", env!("CARGO_PKG_VERSION")));
const WEBHOOK_REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");

/// Headers that a subscription cannot set: they belong to the connection, the message or consent.
const OURS: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-request-origin",
];

/// Where the requests of one subscription go, for as long as it stays as it is.
pub(crate) struct Target {
    pub spec: Arc<Subscription>,
    held: Mutex<Option<Arc<Prepared>>>,
    /// Whether the sink refused the last credential.
    refused: AtomicBool,
    /// Held by whoever opens the credential; the last failure.
    turn: sync::Mutex<Option<Failure>>,
}

struct Failure {
    at: Timestamp,
    reason: String,
}

/// What all requests have in common while the credential holds.
pub(crate) struct Prepared {
    url: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    tls: Option<Arc<str>>,
    until: Option<Timestamp>,
}

impl Prepared {
    /// The request that carries this message.
    pub fn request(&self, message: Message) -> Outgoing {
        let Message { mut headers, body } = message;
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        Outgoing { url: self.url.clone(), headers, body, tls: self.tls.clone() }
    }
}

impl Target {
    pub fn new(spec: Arc<Subscription>) -> Self {
        Self { spec, held: Mutex::default(), refused: AtomicBool::new(false), turn: sync::Mutex::default() }
    }

    /// What all requests have in common now, or why there can be no request.
    pub async fn prepared(&self, credentials: &dyn Credentials, clock: &dyn Clock) -> Result<Arc<Prepared>, String> {
        let asked = clock.now();
        if let Some(held) = self.held(asked) {
            return Ok(held);
        }
        let mut turn = self.turn.lock().await;
        if let Some(held) = self.held(clock.now()) {
            return Ok(held);
        }
        if let Some(failure) = turn.as_ref().filter(|failure| failure.at > asked) {
            return Err(failure.reason.clone());
        }
        let renew = self.refused.load(Ordering::Relaxed);
        let opened = credentials.authorization(&self.spec, renew).await.map_err(|error| error.to_string());
        match opened.and_then(|opened| prepare(&self.spec, opened)) {
            Ok(prepared) => {
                let prepared = Arc::new(prepared);
                *self.hold() = Some(Arc::clone(&prepared));
                self.refused.store(false, Ordering::Relaxed);
                *turn = None;
                Ok(prepared)
            }
            Err(reason) => {
                *turn = Some(Failure { at: clock.now(), reason: reason.clone() });
                Err(reason)
            }
        }
    }

    /// The sink refused the credential of a request (401).
    pub fn refused(&self, prepared: &Arc<Prepared>) {
        let mut held = self.hold();
        // Another request may have brought a newer one meanwhile; and one that never lapses is the only one there is.
        if prepared.until.is_some() && held.as_ref().is_some_and(|held| Arc::ptr_eq(held, prepared)) {
            *held = None;
            self.refused.store(true, Ordering::Relaxed);
        }
    }

    fn held(&self, now: Timestamp) -> Option<Arc<Prepared>> {
        self.hold().as_ref().filter(|held| held.until.is_none_or(|until| now < until)).cloned()
    }

    fn hold(&self) -> MutexGuard<'_, Option<Arc<Prepared>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(spec: &Subscription, opened: Opened) -> Result<Prepared, String> {
    let mut headers = Vec::with_capacity(spec.headers.len() + 4);
    for (name, value) in &spec.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header of the subscription is no header")?;
        let own = OURS.contains(&name.as_str()) || name.as_str().starts_with("ce-");
        if !own {
            let value = HeaderValue::from_str(value);
            headers.push((name, value.map_err(|_| "a header of the subscription has an impossible value")?));
        }
    }
    headers.push((USER_AGENT, USER_AGENT_VALUE));
    if let Some((origin, _)) = spec.consent.granted() {
        let origin = HeaderValue::from_str(origin).map_err(|_| "the granted origin is no header value")?;
        headers.push((WEBHOOK_REQUEST_ORIGIN, origin));
    }
    let mut url = spec.sink.clone();
    match opened.authorization {
        Authorization::None => {}
        Authorization::Header(text) => {
            let mut value = HeaderValue::from_str(&text).map_err(|_| "the credential is no header value")?;
            value.set_sensitive(true);
            headers.push((AUTHORIZATION, value));
        }
        Authorization::QueryToken(token) => {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("access_token=");
            url.push_str(&egress::url_part(&token));
            headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        }
    }
    let url = url.parse().map_err(|_| "the URL of the sink cannot be used")?;
    Ok(Prepared { url, headers, tls: spec.tls.as_deref().map(Arc::from), until: opened.until })
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, time::Duration};

    use async_trait::async_trait;
    use model::clock::ManualClock;

    use super::*;
    use crate::{credentials::CredentialError, machine::tests::subscription};

    /// Counts how often it is asked; a token holds ten seconds.
    struct Issuer {
        clock: Arc<ManualClock>,
        asked: AtomicUsize,
        renewed: AtomicUsize,
        fails: AtomicBool,
    }

    #[async_trait]
    impl Credentials for Issuer {
        async fn authorization(&self, _: &Subscription, renew: bool) -> Result<Opened, CredentialError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            self.renewed.fetch_add(usize::from(renew), Ordering::Relaxed);
            // Everybody who waits is waiting when this goes on.
            tokio::task::yield_now().await;
            self.clock.advance(Duration::from_millis(1));
            if self.fails.load(Ordering::Relaxed) {
                return Err(CredentialError("the endpoint is down".into()));
            }
            let until = Some(self.clock.now() + Duration::from_secs(10));
            Ok(Opened { authorization: Authorization::Header(format!("Bearer {number}")), until })
        }
    }

    fn place() -> (Issuer, Target) {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let issuer =
            Issuer { clock, asked: AtomicUsize::new(0), renewed: AtomicUsize::new(0), fails: AtomicBool::new(false) };
        (issuer, Target::new(Arc::new(subscription(1))))
    }

    async fn token(issuer: &Issuer, target: &Target) -> Result<String, String> {
        let prepared = target.prepared(issuer, issuer.clock.as_ref()).await?;
        let message = Message { headers: http::HeaderMap::new(), body: bytes::Bytes::new() };
        Ok(prepared.request(message).headers[AUTHORIZATION].to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn a_credential_is_kept_while_it_holds() {
        let (issuer, target) = place();
        for (wait, expected) in [(0, "Bearer 0"), (9, "Bearer 0"), (1, "Bearer 1"), (5, "Bearer 1")] {
            issuer.clock.advance(Duration::from_secs(wait));
            assert_eq!(token(&issuer, &target).await.unwrap(), expected);
        }
        assert_eq!(issuer.renewed.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn requests_at_once_share_one_opening_and_its_failure() {
        let (issuer, target) = place();
        let ask = || token(&issuer, &target);
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!([one, two, three].map(Result::unwrap), ["Bearer 0"; 3].map(str::to_owned));
        issuer.clock.advance(Duration::from_secs(10));
        issuer.fails.store(true, Ordering::Relaxed);
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!(one.unwrap_err(), "no credential for the sink: the endpoint is down");
        assert!(two.is_err() && three.is_err());
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 2, "the failure was shared");
        issuer.fails.store(false, Ordering::Relaxed);
        assert_eq!(ask().await.unwrap(), "Bearer 2", "a later request tries again");
    }

    #[tokio::test]
    async fn a_refused_credential_is_renewed_once() {
        let (issuer, target) = place();
        let first = target.prepared(&issuer, issuer.clock.as_ref()).await.unwrap();
        target.refused(&first);
        let second = target.prepared(&issuer, issuer.clock.as_ref()).await.unwrap();
        // A slower request with the first one is refused as well.
        target.refused(&first);
        assert!(Arc::ptr_eq(&second, &target.prepared(&issuer, issuer.clock.as_ref()).await.unwrap()));
        assert_eq!((issuer.asked.load(Ordering::Relaxed), issuer.renewed.load(Ordering::Relaxed)), (2, 1));
    }
}
