//! The access token that clients show to brokers (SASL OAUTHBEARER), and the clients that show it.
//!
//! Whoever gets tokens puts them here, in time; nothing is asked for and nothing expires by itself.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

pub use kafka_token::Token;
use kafka_token::give;
use rdkafka::{
    admin::AdminClient,
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    producer::{Producer, ProducerContext, ThreadedProducer},
};

use super::{failure, writer::Writer};
use crate::Error;

/// A client that shows a token.
pub(super) trait Bearer: Send + Sync {
    /// Has it show this one from now on; why it does not.
    fn take(&self, token: &Token) -> Result<(), String>;
}

impl<C: ConsumerContext + 'static> Bearer for BaseConsumer<C> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.client(), token)
    }
}

impl Bearer for Writer {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.producer().client(), token)
    }
}

impl<C: ProducerContext + 'static> Bearer for ThreadedProducer<C> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.client(), token)
    }
}

impl Bearer for AdminClient<DefaultClientContext> {
    fn take(&self, token: &Token) -> Result<(), String> {
        give(self.inner(), token)
    }
}

struct State {
    /// The one to show; why there is none.
    token: Result<Token, String>,
    clients: Vec<Weak<dyn Bearer>>,
}

/// The token that all clients of an adapter show. Clients that are made while there is none wait for it.
pub struct Tokens(Mutex<State>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self(Mutex::new(State { token: Err("none was asked for yet".into()), clients: Vec::new() }))
    }
}

impl Tokens {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this one is shown, by clients that are there and by those to come.
    pub fn put(&self, token: Token) {
        let mut state = self.state();
        state.clients.retain(|client| match client.upgrade() {
            Some(client) => {
                hand(client.as_ref(), &token);
                true
            }
            None => false,
        });
        state.token = Ok(token);
    }

    /// From now on there is none that holds, for this reason. Connections that are there may last.
    pub fn lack(&self, reason: String) {
        self.state().token = Err(reason);
    }

    /// Has a client show what there is, now and later.
    pub(super) fn admit(&self, client: Weak<dyn Bearer>) {
        let mut state = self.state();
        if let (Ok(token), Some(client)) = (&state.token, client.upgrade()) {
            hand(client.as_ref(), token);
        }
        // Clients come and go as long as a gateway runs.
        state.clients.retain(|client| client.strong_count() > 0);
        state.clients.push(client);
    }

    /// Whether there is one to show.
    pub(super) fn present(&self) -> Result<(), Error> {
        match &self.state().token {
            Ok(_) => Ok(()),
            Err(reason) => Err(failure::away(format!("there is no access token for the brokers: {reason}"))),
        }
    }
}

fn hand(client: &dyn Bearer, token: &Token) {
    if let Err(reason) = client.take(token) {
        tracing::error!(reason, "a Kafka client does not take the access token");
    }
}
