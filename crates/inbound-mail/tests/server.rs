//! The listener over sockets: a mail with and without TLS, its times, its places, and its end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use inbound_mail::{Acceptor, Delivered, Limits, Mail, Mailboxes, Settings, serve};
use rcgen::CertifiedKey;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;

/// Takes mail for one address, and keeps it.
#[derive(Default)]
struct Kept(Mutex<Vec<Mail>>);

#[async_trait]
impl Mailboxes for Kept {
    fn takes(&self, recipient: &str) -> bool {
        recipient == "t@bounce.example"
    }

    async fn deliver(&self, mail: Mail) -> Delivered {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        Delivered::Stored
    }
}

struct Server {
    address: std::net::SocketAddr,
    mails: Arc<Kept>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn server(time: Duration, per_address: usize, tls: Option<Acceptor>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let limits = Limits { mail: 10_000, connections: 10, per_address, time };
    let settings = Settings { host: "gateway.example".to_owned(), limits, tls };
    let (mails, stop) = (Arc::<Kept>::default(), CancellationToken::new());
    let task = tokio::spawn(serve(listener, settings, Arc::clone(&mails) as _, stop.clone()));
    Server { address, mails, stop, task }
}

/// Sends a line and returns the code of the reply.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, line: &str) -> String {
    stream.write_all(line.as_bytes()).await.expect("sent");
    stream.flush().await.expect("sent");
    reply(stream).await
}

/// The code of a reply; empty when the connection is closed.
async fn reply<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("read");
        if line.get(3..4) != Some("-") {
            return line.get(..3).unwrap_or_default().to_owned();
        }
    }
}

async fn connect(server: &Server) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(server.address).await.expect("connected"));
    assert_eq!(reply(&mut stream).await, "220");
    stream
}

async fn send_mail<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) {
    for (line, code) in [
        ("EHLO relay.example\r\n", "250"),
        ("MAIL FROM:<>\r\n", "250"),
        ("RCPT TO:<an@burger.example>\r\n", "550"),
        ("RCPT TO:<t@bounce.example>\r\n", "250"),
        ("DATA\r\n", "354"),
        ("Subject: x\r\n\r\n..\r\n.\r\n", "250"),
        ("QUIT\r\n", "221"),
    ] {
        assert_eq!(ask(stream, line).await, code, "{line}");
    }
    assert_eq!(reply(stream).await, "");
}

#[tokio::test]
async fn a_mail_is_delivered_and_others_are_refused_ch_63() {
    let server = server(Duration::from_mins(5), 10, None).await;
    send_mail(&mut connect(&server).await).await;
    let mails = server.mails.0.lock().unwrap().clone();
    let expected = Mail { recipient: "t@bounce.example".to_owned(), content: b"Subject: x\r\n\r\n.\r\n".to_vec() };
    assert_eq!(mails, [expected]);
    assert_eq!(format!("{:?}", mails[0]), "Mail(…)");
    server.stop.cancel();
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_mail_comes_through_tls() {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let own = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let own = Arc::new(own.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap());
    let server = server(Duration::from_mins(5), 10, Some(Arc::new(move || TlsAcceptor::from(Arc::clone(&own))))).await;
    let mut plain = connect(&server).await;
    assert_eq!(ask(&mut plain, "EHLO relay.example\r\n").await, "250");
    assert_eq!(ask(&mut plain, "STARTTLS\r\n").await, "220");
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = TlsConnector::from(Arc::new(client.with_root_certificates(roots).with_no_client_auth()));
    let name = ServerName::try_from("localhost").unwrap();
    let stream = client.connect(name, plain.into_inner()).await.unwrap();
    send_mail(&mut BufReader::new(stream)).await;
    assert_eq!(server.mails.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_that_sends_nothing_or_never_ends_is_closed_ch_115() {
    let server = server(Duration::from_millis(200), 10, None).await;
    let mut idle = connect(&server).await;
    assert_eq!(reply(&mut idle).await, "421");
    assert_eq!(reply(&mut idle).await, "");
    assert!(server.mails.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_address_has_its_places_and_the_end_closes_all_ch_115() {
    let server = server(Duration::from_mins(5), 1, None).await;
    let mut first = connect(&server).await;
    let mut second = BufReader::new(TcpStream::connect(server.address).await.unwrap());
    assert_eq!(reply(&mut second).await, "421");
    assert_eq!(reply(&mut second).await, "");
    server.stop.cancel();
    assert_eq!(reply(&mut first).await, "421");
    drop(first);
    server.task.await.unwrap();
}
