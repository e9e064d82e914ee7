//! Client certificates: from the handshake of the connection or from the header of a trusted proxy, verified, and bound to
//! applicaties by the configuration.
//!
//! The listener verifies a certificate in the handshake as well. It is verified here again, because a connection and a resumed
//! session last longer: a certificate that expired, was revoked or lost its authority meanwhile is refused at the next request, at
//! most `MAX_AGE` later. The verification itself is that of the TLS library, behind [`Verifier`].

mod binding;
mod header;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use compact_str::CompactString;
use http::HeaderMap;
use model::Timestamp;
use ring::digest;
use x509::Certificate;

pub use self::{
    binding::{Binding, Fingerprint, is_oin},
    header::CertificateHeaders,
};

/// How long the result of a verification is used.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The maximum number of cached results.
const CAPACITY: usize = 4_096;

/// Verifies the chain of a client certificate.
pub trait Verifier: Send + Sync {
    /// A number that changes when other authorities or revocation lists are in use.
    fn generation(&self) -> u64;

    /// Whether the certificate is of a trusted authority, for clients, valid at `now` and not revoked.
    ///
    /// # Errors
    /// Why it is not.
    fn verify(&self, leaf: &[u8], rest: &[Vec<u8>], now: Timestamp) -> Result<(), NotValid>;
}

/// Why a certificate is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotValid {
    /// Its last moment has passed.
    #[error("it has expired")]
    Expired,
    /// Its first moment has not come.
    #[error("it is not valid yet")]
    NotYet,
    /// A revocation list has it.
    #[error("it is revoked")]
    Revoked,
    /// There are revocation lists, and none of its issuer.
    #[error("there is no revocation list of its issuer here")]
    UnknownStatus,
    /// It leads to no authority that is trusted here.
    #[error("its authority is not trusted here")]
    UnknownAuthority,
    /// It is not for clients.
    #[error("it is not meant for TLS clients (extended key usage)")]
    Usage,
    /// It cannot be read, or is signed in a way that is not supported.
    #[error("it cannot be verified")]
    Other,
}

/// Why a client certificate is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The header of the proxy cannot be read.
    #[error("the header with the client certificate cannot be read")]
    Header,
    /// It is not valid.
    #[error("the client certificate is refused: {0}")]
    NotValid(#[from] NotValid),
    /// It is valid, and of no applicatie.
    #[error("the client certificate belongs to no applicatie here")]
    Unknown,
    /// It is that of several applicaties, and there is no token of one of them.
    #[error("the client certificate belongs to several applicaties: send a token of one of them")]
    Ambiguous,
    /// The token is that of another applicatie.
    #[error("the token is of another client than the certificate")]
    OtherClient,
}

impl CertificateError {
    /// The reason in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::NotValid(NotValid::Expired) => "expired",
            Self::NotValid(NotValid::NotYet) => "not-yet-valid",
            Self::NotValid(NotValid::Revoked) => "revoked",
            Self::NotValid(NotValid::UnknownStatus) => "no-revocation-list",
            Self::NotValid(NotValid::UnknownAuthority) => "unknown-authority",
            Self::NotValid(NotValid::Usage) => "usage",
            Self::NotValid(NotValid::Other) => "not-verifiable",
            Self::Unknown => "unknown-client",
            Self::Ambiguous => "several-clients",
            Self::OtherClient => "other-client",
        }
    }
}

/// The certificates that a client showed: its own, then the rest of the chain. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    chain: Arc<[Vec<u8>]>,
    fingerprint: Fingerprint,
}

impl Shown {
    /// A chain in DER, the certificate of the client first; `None` for no certificate.
    pub fn new(chain: impl IntoIterator<Item = Vec<u8>>) -> Option<Self> {
        let chain: Arc<[Vec<u8>]> = chain.into_iter().collect();
        let mut fingerprint = Fingerprint::default();
        fingerprint.copy_from_slice(digest::digest(&digest::SHA256, chain.first()?).as_ref());
        Some(Self { chain, fingerprint })
    }

    /// Whether the certificate of the client has this SHA-256.
    pub fn has_digest(&self, digest: &Fingerprint) -> bool {
        self.fingerprint == *digest
    }

