//! Streams for protocols other than HTTP: policy, certificates, TLS from the first byte or started later, and silence.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use egress::{Connection, Destination, Egress, Policy, Security, SendError, Settings, TlsProfile};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::peer::{open, settings};
use crate::tls::{Authority, Identity, trusting};

/// A server that greets with `hello\n` and answers `tls\n` with `go\n`, after which it does the TLS handshake and greets again. With
/// `first` it begins with TLS.
async fn serve(identity: Identity, first: bool) -> io::Result<SocketAddr> {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(io::Error::other)?.with_no_client_auth();
    let mut config =
        config.with_single_cert(vec![identity.certificate.der().clone()], key).map_err(io::Error::other)?;
    // A server that knows another protocol refuses a client that offers HTTP.
    config.alpn_protocols = vec![b"smtp".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if !first {
                    stream.write_all(b"hello\n").await?;
                    let mut line = [0; 4];
                    stream.read_exact(&mut line).await?;
                    stream.write_all(b"go\n").await?;
                }
                let mut stream = acceptor.accept(stream).await?;
                stream.write_all(b"hello\n").await?;
                stream.read_u8().await
            });
        }
    });
    Ok(address)
}

fn to(host: &str, address: SocketAddr, security: Security) -> Destination<'_> {
    Destination { host, port: address.port(), security, tls: None }
}

async fn expect(connection: &mut Connection, text: &str) {
    let mut read = vec![0; text.len()];
    connection.read_exact(&mut read).await.expect("bytes");
    assert_eq!(read, text.as_bytes());
}

/// The stream after its greeting over TLS.
async fn greeted(egress: &Egress, destination: Destination<'_>) -> Result<Connection, SendError> {
    let mut connection = egress.connect(destination).await?;
    if destination.security == Security::StartTls {
        assert!(!connection.is_encrypted());
        expect(&mut connection, "hello\n").await;
        connection.write_all(b"tls\n").await.expect("a stream");
        expect(&mut connection, "go\n").await;
        connection = connection.start_tls().await?;
    }
    assert!(connection.is_encrypted());
    expect(&mut connection, "hello\n").await;
    Ok(connection)
}

#[tokio::test]
async fn tls_comes_first_or_is_started_with_the_roots_of_the_settings_ch_23() {
    let authority = Authority::new();
    let profile = TlsProfile { ca: vec![authority.root()], ..TlsProfile::default() };
    let profiles = Settings { profiles: [("mail".to_owned(), profile)].into(), ..settings() };
    for (security, first) in [(Security::Tls, true), (Security::StartTls, false)] {
        for host in ["localhost", "127.0.0.1"] {
            let address = serve(authority.identity(host, 2090), first).await.unwrap();
            let egress = Egress::new(trusting(&authority)).unwrap();
            let connection = greeted(&egress, to(host, address, security)).await.unwrap();
            assert_eq!(connection.remote(), Some(address));

            let egress = Egress::new(profiles.clone()).unwrap();
            let destination = Destination { tls: Some("mail"), ..to(host, address, security) };
            greeted(&egress, destination).await.unwrap();
            let destination = Destination { tls: Some("other"), ..destination };
            let error = greeted(&egress, destination).await.err().expect("an unknown profile");
            assert!(matches!(error, SendError::UnknownProfile(_)), "{error}");
        }
    }
}

#[tokio::test]
async fn a_bad_certificate_is_refused_with_its_reason_ch_23() {
    let authority = Authority::new();
    for (name, last_year, settings, reason) in [
        ("localhost", 2090, settings(), "authority"),
        ("relay.example", 2090, trusting(&authority), "relay.example"),
        ("localhost", 2020, trusting(&authority), "expired"),
    ] {
        for (security, first) in [(Security::Tls, true), (Security::StartTls, false)] {
            let address = serve(authority.identity(name, last_year), first).await.unwrap();
            let egress = Egress::new(settings.clone()).unwrap();
            let error = greeted(&egress, to("localhost", address, security)).await.err().expect(reason);
            assert!(matches!(&error, SendError::Tls(text) if text.contains(reason)), "{reason}: {error}");
        }
    }
}

#[tokio::test]
async fn the_policy_decides_where_streams_go_and_where_they_are_plain_ch_23_ch_24() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let closed = Egress::new(Settings::default()).unwrap();
    let without_plain = Policy { allow_http: vec![], ..open(&["127.0.0.0/8"]) };
    let without_plain = Egress::new(Settings { policy: without_plain, ..Settings::default() }).unwrap();
    let open = Egress::new(settings()).unwrap();
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433"] {
        for security in [Security::StartTls, Security::Plain, Security::Tls] {
            let error = closed.connect(to(host, address, security)).await.err().expect(host);
            assert!(matches!(error, SendError::Refused(_)), "{host}: {error}");
        }
        let error = without_plain.connect(to(host, address, Security::Plain)).await.err().expect(host);
        assert!(error.to_string().contains("without TLS is not allowed"), "{host}: {error}");
        assert!(without_plain.connect(to(host, address, Security::StartTls)).await.is_ok(), "{host}");
        assert!(open.connect(to(host, address, Security::Plain)).await.is_ok(), "{host}");
    }
    for (host, port) in [("", 587), ("[]", 587), ("127.0.0.1", 0)] {
        let destination = Destination { host, port, security: Security::Plain, tls: None };
        assert!(matches!(open.connect(destination).await, Err(SendError::Url(_))), "{host} {port}");
    }
    assert!(matches!(open.connect(to("no.such.host.invalid", address, Security::Tls)).await, Err(SendError::Dns(_))));
}

#[tokio::test]
async fn a_handshake_that_hangs_is_bounded_ch_23() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings { connect_timeout: Duration::from_millis(300), ..settings() };
    let egress = Egress::new(settings).unwrap();
    let error = egress.connect(to("localhost", address, Security::Tls)).await.err().expect("silence");
    assert!(matches!(error, SendError::Timeout(egress::Phase::Connect)), "{error}");
    let connection = egress.connect(to("localhost", address, Security::StartTls)).await;
    // On a slow machine the connection itself may take too long, which is the same error.
    if let Ok(connection) = connection {
        let error = connection.start_tls().await.err().expect("silence");
        assert!(matches!(error, SendError::Timeout(egress::Phase::Connect)), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_named_ch_23() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 relay.example ESMTP\r\n").await?;
            tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await });
        }
        Ok::<_, io::Error>(())
    });
    let egress = Egress::new(settings()).unwrap();
    let error = egress.connect(to("localhost", address, Security::Tls)).await.err().expect("no TLS");
    assert!(matches!(&error, SendError::Tls(text) if text.contains("does not speak TLS")), "{error}");
}
