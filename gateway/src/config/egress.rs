//! Section `[egress]`: requests that leave the gateway.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Requests to subscribers.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Address ranges (CIDR) that may be reached although they are private, loopback or link-local.
    pub allow: Vec<String>,
    /// Address ranges (CIDR) that may be reached without TLS.
    pub allow_http: Vec<String>,
    /// PEM files with certificate authorities trusted besides the public ones.
    #[schema(value_type = Vec<String>)]
    pub extra_ca: Vec<PathBuf>,
    /// Time to connect, name look-up and TLS included, in seconds.
    #[schema(minimum = 1)]
    pub connect_timeout_seconds: u64,
    /// Time for a whole request, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u64,
    /// Longest silence in an answer, in seconds.
    #[schema(minimum = 1)]
    pub idle_timeout_seconds: u64,
    /// Connections kept open to one host while nothing is sent.
    #[schema(minimum = 1)]
    pub idle_connections_per_host: usize,
    /// Destinations (`host` or `host:port`, as in the URL) that get HTTP/1.1 although they offer HTTP/2. One that answers
    /// HTTP/2 with HTTP_1_1_REQUIRED gets HTTP/1.1 by itself, for a day.
    pub http1: Vec<String>,
    /// TLS of destinations that want a client certificate or have their own authority, by name. One that is named like
    /// a destination (`host` or `host:port`) is used for it; any of them can be named by a subscription.
    pub tls: BTreeMap<String, TlsProfile>,
}

/// TLS towards one or more destinations.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsProfile {
    /// PEM file with our certificate and its chain.
    #[schema(value_type = Option<String>)]
    pub certificate: Option<PathBuf>,
    /// PEM file with its key.
    #[schema(value_type = Option<String>)]
    pub key: Option<PathBuf>,
    /// PEM files with the only authorities trusted here; empty: the general ones.
    #[schema(value_type = Vec<String>)]
    pub ca: Vec<PathBuf>,
    /// `client_id`s whose subscriptions may use this profile; empty: all. Requests of others to the destination that it is
    /// named like never show its certificate.
    pub applicaties: Vec<String>,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            allow_http: Vec::new(),
            extra_ca: Vec::new(),
            connect_timeout_seconds: 10,
            timeout_seconds: 30,
            idle_timeout_seconds: 10,
            idle_connections_per_host: 1_024,
            http1: Vec::new(),
            tls: BTreeMap::new(),
        }
    }
}
