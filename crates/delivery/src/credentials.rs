//! What proves to a sink that it is us, opened by whoever holds the keys: delivery sees only the outcome and keeps it
//! only while the subscription stays as it is.

use async_trait::async_trait;
use model::Subscription;

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

/// Why a credential could not be opened; the text holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the credential of the subscription cannot be opened: {0}")]
pub struct CredentialError(pub String);

/// Opens the credentials of subscriptions.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What proves to the sink of this subscription that it is us.
    async fn authorization(&self, subscription: &Subscription) -> Result<Authorization, CredentialError>;
}
