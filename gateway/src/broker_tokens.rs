//! The access token for the Kafka brokers: requested from the endpoint in `[kafka.oauth]`, renewed before it expires, and
//! handed to storage, whose clients authenticate with it.
//!
//! While the endpoint grants no token, the last one is used until it expires; then storage gets the reason instead.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use channel_webhook::credentials::endpoint::{Grant, TokenRequest, TokenResponse};
use egress::{Egress, Limits, Owner};
use model::{
    Clock, Timestamp,
    credential::{ClientAuthentication, TokenClient, TokenEndpoint},
};
use storage::kafka::{SharedToken, Token};

use crate::config::{self, KafkaOauth};

/// The wait before the next request after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// The share of its life after which a token is renewed, in tenths: brokers have clients log in again before the end.
const RENEW: u32 = 8;

/// Requests and renews tokens.
pub struct Renewal {
    endpoint: TokenEndpoint,
    settings: KafkaOauth,
    egress: Arc<Egress>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Renewal {
    /// Sends no request yet.
    pub fn new(settings: &KafkaOauth, egress: Arc<Egress>, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let authentication = match settings.client_authentication {
            config::ClientAuthentication::Basic => ClientAuthentication::Basic,
            config::ClientAuthentication::Post => ClientAuthentication::Post,
        };
        let client = TokenClient { id: settings.client_id.clone(), secret: None, authentication };
        let endpoint = TokenEndpoint { url: settings.token_url.clone(), client: Some(client), tls: None };
        Self { endpoint, settings: settings.clone(), egress, limits, clock }
    }

    /// Requests a token and stores it, or the reason why there is none, in the returned value; renews it as long as that value
    /// is referenced.
    pub async fn start(self) -> Arc<SharedToken> {
        let token = Arc::new(SharedToken::default());
        let first = self.renew(&token, None).await;
        tokio::spawn(self.follow(Arc::downgrade(&token), first));
        token
    }

    async fn follow(self, token: Weak<SharedToken>, (mut wait, mut end): (Duration, Option<Timestamp>)) {
        loop {
            tokio::time::sleep(wait).await;
            let Some(token) = token.upgrade() else { return };
            (wait, end) = self.renew(&token, end).await;
        }
    }

    /// Sends one request. Returns the wait before the next one, and when the newest token expires.
    async fn renew(&self, token: &SharedToken, end: Option<Timestamp>) -> (Duration, Option<Timestamp>) {
        let asked = self.clock.now();
        match self.ask().await {
            Ok(granted) => {
                let lifetime = granted.lifetime();
                let extensions = self.settings.extensions.iter();
                token.set(Token {
                    text: granted.access_token,
                    principal: self.settings.client_id.clone(),
                    extensions: extensions.map(|(name, value)| (name.clone(), value.clone())).collect(),
                });
                (lifetime / 10 * RENEW, Some(asked + lifetime))
            }
            Err(reason) => {
                let left = end.filter(|end| *end > self.clock.now());
                tracing::warn!(reason, "no new access token for the brokers");
                if left.is_none() {
                    token.set_missing(reason);
                }
                (PAUSE, left)
            }
        }
    }

    async fn ask(&self) -> Result<TokenResponse, String> {
        let secret = match (&self.settings.client_secret, &self.settings.client_secret_file) {
            (Some(secret), _) => secret.clone(),
            (None, Some(path)) => {
                let failed = |error| format!("kafka.oauth.client_secret_file {}: {error}", path.display());
                let file = path.clone();
                let read = tokio::task::spawn_blocking(move || secrets::read_text(&file)).await;
                let text = read.map_err(|error| failed(error.into()))?.map_err(failed)?;
                text.trim_end().to_owned()
            }
            (None, None) => String::new(),
        };
        let (scope, audience) = (self.settings.scope.as_deref(), self.settings.audience.as_deref());
        let grant = Grant::ClientCredentials { scope, audience };
        let ask = TokenRequest { endpoint: &self.endpoint, secret: Some(&secret), grant, owner: Owner::Gateway };
        ask.send(&self.egress, self.limits).await.map_err(|error| error.reason().to_owned())
    }
}
