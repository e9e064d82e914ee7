//! What a run depends on: what the receiver is used to, in whose name it is asked, with which credential, and for how long.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Uri};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::check::text::Said;
use crate::{Origin, Rate};

/// How an event travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A CloudEvent in structured mode, after the consent handshake.
    Structured,
    /// A CloudEvent in binary mode, after the consent handshake.
    Binary,
    /// CloudEvents in batches, after the consent handshake.
    Batch,
    /// Notifications of the Notificaties API, which knows probes instead of consent.
    Legacy,
}

/// How the receiver consents to the events of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// By the handshake of the run. What it granted before counts if it neither consents nor refuses now, as receivers do that
    /// consent by callback.
    Handshake {
        /// The rate that it granted before; `None` when it did not.
        before: Option<Rate>,
    },
    /// In another way, at this rate; it is not asked.
    Agreed(Rate),
}

/// Consent by callback.
#[derive(Debug, Clone)]
pub struct CallbackOptions {
    /// Where to listen for it.
    pub listen: SocketAddr,
    /// The URL under which the receiver reaches that address; `None` for the address itself.
    pub url: Option<Uri>,
    /// How long to wait for it.
    pub wait: Duration,
}

/// Waits until an event may be sent; the error ends the run.
pub type Turn = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), Said>> + Send>> + Send + Sync>;

/// The options of a run.
#[derive(Clone)]
pub struct Options {
    /// What the receiver is used to; the other formats are tried as well.
    pub format: Format,
    /// The name to ask consent for.
    pub origin: Origin,
    /// The rate to ask for, in requests per minute.
    pub rate: NonZeroU32,
    /// How the receiver consents; without meaning for [`Format::Legacy`].
    pub consent: Consent,
    /// Offers consent by callback.
    pub callback: Option<CallbackOptions>,
    /// Headers of every event besides those of the run. Their values are not shown.
    pub headers: HeaderMap,
    /// `Authorization` of the events; not sent with the handshake.
    pub authorization: Option<HeaderValue>,
    /// Whether the token of `authorization` is also sent in the query, where the receiver and proxies may log it.
    pub query_token: bool,
    /// An event to send instead of the built-in one; its id is replaced.
    pub event: Option<Map<String, Value>>,
    /// Part of the ids of events, which should differ between runs.
    pub run: String,
    /// An answer that takes longer than this is remarked on.
    pub slow_after: Duration,
    /// The time for one request, from the call to the last byte.
    pub timeout: Duration,
    /// When the run ends at the latest, except for a request under way; what was not observed by then is reported so.
    pub deadline: Option<Instant>,
    /// Called before each event.
    pub turn: Turn,
    /// Receives remarks while the run goes on: that it waits, or how long it takes.
    pub remark: Arc<dyn Fn(&Said) + Send + Sync>,
}

impl Options {
    /// Options for a structured receiver without credential, asked in the name of `origin` for 120 requests per minute.
    pub fn new(origin: Origin) -> Self {
        Self {
            format: Format::Structured,
            origin,
            rate: const { NonZeroU32::new(120).expect("not zero") },
            consent: Consent::Handshake { before: None },
            callback: None,
            headers: HeaderMap::new(),
            authorization: None,
            query_token: false,
            event: None,
            run: "0".to_owned(),
            slow_after: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            deadline: None,
            turn: Arc::new(|| Box::pin(async { Ok(()) })),
            remark: Arc::new(|_| {}),
        }
    }
}
