//! The certificate of the listener, and the authorities of its clients, replaced by [`Certificate::reload`].

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use super::client_authorities::{AuthorityFiles, AuthorityVerifier, ClientAuthorities};
use crate::config::Tls;

/// Why there is no certificate, or no authority.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{path}: {why}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// Certificate and key do not go together, or are of a kind that is not supported.
    #[error("certificate and key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
    /// Authorities and revocation lists of clients cannot be used.
    #[error("authorities of clients cannot be used: {0}")]
    Authorities(String),
}

impl TlsError {
    /// A file cannot be used, and why.
    pub fn file(path: &Path, why: String) -> Self {
        Self::File { path: path.to_owned(), why }
    }
}

/// The certificate and key of the listener, and the authorities of its clients.
pub struct Certificate {
    files: Tls,
    config: ArcSwap<ServerConfig>,
    clients: Option<Arc<ClientAuthorities>>,
}

impl Certificate {
    /// Reads all files.
    ///
    /// # Errors
    /// A file is no PEM, or certificate and key do not match.
    pub fn load(files: &Tls) -> Result<Self, TlsError> {
        let clients = authority_files(files).map(ClientAuthorities::load).transpose()?.map(Arc::new);
        let config = read(files, clients.as_ref().map(|clients| clients.current()))?;
        Ok(Self { files: files.clone(), config: ArcSwap::from_pointee(config), clients })
    }

    /// Accepts connections with the present certificate and authorities.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }

    /// The authorities of clients; `None` when clients are not asked for a certificate.
    pub fn clients(&self) -> Option<&Arc<ClientAuthorities>> {
        self.clients.as_ref()
    }

    /// All files.
    pub fn files(&self) -> Vec<PathBuf> {
        let own = [&self.files.certificate, &self.files.key].into_iter().cloned();
        own.chain(self.clients.iter().flat_map(|clients| clients.files())).collect()
    }

    /// Reads the files again. Sessions of before are not resumed, so that each client shows its certificate again.
    ///
    /// # Errors
    /// They cannot be used; then everything stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let verifier = self.clients.as_ref().map(|clients| clients.read()).transpose()?;
        let config = read(&self.files, verifier.clone())?;
        if let (Some(clients), Some(verifier)) = (&self.clients, verifier) {
            clients.replace(verifier);
        }
        self.config.store(Arc::new(config));
        Ok(())
    }
}

/// The files with the authorities of clients, when there are any.
pub fn authority_files(files: &Tls) -> Option<AuthorityFiles> {
    let authorities = files.client_ca.clone()?;
    Some(AuthorityFiles { authorities, revocation_lists: files.client_crl.clone() })
}

fn read(files: &Tls, clients: Option<AuthorityVerifier>) -> Result<ServerConfig, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::file(&files.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(TlsError::file(&files.certificate, "holds no certificate".to_owned()));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| TlsError::file(&files.key, error.to_string()))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    let builder = match clients {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str) -> Tls {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let files = Tls {
            certificate: dir.join("cert.pem"),
            key: dir.join("key.pem"),
            client_ca: None,
            client_crl: Vec::new(),
        };
        std::fs::write(&files.certificate, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    #[test]
    fn a_broken_file_leaves_the_certificate_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let files = write(dir.path(), "a.example");
        let certificate = Certificate::load(&files).unwrap();
        let first = certificate.config.load_full();
        std::fs::write(&files.certificate, "no certificate").unwrap();
        assert!(certificate.reload().is_err());
        assert!(Arc::ptr_eq(&first, &certificate.config.load_full()));
        write(dir.path(), "b.example");
        certificate.reload().unwrap();
        assert!(!Arc::ptr_eq(&first, &certificate.config.load_full()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let files = Tls {
            certificate: "/nowhere/cert.pem".into(),
            key: "/nowhere/key.pem".into(),
            client_ca: None,
            client_crl: Vec::new(),
        };
        let error = Certificate::load(&files).map(drop).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/cert.pem"), "{error}");
    }
}
