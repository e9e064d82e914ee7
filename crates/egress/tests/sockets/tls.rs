//! Certificates are always verified; extra roots, client certificates and HTTP/2 work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use egress::{Egress, Limits, Owner, SendError, Settings, SettingsError, TlsProfile};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::peer::{get, settings};

/// A certificate authority with its certificate in a file, as in a real configuration.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

pub struct Identity {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
        let authority = Self { issuer, folder: TempDir::new().expect("a folder") };
        authority.file("root.pem", &authority.issuer.pem());
        authority
    }

    pub fn identity(&self, name: &str, last_year: i32) -> Identity {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        Identity { certificate: params.signed_by(&key, &self.issuer).expect("a certificate"), key }
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a writable folder");
        path
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }
}

/// A TLS server that answers with the HTTP version and the number of certificates the client showed.
async fn serve(identity: Identity, clients: Option<&Authority>, alpn: &[&str]) -> io::Result<SocketAddr> {
    serve_clients(identity, clients, false, alpn).await
}

/// The same; a client certificate is only `wanted`, or needed.
async fn serve_clients(
    identity: Identity,
    clients: Option<&Authority>,
    wanted: bool,
    alpn: &[&str],
) -> io::Result<SocketAddr> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.issuer.der().clone()).map_err(io::Error::other)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if wanted { verifier.allow_unauthenticated() } else { verifier }.build();
            config.with_client_cert_verifier(verifier.map_err(io::Error::other)?)
        }
    };
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).map_err(io::Error::other)?;
    let mut config =
        config.with_single_cert(vec![identity.certificate.der().clone()], key).map_err(io::Error::other)?;
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let shown = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| async move {
                    let text = format!("{:?} {shown}", request.version());
                    Ok::<_, io::Error>(http::Response::new(Full::new(Bytes::from(text))))
                });
                // A client that goes away is no failure of the test.
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

