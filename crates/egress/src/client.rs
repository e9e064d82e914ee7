//! The client: settings, requests and responses, and which TLS profile a request uses. How a request is performed is in
//! `exchange`; the pooled clients of the HTTP library are in `clients`.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version};
use tokio::time::Instant;

use crate::clients::{ClientsByProfile, ProfileClients};
use crate::error::{SendError, SettingsError};
use crate::exchange::Exchange;
use crate::http1_only::Http1Only;
use crate::limits::Limits;
use crate::policy::{self, Policy};
use crate::protocol::ProtocolOptions;
use crate::resolve::Resolver;
use crate::seen_certificates::SeenCertificates;
use crate::shortage::{LastShortage, Shortage};
use crate::tcp::{self, Connection, Destination};
use crate::tls::TlsProfile;

/// The `User-Agent` of the gateway.
pub(crate) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("nl-gov-event-gateway/", env!("CARGO_PKG_VERSION")));

/// The `Accept` of requests that have none.
pub(crate) const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// The settings of the client, fixed for its life.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which addresses requests may reach.
    pub policy: Policy,
    /// The time for resolving, connecting and TLS together.
    pub connect_timeout: Duration,
    /// Most idle connections per destination.
    pub pool_idle_per_host: usize,
    /// How long an idle connection is kept.
    pub pool_idle_timeout: Duration,
    /// The longest response head in bytes; at least 8 KiB.
    pub max_head: u32,
    /// PEM files with trusted roots besides the public ones.
    pub extra_ca: Vec<PathBuf>,
    /// Named TLS profiles for destinations that need a client certificate or their own roots.
    pub profiles: BTreeMap<String, TlsProfile>,
    /// How HTTP and TLS are spoken.
    pub protocol: ProtocolOptions,
    /// Destinations that get HTTP/1.1 although they offer HTTP/2: `host` or `host:port` as in the URL.
    pub http1: Vec<String>,
    /// The `User-Agent` of requests that have none.
    pub user_agent: HeaderValue,
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
            protocol: ProtocolOptions::default(),
            http1: Vec::new(),
            user_agent: AGENT,
        }
    }
}

/// A request. Headers are sent unchanged; `User-Agent` and `Accept` are added where they are absent.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The absolute URL, http or https, with its query.
    pub url: Uri,
    /// The headers, without `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The name of a TLS profile; `None` for the general configuration.
    pub tls: Option<Arc<str>>,
}

/// A request whose URL and headers belong to its sender, who sends others with the same ones. Otherwise like [`Request`].
#[derive(Debug, Clone)]
pub struct SharedRequest<'a> {
    /// The HTTP method.
    pub method: Method,
    /// The absolute URL, http or https, with its query.
    pub url: &'a Uri,
    /// The headers, without `Host` and `Content-Length`, unless [`add_common_headers`](crate::add_common_headers) added both.
    pub headers: &'a HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The name of a TLS profile; `None` for the general configuration.
    pub tls: Option<&'a str>,
}

/// A response whose body is complete or cut off at the limit.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP version.
    pub version: Version,
    /// The status, including 3xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The start of the body, at most [`Limits::keep`] bytes.
    pub body: Bytes,
    /// Whether the body was longer, or broke off, or the head did.
    pub truncated: bool,
    /// The address that responded.
    pub remote: Option<SocketAddr>,
}

impl Response {
    /// Whether nothing but the status could be read, because the rest of the head did not arrive or is no HTTP. Headers
    /// that are absent then say nothing.
    pub fn has_only_status(&self) -> bool {
        self.truncated && self.headers.is_empty()
    }
}

/// The party that a request is made for; it decides whether a client certificate is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The gateway itself, at a URL of its configuration.
    Gateway,
    /// An applicatie, by its `client_id`: its sinks, its token endpoints and the checks of them.
    Applicatie(&'a str),
    /// Nobody in particular: the destination must not see a certificate.
    Anonymous,
}

/// The client for outgoing requests. Created once and shared; keeps connections open between requests.
pub struct Egress {
    settings: Settings,
    clients: ArcSwap<ClientsByProfile>,
    policy: Arc<Policy>,
    resolver: Resolver,
    profiles: HashMap<Arc<str>, Profile>,
    http1_only: Http1Only,
    last_shortage: LastShortage,
    seen_certificates: Arc<SeenCertificates>,
}

/// How a profile is selected by destination.
struct Profile {
    has_certificate: bool,
    applicaties: Vec<String>,
    /// The name under which its roots are used without its certificate; `None` when it has no roots of its own.
    without: Option<Arc<str>>,
}

impl Profile {
    fn of(name: &str, profile: &TlsProfile) -> Self {
        let has_certificate = profile.certificate.is_some();
        let without = has_certificate && !profile.ca.is_empty();
        Self {
            has_certificate,
            applicaties: profile.applicaties.clone(),
            without: without.then(|| ClientsByProfile::without_certificate(name).into()),
        }
    }

