//! The applicaties of the gateway with their rights and what this node knows of their use; never a secret.
//!
//! Not here: declaring them ([`crate::declared`]) and verifying their tokens (crate `web`, which implements [`Clients`] with
//! `gateway`).

mod ask_rights;
mod list;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{
    Timestamp,
    applicatie::{Applicatie, Scope},
};

/// What the layer that verifies tokens knows of clients.
#[async_trait]
pub trait Clients: Send + Sync {
    /// What this node saw of a client since it started.
    fn activity(&self, client_id: &str) -> Activity;

    /// Where the rights of applicaties without declared scopes come from.
    fn rights(&self, client_id: &str) -> RightsSource;

    /// Asks for the rights of a client now, whatever is cached, and returns what is known then. It sends nothing when there is
    /// nobody to ask.
    async fn ask_rights(&self, client_id: &str) -> RightsSource;
}

/// What a node saw of a client since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// When a token of it was last accepted.
    pub last_used: Option<Timestamp>,
    /// Tokens in its name that were refused in the last 24 hours.
    pub refused_last_day: u64,
}

/// Where the rights of a client come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RightsSource {
    /// From its declaration.
    Declared,
    /// From an Autorisaties API, with its cached answer; `None` when it was not asked about this client yet.
    Asked(Option<CachedRights>),
}

/// The cached answer of an Autorisaties API about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedRights {
    /// The scopes; `None` when there is no applicatie with this `client_id`, or no answer.
    pub scopes: Option<Vec<Scope>>,
    /// The age of the answer; `None` when there is no answer.
    pub age: Option<Duration>,
    /// Why the last request failed; `None` when it did not.
    pub error: Option<String>,
}

/// An applicatie with its rights and use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicatieState {
    /// The applicatie.
    pub applicatie: Arc<Applicatie>,
    /// Where its rights come from.
    pub rights: RightsSource,
    /// What this node saw of it.
    pub activity: Activity,
}
