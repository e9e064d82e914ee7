//! The state of the layers around handlers, and their configured values.

use std::{ops::Deref, sync::Arc, time::Duration};

use http::HeaderMap;
use management::audit::Recorder;
use model::{Clock, Random};
use storage::Control;

use crate::{
    Contact, Cors, Problem, ProblemType, PublicUrl,
    auth::{
        AccessTokens, AddressEntry, Autorisaties, Caller, Certificates, PersonTokens, Tokens, TrustedHeader, Usage,
        failures::Failures,
    },
    document::Documents,
    face::RefusalPages,
    overload::Overload,
    rate::Rate,
};

/// The state of the layers around handlers; cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Parts>);

/// The contents of a [`Context`].
pub struct Parts {
    /// The configured values of the layers.
    pub settings: Settings,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// Makes the `instance` of problem documents.
    pub random: Arc<dyn Random>,
    /// Catches up with what other nodes changed.
    pub control: Arc<dyn Control>,
    /// Verifies tokens and caches the results.
    pub tokens: Tokens,
    /// Verifies access tokens; `None` when no OpenID Connect provider is configured.
    pub access_tokens: Option<AccessTokens>,
    /// Verifies access tokens of people; `None` when no provider of people is configured.
    pub person_tokens: Option<PersonTokens>,
    /// The proxies that name people in a header; `None`: none does.
    pub trusted_header: Option<TrustedHeader>,
    /// Clients that are recognised by their address alone.
    pub addresses: Vec<Arc<AddressEntry>>,
    /// Whether a request with `is_anonymous` gives up what its credentials grant (CH-126).
    pub is_anonymous: bool,
    /// Verifies client certificates.
    pub certificates: Certificates,
    /// Gives the rights of applicaties without declared scopes; `None` when no Autorisaties API is configured.
    pub autorisaties: Option<Arc<Autorisaties>>,
    /// Adds entries to the audit trail.
    pub recorder: Arc<Recorder>,
    /// Limits the rate of publishers.
    pub rate: Rate,
    /// Counts wrong tokens, and locks senders out that send too many.
    pub failures: Failures,
    /// When clients were last accepted, and how many tokens in their name were refused.
    pub usage: Arc<Usage>,
    /// Keeps the queue of publishing requests short.
    pub overload: Arc<Overload>,
    /// Documents that are the same for every client.
    pub documents: Documents,
    /// Writes the pages of refusals to people; `None` without a console.
    pub pages: Option<Arc<dyn RefusalPages>>,
}

/// The configured values of the layers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address of the gateway, for links.
    pub public_url: PublicUrl,
    /// The path prefix under which a proxy passes requests on; empty for none, else with a leading slash.
    pub prefix: String,
    /// Proxies whose `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-For` are trusted.
    pub trusted_proxies: Vec<egress::Cidr>,
    /// The bounds of requests.
    pub limits: Limits,
    /// Whether a token in the query parameter `access_token` is accepted (CE-WHA-02).
    pub query_token: bool,
    /// Whether reads are recorded in the audit trail that are not recorded anyway (`audit.reads`).
    pub audit_reads: bool,
    /// Browser applications that may read answers.
    pub cors: Cors,
    /// The contact in API descriptions.
    pub contact: Contact,
    /// Whether answers carry `Strict-Transport-Security`: the listener speaks TLS.
    pub strict_transport: bool,
}

/// Bounds of requests; the status of a refusal in parentheses.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest body, in bytes (413).
    pub body_bytes: usize,
    /// How long a body may take to arrive (408).
    pub receive: Duration,
    /// The maximum number of headers (431).
    pub headers: usize,
    /// Most bytes of names and values of all headers together (431).
    pub header_bytes: usize,
    /// Most events in one batch; only named in texts, `translator` enforces it.
    pub batch_events: usize,
}

impl Context {
    /// A context with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The address of the gateway for links in the answer to a request with these headers, without a slash at the end.
    pub fn public_url(&self, headers: &HeaderMap) -> String {
        self.settings.public_url.of(headers)
    }

    /// Counts a publishing request against the rate limit of its client.
    ///
    /// # Errors
    /// 429 with `Retry-After` when the client exceeds its rate.
    pub fn admit(&self, caller: &Caller) -> Result<(), Problem> {
        self.rate.admit(&caller.client_id, self.clock.instant()).map_err(|wait| {
            Problem::new(ProblemType::TooManyRequests, "This client publishes faster than it may.")
                .with_retry_after(wait)
        })
    }

    /// Counts the events of a request that was admitted: so many in all.
    pub fn count_events(&self, caller: &Caller, events: usize) {
        self.rate.charge(&caller.client_id, events.saturating_sub(1), self.clock.instant());
    }
}

impl Deref for Context {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
