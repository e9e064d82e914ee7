//! The pooled clients of the HTTP library. Each TLS profile has four: connections that are kept or used once, and with the
//! version of HTTP that the receiver chooses or with HTTP/1.1.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use crate::client::Settings;
use crate::dial::Connector;
use crate::error::{SendError, SettingsError};
use crate::policy::Policy;
use crate::request_body::RequestBody;
use crate::resolve::Resolver;
use crate::seen_certificates::SeenCertificates;
use crate::tls::{self, Roots};
use crate::unfinished_heads::UnfinishedHeads;

/// Active HTTP/2 connections are pinged, because every later request on a dead one would be lost.
const H2_PING_INTERVAL: Duration = Duration::from_secs(15);
const H2_PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Most header fields of a response in HTTP/1; the bytes of all are bounded too. More than 100 take room on the heap for each
/// response, which costs 1.4 per cent of a delivery; receivers with 150 were seen (B4).
const MAX_FIELDS: usize = 256;

/// A client of the HTTP library.
pub(crate) type Http = Client<Connector, RequestBody>;

/// The clients built from one reading of the PEM files.
pub(crate) struct ClientsByProfile {
    general: ProfileClients,
    profiles: HashMap<String, ProfileClients>,
}

/// The clients of one TLS configuration.
pub(crate) struct ProfileClients {
    any_version: ClientPair,
    http1: ClientPair,
    streams: Arc<ClientConfig>,
    unfinished_heads: Arc<UnfinishedHeads>,
}

struct ClientPair {
    /// Reuses connections.
    pooled: Http,
    /// Opens a connection for every request.
    fresh: Http,
}

impl ClientsByProfile {
    pub fn new(
        settings: &Settings,
        policy: &Arc<Policy>,
        resolver: &Resolver,
        seen: &Arc<SeenCertificates>,
    ) -> Result<Self, SettingsError> {
        let roots = Roots::general(&settings.extra_ca, seen)?;
        let clients = |config| ProfileClients::new(settings, policy, resolver, config);
        let mut profiles = HashMap::with_capacity(settings.profiles.len());
        for (name, profile) in &settings.profiles {
            let config = |without| tls::profile_config(name, profile, &roots, settings.protocol, without);
            profiles.insert(name.clone(), clients(config(false)?));
            if profile.certificate.is_some() && !profile.ca.is_empty() {
                profiles.entry(Self::without_certificate(name)).or_insert(clients(config(true)?));
            }
        }
        Ok(Self { general: clients(tls::default_config(roots, settings.protocol)), profiles })
    }

    /// The name of a profile's roots without its certificate.
    pub fn without_certificate(name: &str) -> String {
        format!("{name} without its certificate")
    }

    /// The clients of a profile; of the general configuration without a name.
    pub fn of(&self, profile: Option<&str>) -> Result<&ProfileClients, SendError> {
        match profile {
            None => Ok(&self.general),
            Some(name) => self.profiles.get(name).ok_or_else(|| SendError::UnknownProfile(name.to_owned())),
        }
    }
}

impl ProfileClients {
    fn new(settings: &Settings, policy: &Arc<Policy>, resolver: &Resolver, tls: ClientConfig) -> Self {
        let unfinished_heads = Arc::new(UnfinishedHeads::default());
        let pair = |tls| {
            let (policy, heads) = (Arc::clone(policy), Arc::clone(&unfinished_heads));
            let connector = Connector::new(policy, resolver.clone(), tls, settings.connect_timeout, heads);
            ClientPair {
                pooled: client(settings, connector.clone(), settings.pool_idle_per_host),
                fresh: client(settings, connector, 0),
            }
        };
        let streams = Arc::new(tls::without_alpn(tls.clone()));
        let (any_version, http1) = (pair(tls.clone()), pair(tls::only_http1(tls)));
        Self { any_version, http1, streams, unfinished_heads }
    }

    /// The configuration of streams of other protocols.
    pub fn streams(&self) -> &Arc<ClientConfig> {
        &self.streams
    }

    /// The connections of these clients on which a part of a head has arrived.
    pub fn unfinished_heads(&self) -> &UnfinishedHeads {
        &self.unfinished_heads
    }

    /// The client that offers only HTTP/1.1 or not, and opens a `fresh` connection or not.
    pub fn client(&self, http1: bool, fresh: bool) -> &Http {
        let pair = if http1 { &self.http1 } else { &self.any_version };
        if fresh { &pair.fresh } else { &pair.pooled }
    }
}

fn client(settings: &Settings, connector: Connector, idle: usize) -> Http {
    let head = settings.max_head.max(8 * 1024);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(settings.pool_idle_timeout)
        .pool_max_idle_per_host(idle)
        .http1_max_buf_size(head as usize)
        .http1_title_case_headers(settings.protocol.title_case)
        // As lenient as curl and the clients of Python.
        .http1_max_headers(MAX_FIELDS)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http2_max_header_list_size(head)
        .http2_keep_alive_interval(H2_PING_INTERVAL)
        .http2_keep_alive_timeout(H2_PING_TIMEOUT)
        .build(connector)
}
