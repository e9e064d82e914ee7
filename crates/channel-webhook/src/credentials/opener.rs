//! Opens the sealed credential of a subscription. Nothing opened is kept here.

use std::sync::Arc;

use async_trait::async_trait;
use egress::{Egress, Limits, Owner};
use model::{
    Clock, Subscription, Timestamp,
    credential::{AccessToken, Credential, OAuth2Client, TokenPlace, ZgwClient},
    sealed::Sealed,
    subscription::HeaderText,
};
use secrets::Secrets;
use storage::Control;
use tokio::sync::Mutex;

use super::{
    Authorization, CredentialError, Credentials, OpenedCredential,
    endpoint::{self, Grant, TokenRequest},
};

/// Locks for renewals; subscriptions share them by id.
const TURNS: usize = 64;

/// The parts that [`Opener`] is built from.
pub struct Parts {
    /// Opens and seals secrets.
    pub secrets: Arc<Secrets>,
    /// The way to token endpoints.
    pub egress: Arc<Egress>,
    /// Stores renewed tokens.
    pub control: Arc<dyn Control>,
    /// The clock that decides whether a token has expired.
    pub clock: Arc<dyn Clock>,
    /// Bounds of one request to a token endpoint.
    pub limits: Limits,
}

/// Opens the credentials of subscriptions: unseals secrets and obtains tokens.
pub struct Opener {
    pub(super) parts: Parts,
    pub(super) turns: Vec<Mutex<()>>,
}

impl Opener {
    /// Builds it; it sends nothing.
    pub fn new(parts: Parts) -> Self {
        Self { parts, turns: (0..TURNS).map(|_| Mutex::new(())).collect() }
    }

    /// Opens a credential on behalf of an owner (`client_id`). It need not be of a subscription yet; a refresh token is not
    /// used.
    pub async fn open(&self, credential: &Credential, owner: &str) -> Result<OpenedCredential, CredentialError> {
        Ok(match credential {
            Credential::None => Authorization::None.into(),
            Credential::Authorization(sealed) => Authorization::Header(self.text(sealed)?).into(),
            Credential::QueryToken(sealed) => Authorization::QueryToken(self.text(sealed)?).into(),
            Credential::AccessToken(token) => self.open_unexpired(token)?,
            Credential::RefreshToken(token) => self.open_unexpired(&token.access)?,
            Credential::Zgw(client) => self.zgw(client)?,
            Credential::OAuth2(client) => self.client_credentials(client, owner).await?,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn text(&self, sealed: &Sealed) -> Result<String, CredentialError> {
        let opened =
            self.parts.secrets.open(sealed).map_err(|error| CredentialError::Unavailable(error.to_string()))?;
        String::from_utf8(opened).map_err(|_| CredentialError::Unavailable("the secret is not text".to_owned()))
    }

    /// Opens an access token; an expired one is an error (CE-SUB-20).
    pub(super) fn open_unexpired(&self, token: &AccessToken) -> Result<OpenedCredential, CredentialError> {
        if token.expires <= self.now() {
            return Err(CredentialError::Unavailable(format!(
                "the access token expired at {}; give the subscription a new sinkcredential",
                token.expires
            )));
        }
        Ok(OpenedCredential {
            authorization: bearer(token.place, self.text(&token.token)?),
            until: Some(token.expires),
        })
    }

    /// A ZGW token with `iat` now; tokens of one second are equal, so it is valid until the next one.
    fn zgw(&self, client: &ZgwClient) -> Result<OpenedCredential, CredentialError> {
        let now = self.now();
        let token = zgw_token::mint(&client.client_id, self.text(&client.secret)?.as_bytes(), now);
        let second = now.as_micros().div_euclid(1_000_000);
        let until = Some(Timestamp::from_seconds(second.saturating_add(1)));
        Ok(OpenedCredential { authorization: bearer(TokenPlace::Header, token), until })
    }

    /// A token of the client credentials grant (RFC 6749 section 4.4).
    async fn client_credentials(
        &self,
        client: &OAuth2Client,
        owner: &str,
    ) -> Result<OpenedCredential, CredentialError> {
        let grant = Grant::ClientCredentials { scope: client.scope.as_deref(), audience: client.audience.as_deref() };
        let asked = self.now();
        let granted = self.ask(&client.endpoint, grant, owner).await?;
        let until = Some(asked + granted.usable());
        Ok(OpenedCredential { authorization: bearer(TokenPlace::Header, granted.access_token), until })
    }

    pub(super) async fn ask(
        &self,
        endpoint: &model::credential::TokenEndpoint,
        grant: Grant<'_>,
        owner: &str,
    ) -> Result<endpoint::TokenResponse, CredentialError> {
        let secret = match endpoint.client.as_ref().and_then(|client| client.secret.as_ref()) {
            Some(sealed) => Some(self.text(sealed)?),
            None => None,
        };
        let ask = TokenRequest { endpoint, secret: secret.as_deref(), grant, owner: Owner::Applicatie(owner) };
        ask.send(&self.parts.egress, self.parts.limits).await
    }
}

#[async_trait]
impl Credentials for Opener {
    async fn authorization(
        &self,
        subscription: &Subscription,
        renew: bool,
    ) -> Result<OpenedCredential, CredentialError> {
        match &subscription.credential {
            Credential::RefreshToken(token) => self.refresh(subscription.id, &subscription.owner, token, renew).await,
            other => self.open(other, &subscription.owner).await,
        }
    }

    fn headers(&self, subscription: &Subscription) -> Result<Vec<(String, String)>, CredentialError> {
        let opened = |(name, text): &(String, HeaderText)| match text {
            HeaderText::Clear(text) => Ok((name.clone(), text.clone())),
            HeaderText::Sealed(sealed) => Ok((name.clone(), self.text(sealed)?)),
        };
        subscription.headers.iter().map(opened).collect()
    }
}

pub(super) fn bearer(place: TokenPlace, token: String) -> Authorization {
    match place {
        TokenPlace::Header => Authorization::Header(format!("Bearer {token}")),
        TokenPlace::Query => Authorization::QueryToken(token),
    }
}
