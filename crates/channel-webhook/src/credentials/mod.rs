//! Credentials that authorise deliveries at a sink. [`Opener`] opens the sealed credential of a subscription, makes ZGW tokens, and gets
//! tokens from token endpoints. It caches nothing: `target` keeps an opened credential while it is valid and the subscription
//! does not change.
//!
//! [`endpoint`] is the client of token endpoints; `refresh` stores the tokens that they renew.

pub mod endpoint;
mod opener;
mod refresh;

use async_trait::async_trait;
use model::{Subscription, Timestamp, subscription::HeaderText};

pub use self::opener::{Opener, Parts};

/// An opened credential. It has no `Debug` on purpose.
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization {
    /// The sink asks for no credential.
    None,
    /// The value of `Authorization`, as it is (CE-WHA-03).
    Header(String),
    /// The token for the query parameter `access_token` (CE-WHA-06).
    QueryToken(String),
}

/// An opened credential and how long it is valid.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedCredential {
    /// The header or query parameter to send.
    pub authorization: Authorization,
    /// When another one must be opened; `None` when it is valid as long as the subscription stays as it is.
    pub until: Option<Timestamp>,
}

impl From<Authorization> for OpenedCredential {
    fn from(authorization: Authorization) -> Self {
        Self { authorization, until: None }
    }
}

/// Why there is no credential now; the text contains no part of a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no credential for the sink: {}", self.reason())]
pub enum CredentialError {
    /// We lack a resource to ask a token endpoint. It says nothing about the endpoint or the sink.
    Own(String),
    /// It cannot be opened, or the token endpoint grants none.
    Unavailable(String),
}

impl CredentialError {
    /// Why, without the words around it.
    pub fn reason(&self) -> &str {
        match self {
            Self::Own(reason) | Self::Unavailable(reason) => reason,
        }
    }
}

/// Opens the credentials of subscriptions, and gets tokens for those that are clients of a token endpoint.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Returns the opened credential of this subscription within a bounded time. `renew` means that the sink refused the
    /// last one (401): a token endpoint is then asked for a new token.
    async fn authorization(
        &self,
        subscription: &Subscription,
        renew: bool,
    ) -> Result<OpenedCredential, CredentialError>;

    /// The headers of this subscription with their values, opened.
    fn headers(&self, subscription: &Subscription) -> Result<Vec<(String, String)>, CredentialError> {
        let clear = |(name, text): &(String, HeaderText)| match text {
            HeaderText::Clear(text) => Ok((name.clone(), text.clone())),
            HeaderText::Sealed(_) => Err(CredentialError::Unavailable("a header is sealed".to_owned())),
        };
        subscription.headers.iter().map(clear).collect()
    }
}
