//! One request: the message in the subscription's format, the headers that belong to the subscription, and the port
//! that sends it. Every attempt of one event is the same request (GW-06, CE-WH-05, CE-WH-06).

use std::{fmt::Write, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{AUTHORIZATION, CACHE_CONTROL, USER_AGENT},
};
use model::{Kanaal, Subscription, subscription::Format, subscription::Rendering};
use tokio::sync::OnceCell;

use crate::{
    answer::Reply,
    credentials::{Authorization, Credentials},
    item::Item,
    render::{self, Message},
};

/// A request to a sink; the method is always POST (CE-WH-02).
#[derive(Clone)]
pub struct Outgoing {
    /// The sink's URL, with its query and, if so configured, the token.
    pub url: Uri,
    /// All headers but `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body, never empty.
    pub body: Bytes,
}

/// Sends requests to sinks.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends one request and gives the answer, or why there is none; within a bounded time.
    async fn send(&self, outgoing: Outgoing) -> Reply;
}

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

/// Where the requests of one subscription go, worked out once for as long as it stays as it is.
pub(crate) struct Target {
    pub spec: Arc<Subscription>,
    prepared: OnceCell<Prepared>,
}

struct Prepared {
    url: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Target {
    pub fn new(spec: Arc<Subscription>) -> Self {
        Self { spec, prepared: OnceCell::new() }
    }

    /// The request for these events.
    pub async fn request(&self, message: Message, credentials: &dyn Credentials) -> Result<Outgoing, String> {
        let prepared = self.prepared.get_or_try_init(|| prepare(&self.spec, credentials)).await?;
        let Message { mut headers, body } = message;
        for (name, value) in &prepared.headers {
            headers.insert(name, value.clone());
        }
        Ok(Outgoing { url: prepared.url.clone(), headers, body })
    }
}

async fn prepare(spec: &Subscription, credentials: &dyn Credentials) -> Result<Prepared, String> {
    let authorization = credentials.authorization(spec).await.map_err(|error| error.to_string())?;
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
    match authorization {
        Authorization::None => {}
        Authorization::Header(text) => {
            let mut value = HeaderValue::from_str(&text).map_err(|_| "the credential is no header value")?;
            value.set_sensitive(true);
            headers.push((AUTHORIZATION, value));
        }
        Authorization::QueryToken(token) => {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("access_token=");
            url.push_str(&percent_encoded(&token));
            headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        }
    }
    let url = url.parse().map_err(|_| "the URL of the sink cannot be used")?;
    Ok(Prepared { url, headers })
}

/// Everything but unreserved characters (RFC 3986) as percent sequences.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The message for these events in the subscription's format, or why there is none. More than one event is a batch.
pub(crate) fn message(
    spec: &Subscription,
    items: &[Arc<Item>],
    structured: bool,
    kanaal: Option<&Kanaal>,
    gateway: &str,
) -> Result<Message, String> {
    let first = items.first().ok_or("there is nothing to send")?;
    Ok(match spec.format {
        _ if structured => render::structured(first, Rendering::Canonical),
        Format::Structured(rendering) => render::structured(first, rendering),
        Format::Binary => render::binary(first),
        Format::Legacy => render::legacy(first, kanaal, gateway).map_err(|error| error.to_string())?,
        Format::Batch { .. } => render::batch(items.iter().map(AsRef::as_ref)),
    })
}
