//! TLS settings of outgoing connections: trusted roots and, for some destinations, a client certificate. Verification
//! cannot be disabled, and no process-wide crypto provider is installed. What a listed certificate is accepted for besides
//! is in `own_certificates`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::error::SettingsError;
use crate::own_certificates::OwnCertificates;
use crate::pem;
use crate::protocol::{ProtocolOptions, TlsVersion};
use crate::seen_certificates::{RecordingVerifier, SeenCertificates};

/// The TLS settings of some destinations, selected per request by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsProfile {
    /// PEM file with the client certificate and its chain, presented if the server requests one (mutual TLS).
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of `certificate`.
    pub key: Option<PathBuf>,
    /// PEM files with the only roots trusted by this profile; empty for the general roots.
    pub ca: Vec<PathBuf>,
    /// The applicaties (`client_id`) on whose behalf the certificate is shown where the profile is selected by destination;
    /// empty for all.
    pub applicaties: Vec<String>,
}

/// Trusted roots, and the certificates among them that the settings list: those are accepted for themselves as well.
#[derive(Clone)]
pub(crate) struct Roots {
    store: RootCertStore,
    own: Vec<CertificateDer<'static>>,
    seen: Arc<SeenCertificates>,
}

impl Roots {
    /// The public roots and those in the `extra` PEM files. Ends of certificates of servers are recorded in `seen`.
    pub fn general(extra: &[PathBuf], seen: &Arc<SeenCertificates>) -> Result<Self, SettingsError> {
        let store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self { store, own: Vec::new(), seen: Arc::clone(seen) }.with(extra)
    }

    fn with(mut self, files: &[PathBuf]) -> Result<Self, SettingsError> {
        for file in files {
            for certificate in pem::certificates(file)? {
                self.store.add(certificate.clone()).map_err(|_| SettingsError::Pem {
                    path: file.clone(),
                    problem: "holds a certificate that cannot be read".to_owned(),
                })?;
                self.own.push(certificate);
            }
        }
        Ok(self)
    }
}

/// The configuration without a client certificate.
pub(crate) fn default_config(roots: Roots, protocol: ProtocolOptions) -> ClientConfig {
    finish(builder(roots, protocol).with_no_client_auth(), protocol)
}

/// The configuration of one profile, with its certificate or `without`.
pub(crate) fn profile_config(
    name: &str,
    profile: &TlsProfile,
    general: &Roots,
    protocol: ProtocolOptions,
    without: bool,
) -> Result<ClientConfig, SettingsError> {
    let roots = if profile.ca.is_empty() {
        general.clone()
    } else {
        Roots { store: RootCertStore::empty(), own: Vec::new(), seen: Arc::clone(&general.seen) }.with(&profile.ca)?
    };
    let (certificate, key) = match (&profile.certificate, &profile.key) {
        (None, None) => return Ok(finish(builder(roots, protocol).with_no_client_auth(), protocol)),
        (Some(certificate), Some(key)) => (certificate, key),
        _ => return Err(SettingsError::HalfIdentity(name.to_owned())),
    };
    if without {
        return Ok(finish(builder(roots, protocol).with_no_client_auth(), protocol));
    }
    let chain = pem::certificates(certificate)?;
    let key = pem::key(key)?;
    let config = builder(roots, protocol)
        .with_client_auth_cert(chain, key)
        .map_err(|source| SettingsError::Identity { profile: name.to_owned(), source })?;
    Ok(finish(config, protocol))
}

/// The same configuration, offering only HTTP/1.1.
pub(crate) fn only_http1(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols.retain(|protocol| protocol != b"h2");
    config
}

/// The same configuration for protocols other than HTTP: it offers no ALPN protocol, and has sessions of its own.
pub(crate) fn without_alpn(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols.clear();
    config.resumption = Resumption::default();
    config
}

fn builder(
    roots: Roots,
    protocol: ProtocolOptions,
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let versions = match protocol.tls {
        None => rustls::DEFAULT_VERSIONS,
        Some(TlsVersion::Tls12) => &[&rustls::version::TLS12][..],
        Some(TlsVersion::Tls13) => &[&rustls::version::TLS13][..],
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .expect("the ring provider supports TLS 1.2 and 1.3");
    let Roots { store, own, seen } = roots;
    let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
    let usual = usual.expect("there are roots, and no revocation lists");
    let inner: Arc<dyn ServerCertVerifier> =
        if own.is_empty() { usual } else { Arc::new(OwnCertificates { usual, own }) };
    builder.dangerous().with_custom_certificate_verifier(Arc::new(RecordingVerifier { inner, seen }))
}

fn finish(mut config: ClientConfig, protocol: ProtocolOptions) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if protocol.http1_only { only_http1(config) } else { config }
}
