//! What proves to a sink that it is us: opens the sealed credential of a subscription for the delivery engine, makes ZGW
//! tokens, and gets tokens where the credential says so.
//!
//! [`endpoint`] speaks to token endpoints, `refresh` keeps what they renew, `brokers` has one of its own for Kafka. Nothing opened is kept here; the engine
//! keeps it as long as it holds and its subscription stays as it is.

#[cfg(feature = "kafka")]
pub mod brokers;
pub mod endpoint;
mod refresh;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use delivery::{Authorization, CredentialError, Credentials, Opened};
use egress::{Egress, Limits};
use model::{
    Clock, Subscription, Timestamp,
    credential::{AccessToken, Credential, OAuth2Client, TokenPlace, ZgwClient},
    sealed::Sealed,
};
use storage::Control;
use tokio::sync::Mutex;

use self::endpoint::{Ask, Grant};
use crate::{auth::jwt, config, secrets::Secrets};

/// Locks for renewals; subscriptions share them by id.
const TURNS: usize = 64;

/// What opening works with.
pub struct Parts {
    /// Opens and seals.
    pub secrets: Arc<Secrets>,
    /// The way to token endpoints.
    pub egress: Arc<Egress>,
    /// Where renewed tokens are kept.
    pub control: Arc<dyn Control>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Bounds of one request to a token endpoint.
    pub limits: Limits,
}

/// Opens credentials.
pub struct Opener {
    parts: Parts,
    turns: Vec<Mutex<()>>,
}

impl Opener {
    /// An opener over these.
    pub fn new(parts: Parts) -> Self {
        Self { parts, turns: (0..TURNS).map(|_| Mutex::new(())).collect() }
    }

    /// Opens a credential that is not, or not yet, of a subscription; a refresh token is not used.
    pub async fn open(&self, credential: &Credential) -> Result<Opened, CredentialError> {
        Ok(match credential {
            Credential::None => Authorization::None.into(),
            Credential::Authorization(sealed) => Authorization::Header(self.text(sealed)?).into(),
            Credential::QueryToken(sealed) => Authorization::QueryToken(self.text(sealed)?).into(),
            Credential::AccessToken(token) => self.unexpired(token)?,
            Credential::RefreshToken(token) => self.unexpired(&token.access)?,
            Credential::Zgw(client) => self.zgw(client)?,
            Credential::OAuth2(client) => self.client_credentials(client).await?,
        })
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn text(&self, sealed: &Sealed) -> Result<String, CredentialError> {
        let opened = self.parts.secrets.open(sealed).map_err(|error| CredentialError(error.to_string()))?;
        String::from_utf8(opened).map_err(|_| CredentialError("the secret is not text".to_owned()))
    }

    /// A token with its end, unless that has come (CE-SUB-20).
    fn unexpired(&self, token: &AccessToken) -> Result<Opened, CredentialError> {
        if token.expires <= self.now() {
            return Err(CredentialError(format!(
                "the access token expired at {}; give the subscription a new sinkcredential",
                token.expires
            )));
        }
        Ok(Opened { authorization: bearer(token.place, self.text(&token.token)?), until: Some(token.expires) })
    }

    /// A ZGW token of this second; within it every one would be the same.
    fn zgw(&self, client: &ZgwClient) -> Result<Opened, CredentialError> {
        let now = self.now();
        let token = jwt::mint(&client.client_id, self.text(&client.secret)?.as_bytes(), now);
        let second = now.as_micros().div_euclid(1_000_000);
        let until = Some(Timestamp::from_seconds(second.saturating_add(1)));
        Ok(Opened { authorization: bearer(TokenPlace::Header, token), until })
    }

    /// A token of the client credentials grant (RFC 6749 section 4.4).
    async fn client_credentials(&self, client: &OAuth2Client) -> Result<Opened, CredentialError> {
        let grant = Grant::ClientCredentials { scope: client.scope.as_deref(), audience: client.audience.as_deref() };
        let asked = self.now();
        let granted = self.ask(&client.endpoint, grant).await?;
        let until = Some(asked + granted.usable());
        Ok(Opened { authorization: bearer(TokenPlace::Header, granted.access_token), until })
    }

    async fn ask(
        &self,
        endpoint: &model::credential::TokenEndpoint,
        grant: Grant<'_>,
    ) -> Result<endpoint::Granted, CredentialError> {
        let secret = match endpoint.client.as_ref().and_then(|client| client.secret.as_ref()) {
            Some(sealed) => Some(self.text(sealed)?),
            None => None,
        };
        let ask = Ask { endpoint, secret: secret.as_deref(), grant };
        ask.send(&self.parts.egress, self.parts.limits).await.map_err(CredentialError)
    }
}

#[async_trait]
impl Credentials for Opener {
    async fn authorization(&self, subscription: &Subscription, renew: bool) -> Result<Opened, CredentialError> {
        match &subscription.credential {
            Credential::RefreshToken(token) => self.refreshed(subscription.id, token, renew).await,
            other => self.open(other).await,
        }
    }
}

fn bearer(place: TokenPlace, token: String) -> Authorization {
    match place {
        TokenPlace::Header => Authorization::Header(format!("Bearer {token}")),
        TokenPlace::Query => Authorization::QueryToken(token),
    }
}

/// Bounds of one request to a token endpoint.
pub fn limits(config: &config::Egress) -> Limits {
    Limits {
        total: Duration::from_secs(config.timeout_seconds),
        idle: Duration::from_secs(config.idle_timeout_seconds),
        keep: endpoint::MAX_ANSWER,
        drain: 0,
    }
}
