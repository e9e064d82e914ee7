//! Sections `[console.oidc]` and `[console.claims]`: the identity provider of the console, and what its claims grant.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::hidden;

/// How the gateway authenticates itself at the token endpoint of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogInAuthentication {
    /// The secret in the header `Authorization`.
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// An assertion signed with `private_key_file`.
    PrivateKeyJwt,
    /// A client certificate of `[egress.tls]`, or nothing.
    None,
}

/// The provider with which people log in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleOidc {
    /// The issuer, letter for letter as the provider names itself.
    pub issuer: String,
    /// What it is called on the page to log in on.
    pub name: String,
    /// The id of the gateway as a client of the provider. The provider sends people back to `/beheer/oidc/terug` below
    /// `public_url`, and reports logouts at `/beheer/oidc/backchannel`.
    pub client_id: String,
    /// How the gateway authenticates itself.
    pub client_authentication: LogInAuthentication,
    /// The secret of the client.
    #[serde(serialize_with = "hidden")]
    pub client_secret: Option<String>,
    /// A file with the secret, instead.
    #[schema(value_type = Option<String>)]
    pub client_secret_file: Option<PathBuf>,
    /// A file with the private key of the client: PKCS #8 in PEM, RSA or P-256.
    #[schema(value_type = Option<String>)]
    pub private_key_file: Option<PathBuf>,
    /// The `kid` by which the provider knows that key.
    pub private_key_id: Option<String>,
    /// Scopes to ask for beside `openid`, separated by spaces.
    pub scope: String,
    /// The authentication context that is demanded (`acr`), such as one with a second factor.
    pub required_acr: Option<String>,
    /// Time for one request to the provider, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
}

impl Default for ConsoleOidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            name: "uw organisatie".to_owned(),
            client_id: String::new(),
            client_authentication: LogInAuthentication::default(),
            client_secret: None,
            client_secret_file: None,
            private_key_file: None,
            private_key_id: None,
            scope: "profile".to_owned(),
            required_acr: None,
            timeout_seconds: 5,
        }
    }
}

impl ConsoleOidc {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_url = self.issuer.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
        });
        let secrets = usize::from(self.client_secret.is_some()) + usize::from(self.client_secret_file.is_some());
        let by_secret = matches!(
            self.client_authentication,
            LogInAuthentication::ClientSecretBasic | LogInAuthentication::ClientSecretPost
        );
        let by_key = self.client_authentication == LogInAuthentication::PrivateKeyJwt;
        let rules = [
            (is_url, "console.oidc.issuer", "must be an absolute http(s) URL without query"),
            (!self.client_id.is_empty(), "console.oidc.client_id", "is empty"),
            (!self.name.is_empty(), "console.oidc.name", "is empty"),
            (
                secrets == usize::from(by_secret),
                "console.oidc.client_secret_file",
                "one of client_secret and client_secret_file is needed for client_secret_basic and client_secret_post, \
                 and neither for the other kinds of client_authentication",
            ),
            (
                self.private_key_file.is_some() == by_key,
                "console.oidc.private_key_file",
                "is needed for client_authentication private_key_jwt, and for no other",
            ),
            (self.timeout_seconds > 0, "console.oidc.timeout_seconds", "must be at least 1"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}

/// Which claims of the provider grant what.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleClaims {
    /// The path of the claim with names of roles or groups, such as `["realm_access", "roles"]`.
    pub roles: Vec<String>,
    /// The path of the claim with the `client_id`s that a kanaaleigenaar or afnemer acts for.
    pub client_ids: Vec<String>,
    /// The claim with the name that is shown to the person.
    pub name: String,
    /// For each role (`lezer`, `beheerder`, `platform`, `kanaaleigenaar`, `afnemer`, `auditor`) and extra right (`inhoud`,
    /// `publiceren`, `geadresseerden`) the names in the claim that grant it. `*` at the end of a name covers every ending.
    pub grants: BTreeMap<String, Vec<String>>,
}

impl Default for ConsoleClaims {
    fn default() -> Self {
        Self {
            roles: vec!["roles".to_owned()],
            client_ids: vec!["gateway_client_ids".to_owned()],
            name: "name".to_owned(),
            grants: BTreeMap::new(),
        }
    }
}

impl ConsoleClaims {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        use model::{ExtraRight, Role};
        let is_path = |path: &[String]| !path.is_empty() && path.iter().all(|name| !name.is_empty());
        let is_known = |name: &String| Role::from_label(name).is_some() || ExtraRight::from_label(name).is_some();
        let grants_a_role =
            self.grants.iter().any(|(name, claims)| Role::from_label(name).is_some() && !claims.is_empty());
        let rules = [
            (is_path(&self.roles), "console.claims.roles", "must be a path of member names"),
            (is_path(&self.client_ids), "console.claims.client_ids", "must be a path of member names"),
            (
                self.grants.keys().all(is_known),
                "console.claims.grants",
                "has a name that is none of lezer, beheerder, platform, kanaaleigenaar, afnemer, auditor, inhoud, \
                 publiceren",
            ),
            (
                self.grants.values().flatten().all(|claim| !claim.is_empty() && claim != "*"),
                "console.claims.grants",
                "has an empty name, or one that covers everybody",
            ),
            (grants_a_role, "console.claims.grants", "gives nobody a role: nobody could log in"),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}
