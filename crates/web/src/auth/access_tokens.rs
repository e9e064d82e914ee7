//! Access tokens of an OpenID Connect provider (RFC 9068), beside ZGW tokens, for the clients that the configuration names.
//!
//! What is known of the provider comes from [`super::provider`].

use std::{collections::HashMap, sync::Arc, time::Duration};

use compact_str::CompactString;
use egress::Egress;
use model::{Timestamp, applicatie::Scope};
use oidc::{Claims, Confirmation};

use super::{certificates::Shown, provider::TokenVerifier};

/// Which access tokens are accepted.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider, as `iss` names it.
    pub issuer: String,
    /// The name of this gateway in `aud`.
    pub audience: String,
    /// The clients of the provider that are accepted, with the `client_id` of their applicatie here.
    pub clients: HashMap<String, String>,
    /// The path of the claim with the scopes of a token, such as `scope` or `realm_access.roles`; `None`: the scopes of the
    /// applicatie.
    pub scopes_claim: Option<Vec<String>>,
    /// The prefix of the names of scopes in that claim.
    pub scope_prefix: String,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
    /// Time limit of one request to the provider.
    pub timeout: Duration,
}

/// Why an access token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The token is not valid, for this reason.
    #[error("{0}")]
    Invalid(#[from] oidc::Error),
    /// The configuration does not name its client, or the applicatie that it names does not exist.
    #[error("the client of the token is unknown here")]
    UnknownClient,
    /// The token is bound to a client certificate (RFC 8705), and the request has none or another one.
    #[error("the token is bound to a client certificate (cnf.x5t#S256), and this request has none or another one")]
    OtherCertificate,
    /// The token is bound to a key that signs every request (RFC 9449), which is not supported here.
    #[error(
        "the token is bound to a key by DPoP (cnf.jkt), which is not supported here: request one without DPoP, or one that is \
         bound to a client certificate"
    )]
    Dpop,
    /// The token is bound to a key in another way.
    #[error("the token is bound to a key (cnf) in a way that is not supported here")]
    OtherConfirmation,
    /// The token is one of a program, not of a person.
    #[error("the token is not one of a person")]
    NoPerson,
    /// The keys of the provider are not known now.
    #[error("the keys of the provider are not known now")]
    NoKeys,
}

/// The client of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClient {
    /// The `client_id` of its applicatie.
    pub client_id: CompactString,
    /// The scopes that the token grants; `None`: those of the applicatie.
    pub scopes: Option<Vec<Scope>>,
}

/// Verifies access tokens with the keys of the provider.
pub struct AccessTokens {
    settings: Settings,
    verifier: TokenVerifier,
}

impl AccessTokens {
    /// A verifier that fetches the keys of the provider with the first token.
    pub fn new(settings: Settings, egress: Arc<Egress>) -> Self {
        let (issuer, audience) = (settings.issuer.clone(), settings.audience.clone());
        let verifier = TokenVerifier::new(issuer, audience, settings.leeway, settings.timeout, egress);
        Self { settings, verifier }
    }

    /// The client that a token authenticates at `now`. A token that is bound to a client certificate authenticates only a request
    /// with that one, `certificate`.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn client(
        &self,
        token: &str,
        certificate: Option<&Shown>,
        now: Timestamp,
    ) -> Result<TokenClient, AccessTokenError> {
        let claims = self.verifier.claims(token, certificate, now).await?;
        let client = claims.client().and_then(|client| self.settings.clients.get(client));
        let client_id = client.ok_or(AccessTokenError::UnknownClient)?.into();
        Ok(TokenClient { client_id, scopes: self.scopes(&claims) })
    }

    fn scopes(&self, claims: &Claims) -> Option<Vec<Scope>> {
        let path: Vec<&str> = self.settings.scopes_claim.as_ref()?.iter().map(String::as_str).collect();
        let named = claims.texts(&path).into_iter();
        Some(named.filter_map(|text| Scope::from_label(text.strip_prefix(&self.settings.scope_prefix)?)).collect())
    }
}

/// Whether the token is bound to no key, or to this certificate.
pub(super) fn check_confirmation(claims: &Claims, certificate: Option<&Shown>) -> Result<(), AccessTokenError> {
    match claims.confirmation()? {
        Confirmation::None => Ok(()),
        Confirmation::Certificate(digest) if certificate.is_some_and(|shown| shown.has_digest(&digest)) => Ok(()),
        Confirmation::Certificate(_) => Err(AccessTokenError::OtherCertificate),
        Confirmation::Dpop => Err(AccessTokenError::Dpop),
        Confirmation::Other => Err(AccessTokenError::OtherConfirmation),
    }
}
