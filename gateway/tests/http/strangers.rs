//! Clients that send nothing, send malformed heads, or take no answers: as raw TCP clients, without a token.

use std::time::Duration;

use model::{Clock, clock::SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use web::auth::jwt;

use crate::support::{Gateway, PATIENCE, PUBLISHER, eventually};

/// The beginning of an HTTP/2 connection: preface and settings with a window of 0 for answers.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00";

async fn connect(gateway: &Gateway) -> TcpStream {
    TcpStream::connect(gateway.base.trim_start_matches("http://")).await.expect("a connection")
}

async fn send(gateway: &Gateway, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(gateway).await;
    stream.write_all(bytes).await.expect("it is sent");
    stream
}

/// What the gateway sends until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    // A connection that is reset has ended too.
    drop(read);
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn exchange(gateway: &Gateway, head: &str) -> String {
    rest(&mut send(gateway, head.as_bytes()).await).await
}

/// Reads one answer without a body that matters, and leaves the connection open.
async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("an answer").expect("a byte");
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A request that is under way for as long as its connection is open: its body never comes.
async fn busy(gateway: &Gateway) -> TcpStream {
    let secret = format!("the long enough secret of {PUBLISHER}");
    let token = jwt::mint(PUBLISHER, secret.as_bytes(), SystemClock::default().now());
    let request = format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/cloudevents+json\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n"
    );
    let mut stream = send(gateway, request.as_bytes()).await;
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 100"));
    stream
}

#[tokio::test]
async fn c2_h8_a_connection_without_a_complete_request_is_closed() {
    let gateway = Gateway::with("[limits]\nfirst_request_seconds = 1").await;
    for beginning in [&b""[..], b"PRI * HT", b"GET /livez HTTP/1.1\r\nhos", HTTP2] {
        let mut stream = send(&gateway, beginning).await;
        rest(&mut stream).await;
    }
}

#[tokio::test]
async fn c2_a_tls_handshake_that_does_not_come_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"", certificate.display(), key.display());
    let gateway = Gateway::with(&format!("[limits]\nfirst_request_seconds = 1\n{files}")).await;
    for beginning in [&b""[..], b"\x16\x03\x01"] {
        rest(&mut send(&gateway, beginning).await).await;
    }
}

#[tokio::test]
async fn c2_an_idle_connection_is_closed() {
    let gateway = Gateway::with("[limits]\nidle_seconds = 1\nanswer_seconds = 1").await;
    let mut stream = send(&gateway, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn c2_health_is_answered_when_every_connection_is_in_use() {
    let gateway = Gateway::with("[limits]\nconnections = 16\nreceive_seconds = 600").await;
    let mut taken = Vec::new();
    for _ in 0..16 {
        taken.push(busy(&gateway).await);
    }
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(exchange(&gateway, &get("/livez")).await.starts_with("HTTP/1.1 200"));
    let refused = exchange(&gateway, &get("/v1/openapi.json")).await.to_lowercase();
    assert!(refused.starts_with("http/1.1 503") && refused.contains("retry-after: 1"), "{refused}");
    drop(taken);
    eventually("a place", || async {
        exchange(&gateway, &get("/v1/openapi.json")).await.starts_with("HTTP/1.1 200").then_some(())
    })
    .await;
}

#[tokio::test]
async fn c2_the_longest_idle_connection_makes_room() {
    let gateway = Gateway::with("[limits]\nconnections = 100\nconnections_per_address = 16").await;
    let mut idle = Vec::new();
    for _ in 0..16 {
        let mut stream = send(&gateway, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(head(&mut stream).await.starts_with("HTTP/1.1 200"));
        idle.push(stream);
    }
    // Idle is what has had no request for a second.
    eventually("a place", || async {
        let more = exchange(&gateway, "GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        more.starts_with("HTTP/1.1 200").then_some(())
    })
    .await;
    assert_eq!(rest(&mut idle[0]).await, "ok\n", "its end, after the body of its answer");
}

#[tokio::test]
async fn c1_an_answer_that_is_not_taken_ends_its_connection() {
    let gateway = Gateway::with("[limits]\nanswer_seconds = 1").await;
    let path = "/v1/schemas/notificatie";
    // HTTP/2: the window for answers stays closed. HEADERS with :method, :scheme, :path and :authority.
    let mut block = vec![0x82, 0x86, 0x04, path.len() as u8];
    block.extend_from_slice(path.as_bytes());
    block.extend_from_slice(b"\x01\x01x");
    let mut request = HTTP2.to_vec();
    request.extend_from_slice(&[0, 0, block.len() as u8, 0x01, 0x05, 0, 0, 0, 1]);
    request.extend_from_slice(&block);
    rest(&mut send(&gateway, &request).await).await;

    // HTTP/1.1: answers pile up until the system takes no more.
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").repeat(20_000);
    let mut stream = connect(&gateway).await;
    let stuck = async {
        while stream.write_all(request.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(3 * PATIENCE, stuck).await.expect("the connection ends");
}

#[tokio::test]
async fn c1_descriptions_are_cacheable() {
    let gateway = Gateway::start().await;
    let nobody = gateway.nobody();
    for path in ["/v1/openapi.json", "/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/schema/"] {
        let first = nobody.get(path).await.expect(200);
        assert_eq!(first.header("cache-control"), Some("public, max-age=300"), "{path}");
        let tag = first.header("etag").expect("a tag").to_owned();
        let again = nobody.send(http::Method::GET, path, &[("if-none-match", &tag)], "").await.expect(304);
        assert!(again.body.is_empty() && again.header("etag") == Some(&tag), "{path}");
    }
}

#[tokio::test]
async fn c4_malformed_heads_are_refused() {
    let gateway = Gateway::start().await;
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\nhost: x\r\n", 200),
        ("GET /livez HTTP/1.0\r\n", 200),
        ("GET /livez HTTP/1.1\r\n", 400),
        ("GET /livez HTTP/1.1\r\nhost: x\r\nhost: x\r\n", 400),
        ("GET /livez HTTP/1.1\r\nhost: x y\r\n", 400),
        ("POST /v1/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n", 501),
        ("GET /livez HTTP/1.1\r\nhost: x\naccept: */*\r\n", 400),
        ("GET /livez HTTP/1.1\nhost: x\n", 400),
        ("POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: a/b\r\ncontent-type: c/d\r\n", 400),
        ("POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n", 400),
    ] {
        let answer = exchange(&gateway, &format!("{head}connection: close\r\n\r\n")).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.{} {status}", u8::from(!head.contains("HTTP/1.0")))),
            "{head:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn c4_only_the_malformed_request_of_a_connection_is_refused() {
    let gateway = Gateway::start().await;
    let body = "{\n}\n";
    let requests = format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}GET /livez HTTP/1.1\r\nhost: x\n\r\n",
        body.len()
    );
    let mut stream = send(&gateway, requests.as_bytes()).await;
    let answers = rest(&mut stream).await;
    let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert!(statuses == ["401", "400"] || statuses == ["401"], "{answers}");
}

#[tokio::test]
async fn c5_a_body_that_is_known_to_be_too_large_is_refused_at_once() {
    let gateway = Gateway::start().await;
    let secret = format!("the long enough secret of {PUBLISHER}");
    let token = jwt::mint(PUBLISHER, secret.as_bytes(), SystemClock::default().now());
    let request = format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/cloudevents+json\r\nexpect: 100-continue\r\ncontent-length: 2000000\r\n\r\n"
    );
    let mut stream = send(&gateway, request.as_bytes()).await;
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}
