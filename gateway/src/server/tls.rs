//! The certificate of the listener, read again when its files change or when told to.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{path}: {why}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// Certificate and key do not go together, or are of a kind that is not supported.
    #[error("certificate and key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
}

/// The certificate in use.
pub struct Certificate {
    files: Tls,
    config: ArcSwap<ServerConfig>,
}

impl Certificate {
    /// Reads the files.
    pub fn load(files: &Tls) -> Result<Self, TlsError> {
        Ok(Self { files: files.clone(), config: ArcSwap::from_pointee(read(files)?) })
    }

    /// Accepts connections with the present certificate.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }

    /// Reads the files again; when they cannot be used the present certificate stays.
    pub fn reload(&self) {
        match read(&self.files) {
            Ok(config) => {
                self.config.store(Arc::new(config));
                tracing::info!("certificate read");
            }
            Err(error) => tracing::error!(%error, "certificate not changed"),
        }
    }

    /// Reads the files whenever they change, and on SIGHUP, for ever.
    pub async fn follow(self: Arc<Self>) {
        let mut seen = self.changed();
        let mut ticks = tokio::time::interval(LOOK);
        let mut hangups = signal(SignalKind::hangup()).ok();
        loop {
            let asked = tokio::select! {
                _ = ticks.tick() => false,
                told = hang_up(&mut hangups) => told,
            };
            let now = self.changed();
            if asked || now != seen {
                seen = now;
                self.reload();
            }
        }
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.files.certificate, &self.files.key]
            .map(|path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
    }
}

/// The next SIGHUP; never, where there are no such signals.
async fn hang_up(signals: &mut Option<Signal>) -> bool {
    match signals {
        Some(signals) => signals.recv().await.is_some(),
        None => std::future::pending().await,
    }
}

fn read(files: &Tls) -> Result<ServerConfig, TlsError> {
    let failed = |path: &Path, why: String| TlsError::File { path: path.to_owned(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(&files.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(failed(&files.certificate, "holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| failed(&files.key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str) -> Tls {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let files = Tls { certificate: dir.join("cert.pem"), key: dir.join("key.pem") };
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
        certificate.reload();
        assert!(Arc::ptr_eq(&first, &certificate.config.load_full()));
        write(dir.path(), "b.example");
        certificate.reload();
        assert!(!Arc::ptr_eq(&first, &certificate.config.load_full()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let files = Tls { certificate: "/nowhere/cert.pem".into(), key: "/nowhere/key.pem".into() };
        let error = Certificate::load(&files).map(drop).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/cert.pem"), "{error}");
    }
}
