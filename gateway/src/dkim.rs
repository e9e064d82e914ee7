//! The DKIM signer of the configuration. The signature itself is in `message`.

use message::mail::{DkimError, DkimSigner};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

use crate::config::EmailDkim;

/// Why there is no signer.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file with the key cannot be read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// The file has no private key.
    #[error("the file has no private key in PKCS #8 (PEM)")]
    Pem,
    /// The domain, the selector or the key cannot be used.
    #[error(transparent)]
    Dkim(#[from] DkimError),
}

impl SignerError {
    /// The member of the configuration that is wrong.
    pub fn member(&self) -> &'static str {
        match self {
            Self::Dkim(DkimError::Domain) => "email.dkim.domain",
            Self::Dkim(DkimError::Selector) => "email.dkim.selector",
            Self::File(_) | Self::Pem | Self::Dkim(DkimError::Key | DkimError::Signature) => "email.dkim.key_file",
        }
    }
}

/// The domain that signs the mails from this address.
pub fn domain<'a>(own: &'a EmailDkim, from: &'a str) -> &'a str {
    own.domain.as_deref().unwrap_or_else(|| from.rsplit_once('@').map_or(from, |(_, domain)| domain))
}

/// Reads the key, and makes the signer of mails from this address.
///
/// # Errors
/// [`SignerError`].
pub fn signer(own: &EmailDkim, from: &str) -> Result<DkimSigner, SignerError> {
    let pem = std::fs::read(&own.key_file)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_| SignerError::Pem)?;
    Ok(DkimSigner::new(domain(own, from), &own.selector, key.secret_pkcs8_der())?)
}
