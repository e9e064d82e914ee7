//! What all requests of one subscription have in common: URL, headers and credential. They are prepared once and cached
//! while the credential is valid.
//!
//! While one request opens the credential, the others wait for it, and fail with it. A credential that the sink refused is
//! dropped; the next retry, at the time that the engine decides, opens another one.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use delivery::Reply;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE},
};
use model::{Clock, Sink, Subscription, Timestamp, clock::Instant};
use tokio::sync;

use crate::{
    channel::gateway_failure,
    credentials::{Authorization, CredentialError, Credentials, OpenedCredential},
    render::{self, MessageHeaders},
    via,
};

const WEBHOOK_REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");

/// Room for the headers that a subscription does not set, with those that the client adds.
const USUAL_HEADERS: usize = 12;

/// Headers that a subscription cannot set: they belong to the connection, the message or consent.
const RESERVED_HEADERS: [&str; 13] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "gateway-via",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-request-origin",
];

/// Makes the requests of one subscription, as long as the subscription stays as it is.
pub(crate) struct Target {
    /// The subscription that the requests are for.
    pub spec: Arc<Subscription>,
    /// The value of `Gateway-Via` for events that passed no other gateway.
    via: Option<HeaderValue>,
    cached: Mutex<Option<Arc<RequestTemplate>>>,
    /// Whether the sink refused the last credential.
    refused: AtomicBool,
    /// Locked while a request opens the credential; holds the last failure.
    opening: sync::Mutex<Option<Failure>>,
}

struct Failure {
    at: Instant,
    reply: Reply,
}

/// The part that all requests have in common while the credential is valid.
pub(crate) struct RequestTemplate {
    /// Where the requests go.
    pub url: Uri,
    /// The name of the TLS profile that the subscription names.
    pub tls: Option<Arc<str>>,
    /// With the content type of the subscription's format, if it has one.
    headers: HeaderMap,
    content_type: Option<&'static str>,
    until: Option<Timestamp>,
}

impl RequestTemplate {
    /// The headers of a request with this message; `via` replaces the value of `Gateway-Via`. They are made for this message
    /// only where it differs from the others.
    pub fn headers(&self, message: MessageHeaders, via: Option<HeaderValue>) -> Cow<'_, HeaderMap> {
        let mut headers = Cow::Borrowed(&self.headers);
        match message {
            MessageHeaders::ContentType(kind) if self.content_type == Some(kind) => {}
            MessageHeaders::ContentType(kind) => {
                headers.to_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            MessageHeaders::Binary(own) => headers.to_mut().extend(own),
        }
        if let Some(via) = via {
            headers.to_mut().insert(via::NAME, via);
        }
        headers
    }
}

impl Target {
    pub fn new(spec: Arc<Subscription>, via: Option<HeaderValue>) -> Self {
        Self { spec, via, cached: Mutex::default(), refused: AtomicBool::new(false), opening: sync::Mutex::default() }
    }

    /// What all requests have in common now, or what it means that there can be none; opens the credential if there is no
    /// valid one.
    pub async fn prepare(
        &self,
        credentials: &dyn Credentials,
        clock: &dyn Clock,
    ) -> Result<Arc<RequestTemplate>, Reply> {
        if let Some(template) = self.valid_cached(clock) {
            return Ok(template);
        }
        let asked = clock.instant();
        let mut last_failure = self.opening.lock().await;
        if let Some(template) = self.valid_cached(clock) {
            return Ok(template);
        }
        if let Some(failure) = last_failure.as_ref().filter(|failure| failure.at > asked) {
            return Err(failure.reply.clone());
        }
        let renew = self.refused.load(Ordering::Relaxed);
        let opened = credentials.authorization(&self.spec, renew).await;
        let opened = opened.and_then(|opened| Ok((opened, credentials.headers(&self.spec)?)));
        let opened = opened.map_err(|error| match &error {
            CredentialError::Own(_) => gateway_failure(error.to_string()),
            CredentialError::Unavailable(_) => Reply::failed(error.to_string()),
        });
        let template = opened.and_then(|(opened, headers)| self.template(&headers, opened).map_err(Reply::failed));
        match template {
            Ok(template) => {
                let template = Arc::new(template);
                *self.lock() = Some(Arc::clone(&template));
                self.refused.store(false, Ordering::Relaxed);
                *last_failure = None;
                Ok(template)
            }
            Err(reply) => {
                *last_failure = Some(Failure { at: clock.instant(), reply: reply.clone() });
                Err(reply)
            }
        }
    }

