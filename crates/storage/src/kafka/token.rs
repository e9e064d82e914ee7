//! The access token that clients present to brokers (SASL OAUTHBEARER), and the clients that present it.
//!
//! This module does not obtain tokens and does not track expiry: the owner of [`SharedToken`] must set a new token in
//! time.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

pub use kafka_token::Token;
use kafka_token::set_token;
use rdkafka::{
    admin::AdminClient,
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    producer::{Producer, ProducerContext, ThreadedProducer},
};

use super::{failure, reporting_producer::ReportingProducer};
use crate::Error;

/// A client that presents a token.
pub(super) trait TokenClient: Send + Sync {
    /// Presents this token from now on.
    ///
    /// # Errors
    /// The reason given by the client.
    fn set_token(&self, token: &Token) -> Result<(), String>;
}

impl<C: ConsumerContext + 'static> TokenClient for BaseConsumer<C> {
    fn set_token(&self, token: &Token) -> Result<(), String> {
        set_token(self.client(), token)
    }
}

impl TokenClient for ReportingProducer {
    fn set_token(&self, token: &Token) -> Result<(), String> {
        set_token(self.producer().client(), token)
    }
}

impl<C: ProducerContext + 'static> TokenClient for ThreadedProducer<C> {
    fn set_token(&self, token: &Token) -> Result<(), String> {
        set_token(self.client(), token)
    }
}

impl TokenClient for AdminClient<DefaultClientContext> {
    fn set_token(&self, token: &Token) -> Result<(), String> {
        set_token(self.inner(), token)
    }
}

struct State {
    /// The current token, or why there is none.
    token: Result<Token, String>,
    clients: Vec<Weak<dyn TokenClient>>,
}

/// The current token of all clients of an adapter. Clients created before the first token wait for it.
pub struct SharedToken(Mutex<State>);

impl std::fmt::Debug for SharedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedToken")
    }
}

impl Default for SharedToken {
    fn default() -> Self {
        Self(Mutex::new(State { token: Err("none was asked for yet".into()), clients: Vec::new() }))
    }
}

impl SharedToken {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the token for existing and future clients.
    pub fn set(&self, token: Token) {
        let mut state = self.state();
        state.clients.retain(|client| match client.upgrade() {
            Some(client) => {
                apply(client.as_ref(), &token);
                true
            }
            None => false,
        });
        state.token = Ok(token);
    }

    /// Records the reason why there is no valid token. Existing connections may continue.
    pub fn set_missing(&self, reason: String) {
        self.state().token = Err(reason);
    }

    /// Gives a client the current token, and every later one for as long as it lives.
    pub(super) fn register(&self, client: Weak<dyn TokenClient>) {
        let mut state = self.state();
        if let (Ok(token), Some(client)) = (&state.token, client.upgrade()) {
            apply(client.as_ref(), token);
        }
        // Clients are created and dropped for as long as the gateway runs.
        state.clients.retain(|client| client.strong_count() > 0);
        state.clients.push(client);
    }

    /// # Errors
    /// `Unavailable` when there is no token, with the reason.
    pub(super) fn require(&self) -> Result<(), Error> {
        match &self.state().token {
            Ok(_) => Ok(()),
            Err(reason) => Err(failure::unavailable(format!("there is no access token for the brokers: {reason}"))),
        }
    }
}

fn apply(client: &dyn TokenClient, token: &Token) {
    if let Err(reason) = client.set_token(token) {
        tracing::error!(reason, "a Kafka client refused the access token");
    }
}
