//! Certificates of the suite's own subscribers: one that the target is configured to trust, and self-signed ones.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key, both PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate, or a chain that begins with it.
    pub certificate: String,
    /// The private key of the certificate.
    pub key: String,
}

/// A certificate that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A self-signed certificate could not be generated.
    #[error("a certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    /// The text is not a certificate and a key in PEM.
    #[error("no certificate and key in PEM: {0}")]
    Pem(#[from] rustls_pki_types::pem::Error),
    /// Certificate and key do not serve together.
    #[error("certificate and key cannot be used: {0}")]
    Use(#[from] rustls::Error),
}

impl Identity {
    /// A fresh self-signed certificate for this host.
    pub fn fresh(host: &str) -> Result<Identity, IdentityError> {
        let made = rcgen::generate_simple_self_signed([host.to_owned()])?;
        Ok(Identity { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() })
    }

    /// How a server that speaks only HTTP/2 presents it.
    pub fn server(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Arc::new(config))
    }
}
