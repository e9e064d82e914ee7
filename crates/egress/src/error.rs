//! Errors of requests and of settings. Their texts never contain a query string, a header or a body.

use std::fmt;
use std::path::PathBuf;

use crate::policy::{Refusal, UrlError};
use crate::shortage::Shortage;

/// The part of an exchange that timed out.
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
    /// This process or machine lacks something to connect. It says nothing about the destination.
    #[error("the gateway itself cannot connect: {0}")]
    Own(Shortage),
    /// The name did not resolve.
    #[error("the name does not resolve: {0}; check the host of the URL and the DNS servers of the gateway")]
    Dns(String),
    /// The TCP connection failed.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// No secure connection: the certificate, the handshake, or our own certificate was refused.
    #[error("TLS: {0}")]
    Tls(String),
    /// A phase took longer than its limit.
    #[error("timeout while {0}")]
    Timeout(Phase),
    /// The server closed the connection, or its response is not HTTP or exceeds the limits.
    #[error("HTTP: {0}")]
    Protocol(String),
}

impl SendError {
    /// The label of [`Self::Own`].
    pub const OWN: &str = "own_resources";

    /// A short fixed word for metrics and the journal.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Url(_) => "url",
            Self::UnknownProfile(_) => "tls_profile",
            Self::Own(_) => Self::OWN,
            Self::Dns(_) => "dns",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout(_) => "timeout",
            Self::Protocol(_) => "protocol",
        }
    }

    /// Whether the destination, or the path to it, failed. `false` means that our registration or configuration is
    /// wrong, so that a later request fails as well, or that we lack a resource ([`Self::Own`]). A refused address counts
    /// as the destination's failure: its name may resolve to another address later.
    pub fn is_sinks_failure(&self) -> bool {
        !matches!(self, Self::Url(_) | Self::UnknownProfile(_) | Self::Own(_))
    }

    /// Whether the same request may succeed later without a change of URL or configuration.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Url(_) | Self::UnknownProfile(_) | Self::Refused(_))
    }
}

/// Why the client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A PEM file is missing, unreadable, or contains no usable item.
    #[error("{}: {problem}", path.display())]
    Pem {
        /// The file that cannot be read.
        path: PathBuf,
        /// The problem with the file, as text.
        problem: String,
    },
    /// A client certificate without its key, or the other way round.
    #[error("TLS profile `{0}`: give certificate and key together")]
    HalfIdentity(String),
    /// Certificate and key do not fit, or cannot be used.
    #[error("TLS profile `{profile}`: certificate and key do not belong together, or their kind is not supported")]
    Identity {
        /// The name of the TLS profile.
        profile: String,
        /// The error of the TLS library.
        source: rustls::Error,
    },
}
