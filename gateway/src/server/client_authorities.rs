//! The authorities whose client certificates are accepted, with their revocation lists, replaced by
//! [`ClientAuthorities::reload`]. Which client a certificate belongs to is `web::auth::certificates`.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use model::Timestamp;
use rustls::{
    CertificateError, Error, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use web::auth::certificates::{NotValid, Verifier};

use super::tls::TlsError;

/// The first byte of a revocation list in DER; PEM is text.
const DER: u8 = 0x30;

/// The files with authorities and revocation lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityFiles {
    /// PEM file with the certificates of the authorities.
    pub authorities: PathBuf,
    /// Files with revocation lists, in PEM or DER.
    pub revocation_lists: Vec<PathBuf>,
}

/// Verifies the chain of a client and its signature in a handshake. A client may also show no certificate.
pub type AuthorityVerifier = Arc<dyn ClientCertVerifier>;

/// The authorities in use.
pub struct ClientAuthorities {
    files: AuthorityFiles,
    verifier: ArcSwap<AuthorityVerifier>,
    generation: AtomicU64,
}

impl ClientAuthorities {
    /// Reads the files.
    ///
    /// # Errors
    /// A file cannot be read or holds nothing of its kind.
    pub fn load(files: AuthorityFiles) -> Result<Self, TlsError> {
        let verifier = ArcSwap::from_pointee(read(&files)?);
        Ok(Self { files, verifier, generation: AtomicU64::new(0) })
    }

    /// The files with authorities and revocation lists.
    pub fn files(&self) -> Vec<PathBuf> {
        std::iter::once(&self.files.authorities).chain(&self.files.revocation_lists).cloned().collect()
    }

    /// Reads the files again and uses what they hold.
    ///
    /// # Errors
    /// They cannot be used; then those of before stay in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.replace(read(&self.files)?);
        Ok(())
    }

    /// Reads the files again, for [`Self::replace`].
    ///
    /// # Errors
    /// They cannot be used.
    pub fn read(&self) -> Result<AuthorityVerifier, TlsError> {
        read(&self.files)
    }

    /// Uses another verifier from now on.
    pub fn replace(&self, verifier: AuthorityVerifier) {
        self.verifier.store(Arc::new(verifier));
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// The verifier in use.
    pub fn current(&self) -> AuthorityVerifier {
        Arc::clone(&self.verifier.load())
    }
}

impl Verifier for ClientAuthorities {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn verify(&self, leaf: &[u8], rest: &[Vec<u8>], now: Timestamp) -> Result<(), NotValid> {
        let rest: Vec<CertificateDer<'_>> = rest.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let now = UnixTime::since_unix_epoch(Duration::from_micros(now.as_micros().unsigned_abs()));
        let verified = self.current().verify_client_cert(&CertificateDer::from(leaf), &rest, now);
        verified.map(drop).map_err(|error| reason(&error))
    }
}

/// Why a chain or a handshake was refused.
pub fn reason(error: &Error) -> NotValid {
    let Error::InvalidCertificate(error) = error else { return NotValid::Other };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => NotValid::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NotValid::NotYet,
        CertificateError::Revoked => NotValid::Revoked,
        CertificateError::UnknownRevocationStatus => NotValid::UnknownStatus,
        // An authority of the same name with another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => NotValid::UnknownAuthority,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => NotValid::Usage,
        _ => NotValid::Other,
    }
}

fn read(files: &AuthorityFiles) -> Result<AuthorityVerifier, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in authorities(&files.authorities)? {
        let added = roots.add(certificate);
        added.map_err(|error| {
            TlsError::file(&files.authorities, format!("holds a certificate that is no authority: {error}"))
        })?;
    }
    let mut lists = Vec::new();
    for path in &files.revocation_lists {
        lists.extend(revocation_lists(path)?);
    }
    // Every certificate of a chain needs a list of its issuer once there are lists (RFC 5280 section 6.3).
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()));
    let built = builder.with_crls(lists).allow_unauthenticated().build();
    built.map_err(|error| TlsError::Authorities(error.to_string()))
}

/// The certificates of a file with authorities; at least one.
///
/// # Errors
/// The file cannot be read or holds none.
pub fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::file(path, error.to_string()))?;
    if found.is_empty() { Err(TlsError::file(path, "holds no certificate".to_owned())) } else { Ok(found) }
}

/// The revocation lists of a file; at least one.
///
/// # Errors
/// The file cannot be read or holds none.
pub fn revocation_lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let bytes = std::fs::read(path).map_err(|error| TlsError::file(path, error.to_string()))?;
    if bytes.first() == Some(&DER) {
        return Ok(vec![bytes.into()]);
    }
    let found: Vec<_> = CertificateRevocationListDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::file(path, error.to_string()))?;
    if found.is_empty() { Err(TlsError::file(path, "holds no revocation list".to_owned())) } else { Ok(found) }
}
