//! What can go wrong on the way out, and at set-up. Error texts never hold a query string, a header or a body.

use std::fmt;
use std::path::PathBuf;

use crate::policy::{Refusal, UrlError};

/// Which part of an exchange took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Resolving, connecting and the TLS handshake.
    Connect,
    /// Sending the request and waiting for the head of the response.
    Answer,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Answer => "waiting for an answer",
        })
    }
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The address policy refuses the address that was about to be dialled.
    #[error("refused by policy: {0}")]
    Refused(#[from] Refusal),
    /// The URL cannot be a destination.
    #[error("the URL {0}")]
    Url(#[from] UrlError),
    /// The request names a TLS profile that is not configured.
    #[error("there is no TLS profile `{0}`")]
    UnknownProfile(String),
    /// The name did not resolve.
    #[error("the name does not resolve: {0}")]
    Dns(String),
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// No secure connection: the certificate, the handshake, or our own certificate was refused.
    #[error("TLS: {0}")]
    Tls(String),
    /// Too slow.
    #[error("timeout while {0}")]
    Timeout(Phase),
    /// The other side broke off, or what it said is not HTTP within our bounds.
    #[error("HTTP: {0}")]
    Protocol(String),
}

impl SendError {
    /// A short fixed word for metrics and journals.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Url(_) => "url",
            Self::UnknownProfile(_) => "tls_profile",
            Self::Dns(_) => "dns",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout(_) => "timeout",
            Self::Protocol(_) => "protocol",
        }
    }

    /// Whether the other side, or the way to it, failed. `false` means that our own registration or configuration
    /// is wrong and waiting will not mend it. A refused address counts as the sink's: a name may resolve better later.
    pub fn is_sinks_failure(&self) -> bool {
        !matches!(self, Self::Url(_) | Self::UnknownProfile(_))
    }
}

/// Why the client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A PEM file is missing, unreadable, or holds nothing of what is needed.
    #[error("{}: {problem}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A client certificate without its key, or the other way round.
    #[error("TLS profile `{0}`: give certificate and key together")]
    HalfIdentity(String),
    /// Certificate and key do not fit, or cannot be used.
    #[error("TLS profile `{profile}`: {source}")]
    Identity {
        /// The profile.
        profile: String,
        /// What the TLS library says.
        source: rustls::Error,
    },
}
