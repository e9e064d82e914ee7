//! ID tokens that show that a provider verified an e-mail address (CH-54). They authenticate nobody here.

use std::{collections::HashMap, sync::Arc, time::Duration};

use egress::Egress;
use model::Timestamp;
use oidc::{Expected, VerifiedEmail};

use super::provider::ProviderClient;

/// A provider whose ID tokens count.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the source.
    pub source: String,
    /// The provider, as `iss` names it.
    pub issuer: String,
    /// The client that its ID tokens are for, as `aud` names it.
    pub audience: String,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
    /// Time limit of one request to the provider.
    pub timeout: Duration,
}

/// Why an ID token shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityTokenError {
    /// The token is refused, for this reason.
    #[error("{0}")]
    Invalid(#[from] oidc::Error),
    /// The keys of the provider are not known now, or there is no such provider.
    #[error("the keys of the provider are not known now")]
    NoKeys,
}

/// Verifies ID tokens, by the name of their source; none by default.
#[derive(Default)]
pub struct IdentityTokens(HashMap<String, (Settings, ProviderClient)>);

impl IdentityTokens {
    /// A verifier that fetches the keys of each provider with its first token.
    pub fn new(all: Vec<Settings>, egress: &Arc<Egress>) -> Self {
        let client = |own: Settings| {
            let provider = ProviderClient::new(own.issuer.clone(), own.timeout, Arc::clone(egress));
            (own.source.clone(), (own, provider))
        };
        Self(all.into_iter().map(client).collect())
    }

    /// The address that a token of this source verifies at `now`, and when the provider stated that; never after `now`.
    ///
    /// # Errors
    /// Why it shows nothing.
    pub async fn verified_email(
        &self,
        source: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedEmail, IdentityTokenError> {
        let (own, client) = self.0.get(source).ok_or(IdentityTokenError::NoKeys)?;
        let expected = Expected { issuer: client.issuer(), audience: &own.audience, now, leeway: own.leeway };
        let known = client.known(now).await.ok_or(IdentityTokenError::NoKeys)?;
        let verified = match oidc::verified_email(token, &known.provider, &known.keys, &expected) {
            Err(oidc::Error::UnknownKey) => {
                let other = client.other(&known, now).await.ok_or(IdentityTokenError::NoKeys)?;
                oidc::verified_email(token, &other.provider, &other.keys, &expected)?
            }
            result => result?,
        };
        // The clock of the provider may be ahead of ours by the leeway.
        Ok(VerifiedEmail { at: verified.at.min(now), ..verified })
    }
}
