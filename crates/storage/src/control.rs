//! Port Control: linearisable changes of kanalen, subscriptions, applicaties and runs.
//!
//! The decision is `model::decide`; an adapter only orders the commands and keeps the changes. Rights
//! are not checked here.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use model::{
    Registry,
    decide::{Command, Rejection},
    registry::Change,
};
use tokio::sync::broadcast;

use crate::Error;

/// What came of a command.
pub type Decision = Result<Vec<Change>, Rejection>;

/// The registry of this node, shared; it is changed only by the adapter.
#[derive(Debug, Clone, Default)]
pub struct SharedRegistry(Arc<RwLock<Registry>>);

impl SharedRegistry {
    /// A shared registry that starts as `registry`.
    pub fn new(registry: Registry) -> Self {
        Self(Arc::new(RwLock::new(registry)))
    }

    /// The registry as it stands; held shortly, never across an await.
    pub fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Folds accepted changes in. For adapters.
    pub fn apply(&self, changes: &[Change]) {
        let mut registry = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            registry.apply(change);
        }
    }
}

/// Linearisable changes.
#[async_trait]
pub trait Control: Send + Sync {
    /// Decides a command against the newest state. When it returns `Ok(Ok(changes))` the changes are durable
    /// and visible in this node's registry; with `Ok(Err(rejection))` nothing changed. `Unavailable` when
    /// nobody can decide now.
    async fn submit(&self, command: Command) -> Result<Decision, Error>;

    /// This node's registry.
    fn registry(&self) -> SharedRegistry;

    /// Accepted changes from now on, in order, after they were folded into the registry. A receiver that
    /// lags is told so by the channel and must read the registry anew.
    fn changes(&self) -> broadcast::Receiver<Change>;

    /// Waits until this node's registry holds everything accepted before the call.
    async fn catch_up(&self) -> Result<(), Error>;
}