    fn shows_its_certificate_for(&self, owner: Owner<'_>) -> bool {
        match owner {
            Owner::Gateway => true,
            Owner::Applicatie(id) => self.applicaties.is_empty() || self.applicaties.iter().any(|own| own == id),
            Owner::Anonymous => false,
        }
    }
}

impl Egress {
    /// Reads the PEM files and builds the clients. Opens no connection.
    ///
    /// # Errors
    /// When a PEM file or a profile cannot be used.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Self::with_resolver(settings, Resolver::new())
    }

    pub(crate) fn with_resolver(settings: Settings, resolver: Resolver) -> Result<Self, SettingsError> {
        let policy = Arc::new(settings.policy.clone());
        let seen_certificates = Arc::default();
        let clients = ClientsByProfile::new(&settings, &policy, &resolver, &seen_certificates)?;
        let clients = ArcSwap::from_pointee(clients);
        let profiles =
            settings.profiles.iter().map(|(name, profile)| (name.as_str().into(), Profile::of(name, profile)));
        let profiles = profiles.collect();
        let http1_only = Http1Only::new(settings.http1.iter().cloned());
        let last_shortage = LastShortage::default();
        Ok(Self { settings, clients, policy, resolver, profiles, http1_only, last_shortage, seen_certificates })
    }

    /// Reads the PEM files again. Requests in flight keep their connections; later ones open new connections.
    ///
    /// # Errors
    /// When a file cannot be used; then nothing changes.
    pub fn reload(&self) -> Result<(), SettingsError> {
        let (settings, seen) = (&self.settings, &self.seen_certificates);
        self.clients.store(Arc::new(ClientsByProfile::new(settings, &self.policy, &self.resolver, seen)?));
        Ok(())
    }

    /// When the certificate ends that the server of this URL showed last, in seconds since 1970. `None` when this process has
    /// had no TLS handshake with it; nothing is requested.
    pub fn server_certificate_end(&self, url: &Uri) -> Option<i64> {
        self.seen_certificates.end_of(url.host()?)
    }

    /// The PEM file with the client certificate of a TLS profile, if it has one.
    pub fn certificate_of(&self, profile: &str) -> Option<&Path> {
        self.settings.profiles.get(profile)?.certificate.as_deref()
    }

    /// Every PEM file named by the settings.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let profiles = self.settings.profiles.values();
        let own = profiles.flat_map(|profile| profile.certificate.iter().chain(&profile.key).chain(&profile.ca));
        self.settings.extra_ca.iter().chain(own).map(PathBuf::as_path)
    }

    /// The address policy, for checking URLs before they are used.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The TLS profile for requests to this URL on behalf of an owner: the one named like its destination, `host` or
    /// `host:port` as in the URL. For an owner that must not use its certificate, only its roots are used. `None`: the
    /// general configuration. A profile that a subscription names goes before it; whether it may is checked when it is
    /// named.
    pub fn profile_for(&self, url: &Uri, owner: Owner<'_>) -> Option<Arc<str>> {
        if self.profiles.is_empty() {
            return None;
        }
        let (name, profile) = self.profiles.get_key_value(url.authority()?.as_str())?;
        if !profile.has_certificate || profile.shows_its_certificate_for(owner) {
            Some(Arc::clone(name))
        } else {
            profile.without.clone()
        }
    }

    /// A resource of our own that was used up in the last ten seconds, so that connections could not be made.
    pub fn shortage(&self) -> Option<Shortage> {
        self.last_shortage.get(Instant::now())
    }

    /// Sends a request and returns the response, whatever its status. A slow, endless or broken body is not an error:
    /// the response is marked as `truncated`. Neither is a broken head after a status line of success
    /// ([`Response::has_only_status`]): the receiver has the request.
    ///
    /// A request that the receiver cannot have processed is sent again immediately, on another connection: when a
    /// connection that has served requests before fails without an answer, and when HTTP/2 says so (RFC 9113 section
    /// 8.7). At most three requests are made, within the limits.
    ///
    /// # Errors
    /// When no response head arrives within the limits, or the request may not be sent.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Response, SendError> {
        let Request { method, url, headers, body, tls } = &request;
        let (method, body, tls) = (method.clone(), body.clone(), tls.as_deref());
        self.send_shared(SharedRequest { method, url, headers, body, tls }, limits).await
    }

    /// Like [`send`](Self::send), for a request whose URL and headers its sender keeps.
    ///
    /// # Errors
    /// As `send`.
    pub async fn send_shared(&self, request: SharedRequest<'_>, limits: Limits) -> Result<Response, SendError> {
        self.exchange(request, limits, true).await
    }

    /// Like [`send`](Self::send), for a request that must not be processed twice. A connection that has served requests before and
    /// fails without an answer is an error: the receiver may have read the request. It is sent again only when nothing of it was
    /// written, or HTTP/2 says that it was not processed.
    ///
    /// # Errors
    /// As `send`.
    pub async fn send_once(&self, request: Request, limits: Limits) -> Result<Response, SendError> {
        let Request { method, url, headers, body, tls } = &request;
        let (method, body, tls) = (method.clone(), body.clone(), tls.as_deref());
        self.exchange(SharedRequest { method, url, headers, body, tls }, limits, false).await
    }

    async fn exchange(
        &self,
        request: SharedRequest<'_>,
        limits: Limits,
        trusts_reuse: bool,
    ) -> Result<Response, SendError> {
        let clients = self.clients.load_full();
        let clients: &ProfileClients = clients.of(request.tls)?;
        policy::check_parts(request.url)?;
        let deadline = Instant::now() + limits.total;
        let (http1_only, user_agent, limits) = (&self.http1_only, &self.settings.user_agent, &limits);
        let answer =
            Exchange { clients, http1_only, user_agent, request, limits, deadline, trusts_reuse }.perform().await;
        self.record_shortage(answer.as_ref().err());
        answer
    }

    /// Opens a stream for a protocol other than HTTP. The name is looked up and every address is checked for each stream; those that
    /// are allowed are tried in turn. All of that, and TLS if it comes first, takes at most [`Settings::connect_timeout`].
    ///
    /// # Errors
    /// When there is no connection or no TLS within that time, or the policy allows none of the addresses.
    pub async fn connect(&self, destination: Destination<'_>) -> Result<Connection, SendError> {
        let config = Arc::clone(self.clients.load().of(destination.tls)?.streams());
        let limit = self.settings.connect_timeout;
        let connected = tcp::connect(destination, &self.policy, &self.resolver, config, limit).await;
        self.record_shortage(connected.as_ref().err());
        connected
    }

    fn record_shortage(&self, error: Option<&SendError>) {
        if let Some(SendError::Own(shortage)) = error {
            self.last_shortage.set(*shortage, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[tokio::test]
    async fn b6_a_look_up_without_a_descriptor_is_our_own_trouble() {
        let resolver = Resolver::with(|_| Err(io::Error::from_raw_os_error(24)));
        let egress = Egress::with_resolver(Settings::default(), resolver).unwrap();
        assert_eq!(egress.shortage(), None);
        let request = Request {
            method: Method::GET,
            url: Uri::from_static("https://sink.example/"),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            tls: None,
        };
        let error = egress.send(request, Limits::default()).await.unwrap_err();
        assert!(matches!(error, SendError::Own(Shortage::Descriptors)) && !error.is_sinks_failure(), "{error}");
        assert!(error.may_pass() && error.to_string().contains("LimitNOFILE"), "{error}");
        assert_eq!(egress.shortage(), Some(Shortage::Descriptors));
    }

    #[test]
    fn d3_a_profile_belongs_to_its_destination_and_its_owners() {
        let profile = |certificate: bool, ca: bool, applicaties: &[&str]| TlsProfile {
            certificate: certificate.then(PathBuf::new),
            key: None,
            ca: if ca { vec![PathBuf::new()] } else { vec![] },
            applicaties: applicaties.iter().map(|id| (*id).to_owned()).collect(),
        };
        let [a, b] = ["a", "b"].map(Owner::Applicatie);
        for (profile, shown, hidden, otherwise) in [
            (profile(true, true, &["a"]), &[a, Owner::Gateway][..], &[b, Owner::Anonymous][..], Some("without")),
            (profile(true, false, &["a"]), &[a, Owner::Gateway], &[b, Owner::Anonymous], None),
            (profile(true, true, &[]), &[a, b, Owner::Gateway], &[Owner::Anonymous], Some("without")),
            (profile(false, true, &["a"]), &[a, b, Owner::Gateway, Owner::Anonymous], &[], None),
        ] {
            let mut egress = Egress::new(Settings::default()).unwrap();
            egress.profiles.insert("h.example:8443".into(), Profile::of("h.example:8443", &profile));
            let name = |url: &str, owner| egress.profile_for(&url.parse().unwrap(), owner);
            for owner in shown {
                assert_eq!(name("https://h.example:8443/x", *owner).as_deref(), Some("h.example:8443"), "{owner:?}");
            }
            for owner in hidden {
                let found = name("https://h.example:8443/x", *owner);
                let expected = otherwise.map(|_| ClientsByProfile::without_certificate("h.example:8443"));
                assert_eq!(found.as_deref(), expected.as_deref(), "{owner:?}");
            }
            assert_eq!(name("https://h.example/x", a), None);
        }
    }
}
