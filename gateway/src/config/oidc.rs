//! Section `[auth.oidc]`: access tokens of an OpenID Connect provider, accepted on the APIs beside ZGW tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The provider, and which of its clients are which applicaties.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OidcTokens {
    /// The issuer, letter for letter as the provider names itself.
    pub issuer: String,
    /// The name of this gateway in the claim `aud`.
    pub audience: String,
    /// The clients of the provider that are accepted (the claim `client_id`, else `azp`), each with the `client_id` of its
    /// `[[applicatie]]`. Such an applicatie needs no secret.
    pub clients: BTreeMap<String, String>,
    /// The claim with the scopes of a token, members separated by dots (`scope`, `realm_access.roles`); absent: the scopes of
    /// the applicatie.
    pub scopes_claim: Option<String>,
    /// What precedes the name of a scope in that claim.
    pub scope_prefix: String,
    /// How far clocks may differ, in seconds.
    pub leeway_seconds: u32,
    /// Time for one request to the provider, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
}

impl Default for OidcTokens {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            clients: BTreeMap::new(),
            scopes_claim: None,
            scope_prefix: String::new(),
            leeway_seconds: 60,
            timeout_seconds: 5,
        }
    }
}

impl OidcTokens {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_url = self.issuer.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
        });
        let claim = self.scopes_claim.as_deref();
        let rules = [
            (is_url, "auth.oidc.issuer", "must be an absolute http(s) URL without query"),
            (!self.audience.is_empty(), "auth.oidc.audience", "is empty"),
            (!self.clients.is_empty(), "auth.oidc.clients", "is empty: no token would be accepted"),
            (
                claim.is_none_or(|claim| claim.split('.').all(|name| !name.is_empty())),
                "auth.oidc.scopes_claim",
                "has an empty member",
            ),
            (self.timeout_seconds > 0, "auth.oidc.timeout_seconds", "must be at least 1"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// Whether a client of the provider is this applicatie.
    pub(super) fn names(&self, client_id: &str) -> bool {
        self.clients.values().any(|own| own == client_id)
    }
}
