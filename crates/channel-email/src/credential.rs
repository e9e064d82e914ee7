//! Credentials for a relay, and where they come from. They are only used over TLS (CH-25), and shown nowhere.

use std::fmt;

use async_trait::async_trait;

/// A user with the secret of it. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A password, for AUTH PLAIN (RFC 4616), or LOGIN where PLAIN is not offered.
    Password {
        /// The name of the user.
        user: String,
        /// The password.
        password: String,
    },
    /// An access token of OAuth 2.0, for AUTH XOAUTH2.
    Token {
        /// The name of the user.
        user: String,
        /// The access token.
        token: String,
    },
}

/// Why there is no credential now; the text contains no part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialError(pub String);

/// Where the credential for a relay comes from: an opened secret, or a token endpoint.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Returns the credential within a bounded time; called for every new connection. `renew` means that the relay refused the
    /// last one: a cached token must not be used again.
    async fn credential(&self, renew: bool) -> Result<Credential, CredentialError>;
}

/// The same credential for every connection.
#[async_trait]
impl Credentials for Credential {
    async fn credential(&self, _renew: bool) -> Result<Credential, CredentialError> {
        Ok(self.clone())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Credential::Password(..)",
            Self::Token { .. } => "Credential::Token(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret_ch_25() {
        let (user, secret) = ("relay-user".to_owned(), "open-sesame".to_owned());
        let password = Credential::Password { user: user.clone(), password: secret.clone() };
        for shown in [format!("{password:?}"), format!("{:?}", Credential::Token { user, token: secret })] {
            assert!(!shown.contains("relay-user") && !shown.contains("open-sesame"), "{shown}");
        }
    }
}
