//! Section `[proxy]`: reverse proxies in front of the gateway.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reverse proxies in front.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Address ranges (CIDR) whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed.
    pub trusted: Vec<String>,
    /// The path under which the outside reaches the gateway, such as `/open-notificaties`, when the proxy passes it on.
    /// It is taken off requests that have it, and put before links unless `public_url` is set.
    pub prefix: String,
}
