//! The client: one pooled HTTP client per TLS profile, and one function that sends.
//! It follows no redirect, retries nothing once a byte was sent, and adds no header but `Host` and `Content-Length`.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, Version};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpInfo;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::body;
use crate::dial::{Connector, DialError};
use crate::dialect::Dialect;
use crate::error::{Phase, SendError, SettingsError};
use crate::policy::{self, Policy};
use crate::tls::{self, TlsProfile};

/// HTTP/2 connections in use are asked for a sign of life, because a dead one would swallow every later request.
const H2_PING_INTERVAL: Duration = Duration::from_secs(15);
const H2_PING_TIMEOUT: Duration = Duration::from_secs(10);

/// How the client is set up, once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where requests may go.
    pub policy: Policy,
    /// Time for resolving, connecting and TLS together.
    pub connect_timeout: Duration,
    /// Connections kept open per destination while idle.
    pub pool_idle_per_host: usize,
    /// How long an idle connection is kept.
    pub pool_idle_timeout: Duration,
    /// Longest head of a response in bytes; at least 8 KiB.
    pub max_head: u32,
    /// PEM files with roots trusted besides the public ones.
    pub extra_ca: Vec<PathBuf>,
    /// Named TLS profiles for destinations that need a client certificate or their own roots.
    pub profiles: BTreeMap<String, TlsProfile>,
    /// How HTTP and TLS are spoken.
    pub dialect: Dialect,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            connect_timeout: Duration::from_secs(10),
            pool_idle_per_host: 64,
            pool_idle_timeout: Duration::from_mins(1),
            max_head: 32 * 1024,
            extra_ca: Vec::new(),
            profiles: BTreeMap::new(),
            dialect: Dialect::default(),
        }
    }
}

/// Bounds of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the call to the last byte that is read.
    pub total: Duration,
    /// Longest silence between two pieces of the body.
    pub idle: Duration,
    /// Bytes of the body that are returned.
    pub keep: usize,
    /// Bytes read and dropped beyond that, so that the connection can serve again; then it is closed.
    pub drain: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(30), idle: Duration::from_secs(10), keep: 4 * 1024, drain: 64 * 1024 }
    }
}

/// One request. Headers are sent as they are.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute URL, http or https, query included.
    pub url: Uri,
    /// The headers, without `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Name of the TLS profile; none for the general one.
    pub tls: Option<Arc<str>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The version of HTTP it came in.
    pub version: Version,
    /// The status, 3xx included.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The start of the body, at most [`Limits::keep`] bytes.
    pub body: Bytes,
    /// Whether the body was longer, or broke off before its end.
    pub truncated: bool,
    /// The address that answered.
    pub remote: Option<SocketAddr>,
}

type Http = Client<Connector, Full<Bytes>>;

/// The way out. Made once and shared; keeps connections open between requests.
pub struct Egress {
    settings: Settings,
    clients: ArcSwap<Clients>,
    policy: Arc<Policy>,
}

/// The clients over one reading of the PEM files.
struct Clients {
    general: Http,
    profiles: HashMap<String, Http>,
}

impl Egress {
    /// Reads the PEM files and builds the clients. Opens no connection.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let policy = Arc::new(settings.policy.clone());
        let clients = ArcSwap::from_pointee(clients(&settings, &policy)?);
        Ok(Self { settings, clients, policy })
    }

    /// Reads the PEM files again. Requests under way keep their connections, later ones make new ones; when a file
    /// cannot be used everything stays as it was.
    pub fn reload(&self) -> Result<(), SettingsError> {
        self.clients.store(Arc::new(clients(&self.settings, &self.policy)?));
        Ok(())
    }

    /// Every PEM file that the settings name.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let profiles = self.settings.profiles.values();
        let own = profiles.flat_map(|profile| profile.certificate.iter().chain(&profile.key).chain(&profile.ca));
        self.settings.extra_ca.iter().chain(own).map(PathBuf::as_path)
    }

    /// The address policy, for judging URLs before they are used.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether a TLS profile of this name exists.
    pub fn has_profile(&self, name: &str) -> bool {
        self.settings.profiles.contains_key(name)
    }

    /// Sends one request and returns the response, whatever its status. A slow, endless or broken body is no error:
    /// the response then says `truncated`.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Response, SendError> {
        let clients = self.clients.load_full();
        let client = match &request.tls {
            None => &clients.general,
            Some(name) => {
                clients.profiles.get(&**name).ok_or_else(|| SendError::UnknownProfile(name.as_ref().to_owned()))?
            }
        };
        policy::check_parts(&request.url)?;
        let deadline = Instant::now() + limits.total;
        let mut outgoing = http::Request::new(Full::new(request.body));
        *outgoing.method_mut() = request.method;
        *outgoing.uri_mut() = request.url;
        *outgoing.headers_mut() = request.headers;
        let answer = match timeout_at(deadline, client.request(outgoing)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(classified(&error)),
            Err(_) => return Err(SendError::Timeout(Phase::Answer)),
        };
        let (head, body) = answer.into_parts();
        let remote = head.extensions.get::<HttpInfo>().map(HttpInfo::remote_addr);
        let (body, truncated) = body::read(body, &limits, deadline).await;
        Ok(Response { version: head.version, status: head.status, headers: head.headers, body, truncated, remote })
    }
}

fn clients(settings: &Settings, policy: &Arc<Policy>) -> Result<Clients, SettingsError> {
    let roots = tls::general_roots(&settings.extra_ca)?;
    let mut profiles = HashMap::with_capacity(settings.profiles.len());
    for (name, profile) in &settings.profiles {
        let config = tls::profiled(name, profile, &roots, settings.dialect)?;
        profiles.insert(name.clone(), client(settings, policy, config));
    }
    Ok(Clients { general: client(settings, policy, tls::general(roots, settings.dialect)), profiles })
}

fn client(settings: &Settings, policy: &Arc<Policy>, tls: ClientConfig) -> Http {
    let head = settings.max_head.max(8 * 1024);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(settings.pool_idle_timeout)
        .pool_max_idle_per_host(settings.pool_idle_per_host)
        .http1_max_buf_size(head as usize)
        .http1_title_case_headers(settings.dialect.title_case)
        .http2_max_header_list_size(head)
        .http2_keep_alive_interval(H2_PING_INTERVAL)
        .http2_keep_alive_timeout(H2_PING_TIMEOUT)
        .build(Connector::new(Arc::clone(policy), tls, settings.connect_timeout))
}

/// Finds what really went wrong in the chain of causes.
fn classified(error: &(dyn Error + 'static)) -> SendError {
    let mut deepest = error;
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(dial) = cause.downcast_ref::<DialError>() {
            return match dial {
                DialError::Refused(refusal) => SendError::Refused(*refusal),
                DialError::Dns(text) => SendError::Dns(text.clone()),
                DialError::Connect(text) => SendError::Connect(text.clone()),
                DialError::Tls(text) => SendError::Tls(text.clone()),
                DialError::Timeout => SendError::Timeout(Phase::Connect),
            };
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return SendError::Tls(tls.to_string());
        }
        deepest = cause;
        // An io::Error hides the error it carries from `source`.
        let carried = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = carried.map(|carried| carried as &(dyn Error + 'static)).or_else(|| cause.source());
    }
    SendError::Protocol(deepest.to_string())
}