    /// The sink refused the credential of a request (401): drops it, if it can be renewed and was not yet.
    pub fn credential_refused(&self, template: &Arc<RequestTemplate>) {
        let mut cached = self.lock();
        // Another request may have opened a newer one meanwhile, and one without an end cannot be renewed.
        if template.until.is_some() && cached.as_ref().is_some_and(|cached| Arc::ptr_eq(cached, template)) {
            *cached = None;
            self.refused.store(true, Ordering::Relaxed);
        }
    }

    fn valid_cached(&self, clock: &dyn Clock) -> Option<Arc<RequestTemplate>> {
        self.lock().as_ref().filter(|template| template.until.is_none_or(|until| clock.now() < until)).cloned()
    }

    /// The template with the subscription's own headers and its opened credential.
    fn template(&self, own: &[(String, String)], opened: OpenedCredential) -> Result<RequestTemplate, String> {
        let spec = &self.spec;
        let mut headers = HeaderMap::with_capacity(own.len() + USUAL_HEADERS);
        for (name, value) in own {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header of the subscription is no header")?;
            let own = RESERVED_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("ce-");
            if !own {
                let value = HeaderValue::from_str(value);
                let mut value = value.map_err(|_| "a header of the subscription has an impossible value")?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        let content_type = render::content_type(spec.format);
        if let Some(kind) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(via) = &self.via {
            headers.insert(via::NAME, via.clone());
        }
        if let Some((origin, _)) = spec.consent.granted() {
            let origin = HeaderValue::from_str(origin).map_err(|_| "the granted origin is no header value")?;
            headers.insert(WEBHOOK_REQUEST_ORIGIN, origin);
        }
        let Sink::Webhook(mut url) = spec.sink.clone();
        match opened.authorization {
            Authorization::None => {}
            Authorization::Header(text) => {
                let mut value = HeaderValue::from_str(&text).map_err(|_| "the credential is no header value")?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
            Authorization::QueryToken(token) => {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str("access_token=");
                url.push_str(&egress::url_part(&token));
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
        }
        let url: Uri = url.parse().map_err(|_| "the URL of the sink cannot be used")?;
        egress::add_common_headers(&mut headers, &url);
        let tls = spec.tls.as_deref().map(Arc::from);
        Ok(RequestTemplate { url, tls, headers, content_type, until: opened.until })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<RequestTemplate>>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, time::Duration};

    use async_trait::async_trait;
    use model::clock::ManualClock;

    use super::*;
    use crate::sample::subscription;

    /// Counts how often it is asked; a token holds ten seconds.
    struct Issuer {
        clock: Arc<ManualClock>,
        asked: AtomicUsize,
        renewed: AtomicUsize,
        fails: AtomicBool,
    }

    #[async_trait]
    impl Credentials for Issuer {
        async fn authorization(&self, _: &Subscription, renew: bool) -> Result<OpenedCredential, CredentialError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            self.renewed.fetch_add(usize::from(renew), Ordering::Relaxed);
            // Everybody who waits is waiting when this goes on.
            tokio::task::yield_now().await;
            self.clock.advance(Duration::from_millis(1));
            if self.fails.load(Ordering::Relaxed) {
                return Err(CredentialError::Unavailable("the endpoint is down".into()));
            }
            let until = Some(self.clock.now() + Duration::from_secs(10));
            Ok(OpenedCredential { authorization: Authorization::Header(format!("Bearer {number}")), until })
        }
    }

    fn place() -> (Issuer, Target) {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let issuer =
            Issuer { clock, asked: AtomicUsize::new(0), renewed: AtomicUsize::new(0), fails: AtomicBool::new(false) };
        (issuer, Target::new(Arc::new(subscription()), None))
    }

    async fn token(issuer: &Issuer, target: &Target) -> Result<String, String> {
        let template = target.prepare(issuer, issuer.clock.as_ref()).await.map_err(|reply| reply.reason())?;
        let headers = template.headers(MessageHeaders::ContentType("a/b"), None);
        Ok(headers[AUTHORIZATION].to_str().unwrap().to_owned())
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
        let first = target.prepare(&issuer, issuer.clock.as_ref()).await.unwrap();
        target.credential_refused(&first);
        let second = target.prepare(&issuer, issuer.clock.as_ref()).await.unwrap();
        // A slower request with the first one is refused as well.
        target.credential_refused(&first);
        assert!(Arc::ptr_eq(&second, &target.prepare(&issuer, issuer.clock.as_ref()).await.unwrap()));
        assert_eq!((issuer.asked.load(Ordering::Relaxed), issuer.renewed.load(Ordering::Relaxed)), (2, 1));
    }
}
