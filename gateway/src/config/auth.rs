//! Section `[auth]`: tokens of applicaties.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AuthAddress, Autorisaties, OidcTokens};

/// How tokens are judged.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// How far clocks may differ, in seconds.
    pub leeway_seconds: u32,
    /// How long a token is good after its `iat`, in seconds.
    #[schema(minimum = 1)]
    pub max_age_seconds: u32,
    /// Whether a token in the query parameter `access_token` is accepted (CE-WHA-02). It ends up in logs of proxies.
    pub query_token: bool,
    /// Wrong tokens of one client from one address within `lock_seconds` after which it has to wait (429); five times as many
    /// for all clients of an address together. 0: no limit.
    pub max_failures: u32,
    /// After how long wrong tokens are forgotten, in seconds.
    #[schema(minimum = 1)]
    pub lock_seconds: u32,
    /// Where the scopes of applicaties that declare none come from; absent: they have none.
    pub autorisaties: Option<Autorisaties>,
    /// The OpenID Connect provider whose access tokens are accepted beside ZGW tokens; absent: none.
    pub oidc: Option<OidcTokens>,
    /// Clients that are recognised by their address alone, on listed routes; empty: none is.
    pub address: Vec<AuthAddress>,
    /// Whether a request with the query parameter or header `is_anonymous` gives up what its credentials grant.
    pub is_anonymous: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            leeway_seconds: 0,
            max_age_seconds: 3_600,
            query_token: false,
            max_failures: 20,
            lock_seconds: 60,
            autorisaties: None,
            oidc: None,
            address: Vec::new(),
            is_anonymous: false,
        }
    }
}
