//! What proves to a sink that it is us, opened by whoever holds the keys: delivery sees only the outcome and keeps it
//! while the subscription stays as it is, no longer than it holds.

use async_trait::async_trait;
use model::{Subscription, Timestamp};

/// An opened credential. It has no `Debug` on purpose.
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization {
    /// Nothing.
    None,
    /// The value of `Authorization`, as it is (CE-WHA-03).
    Header(String),
    /// The token for the query parameter `access_token` (CE-WHA-06).
    QueryToken(String),
}

/// An opened credential and how long it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The credential.
    pub authorization: Authorization,
    /// From when on another one must be opened; `None` when it holds as long as the subscription stays as it is.
    pub until: Option<Timestamp>,
}

impl From<Authorization> for Opened {
    fn from(authorization: Authorization) -> Self {
        Self { authorization, until: None }
    }
}

/// Why there is no credential now; the text holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no credential for the sink: {0}")]
pub struct CredentialError(pub String);

/// Opens the credentials of subscriptions, and gets tokens where that is what they are.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What proves to the sink of this subscription that it is us; within a bounded time. With `renew` the sink refused
    /// the last one (401), so another one is wanted if there can be one.
    async fn authorization(&self, subscription: &Subscription, renew: bool) -> Result<Opened, CredentialError>;
}
