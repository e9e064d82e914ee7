//! Port Control: linearisable changes of kanalen, subscriptions, applicaties, schemas and runs.
//!
//! `model::decide` makes the decisions; an adapter only orders the commands and stores the changes, with an entry of the
//! [audit trail](crate::audit) about each decision. It does not check authorization.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use model::{
    Actor, Registry,
    decide::{Command, Rejection},
    registry::Change,
};
use tokio::sync::broadcast;

use crate::Error;

/// The changes made by an accepted command, or why it was rejected.
pub type Decision = Result<Vec<Change>, Rejection>;

/// The registry of this node. Only the adapter changes it.
#[derive(Debug, Clone, Default)]
pub struct SharedRegistry(Arc<RwLock<Registry>>);

impl SharedRegistry {
    /// A shared registry with this initial content.
    pub fn new(registry: Registry) -> Self {
        Self(Arc::new(RwLock::new(registry)))
    }

    /// The current registry, locked for reading: hold it briefly and never across an await.
    pub fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies accepted changes. Only for adapters.
    pub fn apply(&self, changes: &[Change]) {
        let mut registry = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            registry.apply(change);
        }
    }
}

/// The port: linearisable changes.
#[async_trait]
pub trait Control: Send + Sync {
    /// Decides on a command of `actor` against the newest state. `Ok(Ok(changes))`: the changes are durable and visible in this
    /// node's registry. `Ok(Err(rejection))`: nothing changed. In both cases one entry of the audit trail is durable with the
    /// decision, and `actor.recorded` is set.
    ///
    /// # Errors
    /// `Unavailable` when no node can decide now.
    async fn submit(&self, actor: &Actor, command: Command) -> Result<Decision, Error>;

    /// This node's registry.
    fn registry(&self) -> SharedRegistry;

    /// Accepted changes from now on, in order, each after it was applied to the registry. A receiver that lags too far
    /// gets an error from the channel and must reread the registry.
    fn changes(&self) -> broadcast::Receiver<Change>;

    /// Waits until this node's registry contains everything accepted before the call.
    async fn catch_up(&self) -> Result<(), Error>;

    /// Checks that storage works now. The embedded adapter writes and syncs a page of its own; on Kafka the brokers must
    /// respond and this node must follow the control topic. It writes to a disk: callers bound how often it runs.
    ///
    /// # Errors
    /// The reason, for operators.
    async fn probe(&self) -> Result<(), Error> {
        self.catch_up().await
    }
}

/// Logs the decision on a command with its actor, and marks the actor: the audit trail has an entry. For adapters.
#[cfg(feature = "sqlite")]
pub(crate) fn log_decision(actor: &Actor, command: &'static str, decision: &Result<Decision, Error>) {
    if decision.is_ok() {
        actor.recorded.set();
    }
    match decision {
        Ok(Ok(changes)) => tracing::debug!(%actor, command, changes = changes.len(), "command accepted"),
        Ok(Err(rejection)) => tracing::debug!(%actor, command, %rejection, "command rejected"),
        Err(error) => tracing::debug!(%actor, command, %error, "command not decided"),
    }
}
