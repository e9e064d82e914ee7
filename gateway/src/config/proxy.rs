//! Section `[proxy]`: reverse proxies in front of the gateway.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reverse proxies in front.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Address ranges (CIDR) whose `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-For` are believed.
    pub trusted: Vec<String>,
    /// The path under which the outside reaches the gateway, such as `/open-notificaties`, when the proxy passes it on.
    /// It is taken off requests that have it, and put before links unless `public_url` is set.
    pub prefix: String,
    /// The header in which the proxies send the certificate of the client, such as `Client-Cert` (RFC 9440); absent: none. They must
    /// remove it from the requests of clients.
    pub client_certificate_header: Option<String>,
    /// PEM file with the authorities whose certificates are accepted in that header.
    #[schema(value_type = Option<String>)]
    pub client_ca: Option<PathBuf>,
    /// Files with revocation lists of those authorities, as `tls.client_crl`.
    #[schema(value_type = Vec<String>)]
    pub client_crl: Vec<PathBuf>,
}