async fn ask(settings: Settings, host: &str, address: SocketAddr, profile: Option<&str>) -> Result<String, SendError> {
    let client = Egress::new(settings).expect("good settings");
    let mut request = get(&format!("https://{host}:{}/", address.port()));
    request.tls = profile.map(Into::into);
    let answer = client.send(request, Limits::default()).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

pub fn trusting(authority: &Authority) -> Settings {
    Settings { extra_ca: vec![authority.root()], ..settings() }
}

#[tokio::test]
async fn unverifiable_certificates_are_refused_ce_wh_01() {
    let ours = Authority::new();
    let theirs = Authority::new();
    for (name, identity, settings) in [
        ("unknown root", ours.identity("localhost", 2090), settings()),
        ("another root", theirs.identity("localhost", 2090), trusting(&ours)),
        ("another name", ours.identity("sink.example", 2090), trusting(&ours)),
        ("expired", ours.identity("localhost", 2020), trusting(&ours)),
    ] {
        let address = serve(identity, None, &[]).await.unwrap();
        let error = ask(settings, "localhost", address, None).await.expect_err(name);
        assert!(matches!(error, SendError::Tls(_)), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_extra_root_is_trusted_for_names_and_addresses() {
    let authority = Authority::new();
    for name in ["localhost", "127.0.0.1"] {
        let address = serve(authority.identity(name, 2090), None, &["http/1.1"]).await.unwrap();
        assert_eq!(ask(trusting(&authority), name, address, None).await.unwrap(), "HTTP/1.1 0");
    }
}

#[tokio::test]
async fn http2_is_chosen_by_alpn_ce_wh_25() {
    let authority = Authority::new();
    for (alpn, version) in [(&["h2"][..], "HTTP/2.0 0"), (&["h2", "http/1.1"], "HTTP/2.0 0"), (&[], "HTTP/1.1 0")] {
        let address = serve(authority.identity("localhost", 2090), None, alpn).await.unwrap();
        assert_eq!(ask(trusting(&authority), "localhost", address, None).await.unwrap(), version);
    }
}

#[tokio::test]
async fn a_profile_shows_its_certificate_and_trusts_its_own_roots() {
    let servers = Authority::new();
    let clients = Authority::new();
    let ours = clients.identity("gateway.example", 2090);
    let certificate = clients.file("client.pem", &ours.certificate.pem());
    let key = clients.file("client.key", &ours.key.serialize_pem());
    let profile = TlsProfile {
        certificate: Some(certificate),
        key: Some(key),
        ca: vec![servers.root()],
        applicaties: vec!["a".to_owned()],
    };
    let without = TlsProfile { ca: vec![servers.root()], ..TlsProfile::default() };
    let elsewhere = TlsProfile { ca: vec![clients.root()], ..profile.clone() };
    let profiles = [("keten", profile), ("zonder", without), ("elders", elsewhere)];
    let settings =
        Settings { profiles: profiles.map(|(name, profile)| (name.to_owned(), profile)).into(), ..settings() };

    let address = serve(servers.identity("localhost", 2090), Some(&clients), &[]).await.unwrap();
    assert_eq!(ask(settings.clone(), "localhost", address, Some("keten")).await.unwrap(), "HTTP/1.1 1");
    for (profile, why) in [
        (Some("zonder"), "the server wants a certificate"),
        (Some("elders"), "the profile's roots replace all others"),
        (None, "the general roots do not hold the profile's"),
    ] {
        let error = ask(settings.clone(), "localhost", address, profile).await.expect_err(why);
        assert!(matches!(error, SendError::Tls(_)), "{why}: {error}");
    }
}

#[test]
fn settings_with_bad_files_say_which() {
    let authority = Authority::new();
    let ours = authority.identity("gateway.example", 2090);
    let other = authority.identity("other.example", 2090);
    let certificate = authority.file("client.pem", &ours.certificate.pem());
    let wrong_key = authority.file("other.key", &other.key.serialize_pem());
    let empty = authority.file("empty.pem", "");
    let profile = |certificate, key| Settings {
        profiles: [("keten".to_owned(), TlsProfile { certificate, key, ..TlsProfile::default() })].into(),
        ..Settings::default()
    };
    for (settings, says) in [
        (Settings { extra_ca: vec!["/nowhere/root.pem".into()], ..Settings::default() }, "/nowhere/root.pem"),
        (Settings { extra_ca: vec![empty.clone()], ..Settings::default() }, "holds no certificate"),
        (profile(Some(certificate.clone()), None), "together"),
        (profile(Some(certificate.clone()), Some(empty)), "empty.pem"),
        (profile(Some(certificate), Some(wrong_key)), "keten"),
    ] {
        let error: SettingsError = Egress::new(settings).err().expect(says);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn files_are_read_again_and_bad_ones_change_nothing() {
    let (servers, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let identity = |authority: &Authority| authority.identity("gateway.example", 2090);
    let write = |identity: &Identity| {
        let certificate = clients.file("client.pem", &identity.certificate.pem());
        (certificate, clients.file("client.key", &identity.key.serialize_pem()))
    };
    let (certificate, key) = write(&identity(&strangers));
    let profile = TlsProfile {
        certificate: Some(certificate.clone()),
        key: Some(key.clone()),
        ca: vec![servers.root()],
        applicaties: vec![],
    };
    let settings = Settings { profiles: [("keten".to_owned(), profile)].into(), ..settings() };
    let egress = Egress::new(settings).expect("good settings");
    assert_eq!(egress.files().collect::<Vec<_>>(), [&certificate, &key, &servers.root()]);

    let address = serve(servers.identity("localhost", 2090), Some(&clients), &[]).await.unwrap();
    let mut request = get(&format!("https://localhost:{}/", address.port()));
    request.tls = Some("keten".into());
    let send = || async { egress.send(request.clone(), Limits::default()).await };
    assert!(matches!(send().await, Err(SendError::Tls(_) | SendError::Protocol(_))), "a stranger's certificate");
    write(&identity(&clients));
    egress.reload().expect("good files");
    assert_eq!(send().await.expect("an answer").body, "HTTP/1.1 1");
    clients.file("client.pem", "broken");
    assert!(egress.reload().is_err());
    assert_eq!(send().await.expect("an answer").body, "HTTP/1.1 1");
}

#[tokio::test]
async fn d3_only_its_owners_show_the_certificate_of_a_destination() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let ours = clients.identity("gateway.example", 2090);
    let address = serve_clients(servers.identity("localhost", 2090), Some(&clients), true, &[]).await.unwrap();
    let url = format!("https://localhost:{}/", address.port());
    let profile = TlsProfile {
        certificate: Some(clients.file("client.pem", &ours.certificate.pem())),
        key: Some(clients.file("client.key", &ours.key.serialize_pem())),
        ca: vec![servers.root()],
        applicaties: vec!["a".to_owned()],
    };
    let profiles = [(format!("localhost:{}", address.port()), profile)].into();
    let egress = Egress::new(Settings { profiles, ..settings() }).expect("good settings");
    for (owner, shown) in [
        (Owner::Applicatie("a"), "HTTP/1.1 1"),
        (Owner::Applicatie("b"), "HTTP/1.1 0"),
        (Owner::Anonymous, "HTTP/1.1 0"),
        (Owner::Gateway, "HTTP/1.1 1"),
        (Owner::Applicatie("b"), "HTTP/1.1 0"),
    ] {
        let mut request = get(&url);
        request.tls = egress.profile_for(&request.url, owner);
        assert_eq!(egress.send(request, Limits::default()).await.unwrap().body, shown, "{owner:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_servers_certificate_is_known_after_a_handshake() {
    let authority = Authority::new();
    let end = 3_786_912_000; // 2090-01-01
    for (year, expected) in [(2090, Some(end)), (2020, Some(1_577_836_800))] {
        let address = serve(authority.identity("localhost", year), None, &["http/1.1"]).await.unwrap();
        let egress = Egress::new(Settings { extra_ca: vec![authority.root()], ..settings() }).expect("good settings");
        let request = get(&format!("https://localhost:{}/", address.port()));
        assert_eq!(egress.server_certificate_end(&request.url), None, "nothing was requested yet");
        let answer = egress.send(request.clone(), Limits::default()).await;
        assert_eq!(answer.is_ok(), year == 2090, "{answer:?}");
        egress.reload().expect("the same files");
        assert_eq!(egress.server_certificate_end(&request.url), expected, "{year}");
    }
}

/// What `openssl req -x509` makes: an authority and an end entity at once.
fn self_signed(name: &str, last_year: i32) -> Identity {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().expect("a key");
    Identity { certificate: params.self_signed(&key).expect("a certificate"), key }
}

#[tokio::test]
async fn f5_a_self_signed_certificate_in_extra_ca_is_accepted_for_itself() {
    let authority = Authority::new();
    for (identity, listed, says) in [
        (self_signed("localhost", 2090), true, None),
        (self_signed("localhost", 2090), false, Some("egress.extra_ca")),
        (self_signed("sink.example", 2090), true, Some("sink.example")),
        (self_signed("localhost", 2020), true, Some("expired")),
    ] {
        let file = authority.file("own.pem", &identity.certificate.pem());
        let address = serve(identity, None, &["http/1.1"]).await.unwrap();
        let extra_ca = if listed { vec![file] } else { vec![] };
        match (ask(Settings { extra_ca, ..settings() }, "localhost", address, None).await, says) {
            (Ok(answer), None) => assert_eq!(answer, "HTTP/1.1 0"),
            (Err(SendError::Tls(text)), Some(says)) => assert!(text.contains(says), "{text}"),
            (other, _) => panic!("{says:?}: {other:?}"),
        }
    }
}
