//! TLS settings of outgoing connections: the trusted roots and, for some destinations, our own certificate.
//! Verification cannot be switched off, and no process-wide crypto provider is installed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::dialect::{Dialect, TlsVersion};
use crate::error::SettingsError;

/// How one kind of destination is spoken to, chosen per request by the profile's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsProfile {
    /// PEM file with our certificate and its chain, shown when the server asks (mutual TLS).
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of `certificate`.
    pub key: Option<PathBuf>,
    /// PEM files with the only roots trusted under this profile; empty means the general ones.
    pub ca: Vec<PathBuf>,
}

/// The public roots and those of `extra` PEM files.
pub(crate) fn general_roots(extra: &[PathBuf]) -> Result<RootCertStore, SettingsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    add(&mut roots, extra)?;
    Ok(roots)
}

/// The configuration without a certificate of our own.
pub(crate) fn general(roots: RootCertStore, dialect: Dialect) -> ClientConfig {
    finish(builder(roots, dialect).with_no_client_auth(), dialect)
}

/// The configuration of one profile.
pub(crate) fn profiled(
    name: &str,
    profile: &TlsProfile,
    general: &RootCertStore,
    dialect: Dialect,
) -> Result<ClientConfig, SettingsError> {
    let roots = if profile.ca.is_empty() {
        general.clone()
    } else {
        let mut own = RootCertStore::empty();
        add(&mut own, &profile.ca)?;
        own
    };
    let (certificate, key) = match (&profile.certificate, &profile.key) {
        (None, None) => return Ok(finish(builder(roots, dialect).with_no_client_auth(), dialect)),
        (Some(certificate), Some(key)) => (certificate, key),
        _ => return Err(SettingsError::HalfIdentity(name.to_owned())),
    };
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| problem(key, error))?;
    let config = builder(roots, dialect)
        .with_client_auth_cert(chain, key)
        .map_err(|source| SettingsError::Identity { profile: name.to_owned(), source })?;
    Ok(finish(config, dialect))
}

fn builder(
    roots: RootCertStore,
    dialect: Dialect,
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let versions = match dialect.tls {
        None => rustls::DEFAULT_VERSIONS,
        Some(TlsVersion::Tls12) => &[&rustls::version::TLS12][..],
        Some(TlsVersion::Tls13) => &[&rustls::version::TLS13][..],
    };
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("the ring provider supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
}

fn finish(mut config: ClientConfig, dialect: Dialect) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if dialect.http1_only {
        config.alpn_protocols.remove(0);
    }
    config
}

fn add(roots: &mut RootCertStore, files: &[PathBuf]) -> Result<(), SettingsError> {
    for file in files {
        for certificate in certificates(file)? {
            roots.add(certificate).map_err(|error| problem(file, error))?;
        }
    }
    Ok(())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let found: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| problem(path, error))?;
    if found.is_empty() {
        return Err(problem(path, "holds no certificate"));
    }
    Ok(found)
}

fn problem(path: &Path, problem: impl ToString) -> SettingsError {
    SettingsError::Pem { path: path.to_owned(), problem: problem.to_string() }
}
