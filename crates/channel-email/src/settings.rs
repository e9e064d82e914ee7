//! The settings of a relay: where it is, how connections to it are protected, and the bounds of its use.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::credential::Credentials;

/// Longest name for EHLO in bytes.
const MAX_NAME: usize = 255;

/// The settings of a relay, fixed for the life of its client.
#[derive(Clone)]
pub struct Settings {
    /// The host of the relay: a name or a literal address.
    pub host: String,
    /// The port: usually 587 with STARTTLS, 465 with TLS.
    pub port: u16,
    /// How connections are protected.
    pub security: Security,
    /// The name of a TLS profile of `egress`; `None` for the general roots.
    pub tls_profile: Option<Arc<str>>,
    /// The name of the gateway for EHLO: a host name, or an address in brackets.
    pub hello: String,
    /// Most connections at a time; at most what the relay accepts from one client.
    pub connections: NonZeroUsize,
    /// How long an unused connection is kept. Shorter than the relay keeps it.
    pub idle: Duration,
    /// The time for each reply but the last, and for each write of at most 32 KiB.
    pub reply_timeout: Duration,
    /// The time for the reply after the content. RFC 5321 asks for ten minutes, because a mail whose reply is not awaited is sent
    /// twice.
    pub accept_timeout: Duration,
}

/// How connections to a relay are protected. Credentials exist only where there is TLS (CH-25).
#[derive(Clone)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls(Option<Arc<dyn Credentials>>),
    /// TLS by STARTTLS (RFC 3207), which is required.
    StartTls(Option<Arc<dyn Credentials>>),
    /// No TLS, and so no authentication; only to addresses to which plain connections are allowed.
    Plain,
}

/// Why there can be no client with these settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The name for EHLO is empty, too long, or has a character that a host name cannot have.
    #[error("the name for EHLO is not a host name")]
    Hello,
}

impl Settings {
    /// A relay with 10 connections, kept for 30 seconds, and 2 minutes for a reply (10 after the content).
    pub fn new(host: impl Into<String>, port: u16, security: Security, hello: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port,
            security,
            tls_profile: None,
            hello: hello.into(),
            connections: const { NonZeroUsize::new(10).expect("not zero") },
            idle: Duration::from_secs(30),
            reply_timeout: Duration::from_mins(2),
            accept_timeout: Duration::from_mins(10),
        }
    }

    /// Checks what no type checks.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']');
        let hello = &self.hello;
        if hello.is_empty() || hello.len() > MAX_NAME || !hello.bytes().all(valid) {
            return Err(SettingsError::Hello);
        }
        Ok(())
    }
}

impl Security {
    pub(crate) fn credentials(&self) -> Option<&Arc<dyn Credentials>> {
        match self {
            Self::Tls(credentials) | Self::StartTls(credentials) => credentials.as_ref(),
            Self::Plain => None,
        }
    }

    pub(crate) fn of_connection(&self) -> egress::Security {
        match self {
            Self::Tls(_) => egress::Security::Tls,
            Self::StartTls(_) => egress::Security::StartTls,
            Self::Plain => egress::Security::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_for_ehlo_cannot_end_its_command() {
        for (hello, expected) in [
            ("gateway.example.nl", Ok(())),
            ("[127.0.0.1]", Ok(())),
            ("[IPv6:2001:db8::1]", Ok(())),
            ("", Err(SettingsError::Hello)),
            ("gateway\r\nMAIL", Err(SettingsError::Hello)),
            ("a b", Err(SettingsError::Hello)),
        ] {
            assert_eq!(Settings::new("relay.example", 587, Security::Plain, hello).check(), expected, "{hello:?}");
        }
    }
}
