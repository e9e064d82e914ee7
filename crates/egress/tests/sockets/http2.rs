//! Requests that HTTP/2 says were not processed (RFC 9113 section 8.7), against a peer that writes frames by hand.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use egress::{Egress, Limits, Settings};
use http::Version;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::peer::{get, settings};

/// What the peer does with a request on HTTP/2.
#[derive(Debug, Clone, Copy)]
enum Do {
    /// 204.
    Answer,
    /// RST_STREAM with this error code.
    Reset(u32),
    /// GOAWAY with this error code, which says that the stream was not processed.
    GoAway(u32),
    /// Closes the connection.
    Close,
}

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const HTTP_1_1_REQUIRED: u32 = 13;

/// A peer, and the versions of HTTP of the requests and connections it has seen.
struct Http2Peer {
    address: SocketAddr,
    authority: NamedTempFile,
    seen: Arc<Mutex<(usize, Vec<&'static str>)>>,
}

impl Http2Peer {
    /// Does this with the first requests on HTTP/2, and `last` with all others.
    async fn start(first: &[Do], last: Do) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&key);
        let certificate = certificate.expect("a certificate");
        let authority = NamedTempFile::new().expect("a file");
        std::fs::write(authority.path(), certificate.pem()).expect("a writable file");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let mut config = config
            .expect("supported versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("an identity");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new((0, Vec::new())));
        let script = Arc::new(Mutex::new(first.iter().copied().collect::<VecDeque<_>>()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, script, log) = (acceptor.clone(), Arc::clone(&script), Arc::clone(&log));
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await?;
                    log.lock().expect("no panic while held").0 += 1;
                    let next = || script.lock().expect("no panic while held").pop_front().unwrap_or(last);
                    let note = |version| log.lock().expect("no panic while held").1.push(version);
                    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        speak(stream, || note("HTTP/2"), next).await
                    } else {
                        speak_http1(stream, || note("HTTP/1.1")).await
                    }
                });
            }
        });
        Self { address, authority, seen }
    }

    fn settings(&self) -> Settings {
        Settings { extra_ca: vec![self.authority.path().to_owned()], ..settings() }
    }

    fn name(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    async fn send(&self, client: &Egress) -> Result<Version, String> {
        let answer = client.send(get(&format!("https://{}/", self.name())), Limits::default()).await;
        let answer = answer.map_err(|error| error.to_string())?;
        assert_eq!(answer.status.as_u16(), 204);
        Ok(answer.version)
    }

    fn connections(&self) -> usize {
        self.seen.lock().expect("no panic while held").0
    }

    fn requests(&self) -> Vec<&'static str> {
        self.seen.lock().expect("no panic while held").1.clone()
    }
}

async fn speak_http1(mut stream: TlsStream<TcpStream>, note: impl Fn()) -> io::Result<()> {
    let mut request = Vec::new();
    loop {
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await?);
        }
        note();
        request.clear();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        stream.flush().await?;
    }
}

async fn speak(mut stream: TlsStream<TcpStream>, note: impl Fn(), next: impl Fn() -> Do) -> io::Result<()> {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    write_frame(&mut stream, SETTINGS, 0, 0, &[]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match head[3] {
            SETTINGS if head[4] == 0 => write_frame(&mut stream, SETTINGS, 1, 0, &[]).await?,
            HEADERS => {
                note();
                match next() {
                    // END_HEADERS, END_STREAM; `:status: 204` is entry 9 of the static table.
                    Do::Answer => write_frame(&mut stream, HEADERS, 5, id, &[0x89]).await?,
                    Do::Reset(code) => write_frame(&mut stream, RST_STREAM, 0, id, &code.to_be_bytes()).await?,
                    Do::GoAway(code) => {
                        let last = id.saturating_sub(2);
                        let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
                        write_frame(&mut stream, GOAWAY, 0, 0, &payload).await?;
                    }
                    Do::Close => return Ok(()),
                }
            }
            _ => {}
        }
    }
}

async fn write_frame(
    stream: &mut TlsStream<TcpStream>,
    kind: u8,
    flags: u8,
    id: u32,
    payload: &[u8],
) -> io::Result<()> {
    let length = (payload.len() as u32).to_be_bytes();
    stream.write_all(&[&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat()).await?;
    stream.flush().await
}

#[tokio::test]
async fn b3_a_peer_that_requires_http1_gets_it_from_then_on() {
    for refusal in [Do::Reset(HTTP_1_1_REQUIRED), Do::GoAway(HTTP_1_1_REQUIRED)] {
        let peer = Http2Peer::start(&[], refusal).await;
        let client = Egress::new(peer.settings()).unwrap();
        for _ in 0..3 {
            assert_eq!(peer.send(&client).await, Ok(Version::HTTP_11), "{refusal:?}");
        }
        assert_eq!(peer.requests(), ["HTTP/2", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1"], "{refusal:?}");
        assert_eq!(peer.connections(), 2);
    }
}

#[tokio::test]
async fn b3_a_destination_can_be_set_to_http1() {
    let peer = Http2Peer::start(&[], Do::Reset(HTTP_1_1_REQUIRED)).await;
    let client = Egress::new(Settings { http1: vec![peer.name()], ..peer.settings() }).unwrap();
    assert_eq!(peer.send(&client).await, Ok(Version::HTTP_11));
    assert_eq!(peer.requests(), ["HTTP/1.1"]);
}

#[tokio::test]
async fn b3_what_http2_calls_unprocessed_is_sent_again_on_another_connection() {
    for (first, requests, connections) in [
        (&[Do::Reset(REFUSED_STREAM)][..], 2, 2),
        (&[Do::GoAway(NO_ERROR)], 2, 2),
        (&[Do::GoAway(INTERNAL_ERROR)], 2, 2),
        (&[Do::GoAway(NO_ERROR), Do::GoAway(NO_ERROR)], 3, 3),
    ] {
        let peer = Http2Peer::start(first, Do::Answer).await;
        assert_eq!(peer.send(&Egress::new(peer.settings()).unwrap()).await, Ok(Version::HTTP_2), "{first:?}");
        assert_eq!((peer.requests().len(), peer.connections()), (requests, connections), "{first:?}");
    }
}

#[tokio::test]
async fn b2_a_reused_connection_of_http2_that_closes_is_tried_again_at_once() {
    let peer = Http2Peer::start(&[Do::Answer, Do::Close], Do::Answer).await;
    let client = Egress::new(peer.settings()).unwrap();
    for _ in 0..3 {
        assert_eq!(peer.send(&client).await, Ok(Version::HTTP_2));
    }
    assert_eq!((peer.requests().len(), peer.connections()), (4, 2));
}

#[tokio::test]
async fn b3_what_may_have_been_processed_is_not_sent_again_and_the_rest_a_bounded_number_of_times() {
    for (always, most) in [
        (Do::Close, 1),
        (Do::Reset(INTERNAL_ERROR), 1),
        (Do::Reset(NO_ERROR), 1),
        (Do::Reset(REFUSED_STREAM), 3),
        (Do::GoAway(NO_ERROR), 3),
    ] {
        let peer = Http2Peer::start(&[], always).await;
        let error = peer.send(&Egress::new(peer.settings()).unwrap()).await.unwrap_err();
        assert!(error.starts_with("HTTP: the receiver"), "{always:?}: {error}");
        assert!((1..=most).contains(&peer.requests().len()), "{always:?}: {:?}", peer.requests());
    }
}
