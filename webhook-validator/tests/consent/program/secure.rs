//! Receivers over TLS: certificates, versions of TLS, and HTTP/2.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::receiver::{Fault, router};
use super::{CREDENTIAL, find};

static BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];
static OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];

struct Secure {
    address: SocketAddr,
    folder: TempDir,
}

impl Secure {
    /// A correct receiver with a certificate for 127.0.0.1 from an authority of its own.
    async fn start(versions: &'static [&'static SupportedProtocolVersion], alpn: &[&str]) -> io::Result<Self> {
        let mut params = CertificateParams::new([]).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;
        let folder = TempDir::new()?;
        std::fs::write(folder.path().join("root.pem"), issuer.pem())?;

        let key = KeyPair::generate().map_err(io::Error::other)?;
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let secret = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .map_err(io::Error::other)?;
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let service = TowerToHyperService::new(router(Fault::None));
        // A promise of HTTP/2 that is not kept.
        let broken = alpn.contains(&"h2") && alpn.len() == 3;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    if broken && stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        // A client that goes away is no failure of the test.
                        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                        return;
                    }
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { address, folder })
    }

    fn url(&self) -> String {
        format!("https://{}/hook?key=s3cret", self.address)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }
}

#[tokio::test]
async fn tls_and_http_versions_are_looked_at_ce_wh_25_nlg_sec_04() {
    for (versions, alpn, failed, warned, unseen) in [
        (BOTH, &["h2", "http/1.1"][..], &[][..], &[][..], &[][..]),
        (BOTH, &["http/1.1"], &[], &[], &["CE-WH-25"]),
        (OLD, &["h2", "http/1.1"], &[], &["NLG-SEC-04"], &[]),
        (BOTH, &["h2", "http/1.1", "broken"], &["CE-WH-25"], &[], &[]),
    ] {
        let receiver = Secure::start(versions, alpn).await.unwrap();
        let root = receiver.root();
        let trust = ["--ca", root.to_str().unwrap()];
        let found = find(&receiver.url(), &[&CREDENTIAL[..], &trust].concat()).await.unwrap();
        assert_eq!(found.with("fail"), failed, "{alpn:?}: {:#}", found.report);
        assert_eq!(found.with("warn"), warned, "{alpn:?}: {:#}", found.report);
        let always = ["CE-WHV-22", "CE-WHV-21", "CE-WHV-07", "CE-WHV-10", "CE-WH-13", "CE-WH-20"];
        assert_eq!(found.with("not-observed"), [unseen, &always].concat(), "{alpn:?}");
    }
}

#[tokio::test]
async fn a_certificate_nobody_trusts_is_a_finding_nlg_wh_01() {
    let receiver = Secure::start(BOTH, &[]).await.unwrap();
    let found = find(&receiver.url(), &CREDENTIAL).await.unwrap();
    assert_eq!((found.status, found.with("fail")), (Some(1), vec!["NLG-WH-01".to_owned()]), "{:#}", found.report);
    assert_eq!(found.with("pass"), [""; 0], "nothing was sent");
}
