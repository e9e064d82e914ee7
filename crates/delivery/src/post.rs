//! One request: the message in the subscription's format, and the port that sends it. Every attempt of one event is the
//! same request, but for a credential that was renewed (GW-06, CE-WH-05, CE-WH-06).

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use model::{Kanaal, Subscription, subscription::Format, subscription::Rendering};

use crate::{
    answer::Reply,
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
    /// Name of the TLS profile that the subscription asks for.
    pub tls: Option<Arc<str>>,
}

/// Sends requests to sinks.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends one request and gives the answer, or why there is none; within a bounded time.
    async fn send(&self, outgoing: Outgoing) -> Reply;
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
