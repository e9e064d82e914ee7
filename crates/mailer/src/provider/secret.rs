//! Where the secret of a provider comes from: it is read for each message, so that a new one needs no restart.

use async_trait::async_trait;

/// Why there is no secret now; the text has no part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(pub String);

/// The source of a secret.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret as it is now.
    async fn secret(&self) -> Result<String, SecretError>;
}

/// A fixed one.
#[async_trait]
impl SecretSource for String {
    async fn secret(&self) -> Result<String, SecretError> {
        Ok(self.clone())
    }
}
