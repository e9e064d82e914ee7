//! The access token for the brokers of Kafka: asked of the endpoint in `[kafka.oauth]`, renewed in time, and handed to
//! storage, whose clients show it.
//!
//! While the endpoint grants nothing, the last token is used to its end; then storage is told why there is none.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use egress::{Egress, Limits};
use model::{
    Clock, Timestamp,
    credential::{ClientAuthentication, TokenClient, TokenEndpoint},
};
use storage::kafka::{Token, Tokens};

use super::endpoint::{Ask, Grant, Granted};
use crate::config::{self, KafkaOauth};

/// How long after a refusal the endpoint is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// The share of its life after which a token is renewed, in tenths: brokers have clients log in again before the end.
const RENEW: u32 = 8;

/// Asks for tokens.
pub struct Renewal {
    endpoint: TokenEndpoint,
    settings: KafkaOauth,
    egress: Arc<Egress>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Renewal {
    /// Asks nothing yet.
    pub fn new(settings: &KafkaOauth, egress: Arc<Egress>, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let authentication = match settings.client_authentication {
            config::ClientAuthentication::Basic => ClientAuthentication::Basic,
            config::ClientAuthentication::Post => ClientAuthentication::Post,
        };
        let client = TokenClient { id: settings.client_id.clone(), secret: None, authentication };
        let endpoint = TokenEndpoint { url: settings.token_url.clone(), client: Some(client), tls: None };
        Self { endpoint, settings: settings.clone(), egress, limits, clock }
    }

    /// Asks for a token and puts it, or why there is none, into what it returns; goes on doing so as long as that is used.
    pub async fn start(self) -> Arc<Tokens> {
        let tokens = Arc::new(Tokens::default());
        let first = self.renew(&tokens, None).await;
        tokio::spawn(self.follow(Arc::downgrade(&tokens), first));
        tokens
    }

    async fn follow(self, tokens: Weak<Tokens>, (mut wait, mut end): (Duration, Option<Timestamp>)) {
        loop {
            tokio::time::sleep(wait).await;
            let Some(tokens) = tokens.upgrade() else { return };
            (wait, end) = self.renew(&tokens, end).await;
        }
    }

    /// Asks once: when to ask again, and when the newest token ends.
    async fn renew(&self, tokens: &Tokens, end: Option<Timestamp>) -> (Duration, Option<Timestamp>) {
        let asked = self.clock.now();
        match self.ask().await {
            Ok(granted) => {
                let lifetime = granted.lifetime();
                let extensions = self.settings.extensions.iter();
                tokens.put(Token {
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
                    tokens.lack(reason);
                }
                (PAUSE, left)
            }
        }
    }

    async fn ask(&self) -> Result<Granted, String> {
        let secret = match (&self.settings.client_secret, &self.settings.client_secret_file) {
            (Some(secret), _) => secret.clone(),
            (None, Some(path)) => {
                let read = tokio::fs::read_to_string(path).await;
                let text =
                    read.map_err(|error| format!("kafka.oauth.client_secret_file {}: {error}", path.display()))?;
                text.trim_end().to_owned()
            }
            (None, None) => String::new(),
        };
        let (scope, audience) = (self.settings.scope.as_deref(), self.settings.audience.as_deref());
        let grant = Grant::ClientCredentials { scope, audience };
        let ask = Ask { endpoint: &self.endpoint, secret: Some(&secret), grant };
        ask.send(&self.egress, self.limits).await
    }
}