    /// The SHA-256 of the certificate of the client, in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        secrets::hex(&self.fingerprint)
    }
}

/// Where a certificate came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Connection,
    Proxy,
}

/// What certificates are accepted.
#[derive(Default)]
pub struct Settings {
    /// The certificates of each applicatie, by its `client_id`.
    pub bindings: Vec<(CompactString, Binding)>,
    /// The headers of trusted proxies; `None`: they are ignored.
    pub headers: Option<CertificateHeaders>,
    /// Verifies certificates of connections; `None`: connections have none.
    pub listener: Option<Arc<dyn Verifier>>,
    /// Verifies certificates of proxies; `None`: they are ignored.
    pub proxy: Option<Arc<dyn Verifier>>,
}

/// A verified certificate of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCertificate {
    /// The `client_id`s of its applicaties.
    pub clients: Arc<[CompactString]>,
    /// The certificate itself.
    pub shown: Shown,
}

struct Verified {
    clients: Arc<[CompactString]>,
    generation: u64,
    from: Timestamp,
    until: Timestamp,
}

/// Verifies client certificates and caches the results.
#[derive(Default)]
pub struct Certificates {
    settings: Settings,
    verified: Mutex<HashMap<(Source, Fingerprint), Verified>>,
}

impl Certificates {
    /// A verifier with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, verified: Mutex::default() }
    }

    /// The certificate of a request: that of the header, when its connection is one of a trusted proxy and headers are
    /// configured, else that of the connection. `None` when there is none.
    ///
    /// # Errors
    /// Why it is refused, with what the client showed if it could be read.
    pub fn of_request(
        &self,
        headers: &HeaderMap,
        connection: Option<&Shown>,
        from_proxy: bool,
        now: Timestamp,
    ) -> Result<Option<VerifiedCertificate>, (CertificateError, Option<Shown>)> {
        let (source, shown, verifier) = match (&self.settings.headers, &self.settings.proxy) {
            (Some(names), Some(verifier)) if from_proxy => {
                let chain = names.read(headers).map_err(|error| (error, None))?;
                (Source::Proxy, chain.and_then(Shown::new), Some(verifier))
            }
            _ => (Source::Connection, connection.cloned(), self.settings.listener.as_ref()),
        };
        let (Some(shown), Some(verifier)) = (shown, verifier) else { return Ok(None) };
        match self.clients(source, &shown, verifier.as_ref(), now) {
            Ok(clients) => Ok(Some(VerifiedCertificate { clients, shown })),
            Err(error) => Err((error.into(), Some(shown))),
        }
    }

    /// The applicaties of a certificate, which is verified unless that was done shortly before.
    fn clients(
        &self,
        source: Source,
        shown: &Shown,
        verifier: &dyn Verifier,
        now: Timestamp,
    ) -> Result<Arc<[CompactString]>, NotValid> {
        let (key, generation) = ((source, shown.fingerprint), verifier.generation());
        {
            let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            let usable = |own: &&Verified| own.generation == generation && own.from <= now && now < own.until;
            if let Some(found) = verified.get(&key).filter(usable) {
                return Ok(Arc::clone(&found.clients));
            }
        }
        let (leaf, rest) = shown.chain.split_first().ok_or(NotValid::Other)?;
        verifier.verify(leaf, rest, now)?;
        let certificate = Certificate::read(leaf).ok_or(NotValid::Other)?;
        let bindings = self.settings.bindings.iter();
        let matching = bindings.filter(|(_, binding)| binding.matches(&certificate, &shown.fingerprint));
        let clients: Arc<[CompactString]> = matching.map(|(client_id, _)| client_id.clone()).collect();
        let end = Timestamp::from_seconds(certificate.not_after);
        let until = end.min(now + MAX_AGE);
        self.remember(key, Verified { clients: Arc::clone(&clients), generation, from: now, until });
        Ok(clients)
    }

    fn remember(&self, key: (Source, Fingerprint), result: Verified) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= CAPACITY {
            let now = result.from;
            verified.retain(|_, own| now < own.until);
            if verified.len() >= CAPACITY {
                verified.clear();
            }
        }
        verified.insert(key, result);
    }
}
