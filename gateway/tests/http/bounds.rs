//! Bounds of what comes in: bodies and headers, on HTTP/1.1 and HTTP/2 (CE-CTX-42, GW-08).

use bytes::Bytes;
use http::{Method, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::{Clock, clock::SystemClock};
use tokio::net::TcpStream;
use web::auth::jwt;

use crate::support::{Gateway, PUBLISHER};

const REQUIRED: [(&str, &str); 4] =
    [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "urn:test"), ("ce-type", "nl.overheid.zaken.iets")];

/// Headers of a binary event with so many extensions of so many bytes.
fn headers(extensions: usize, bytes: usize) -> Vec<(String, String)> {
    let required = REQUIRED.map(|(name, value)| (name.to_owned(), value.to_owned()));
    required.into_iter().chain((0..extensions).map(|at| (format!("ce-x{at}"), "v".repeat(bytes)))).collect()
}

fn request(gateway: &Gateway, headers: &[(String, String)], body: Bytes) -> Request<Full<Bytes>> {
    let secret = format!("the long enough secret of {PUBLISHER}");
    let token = jwt::mint(PUBLISHER, secret.as_bytes(), SystemClock::default().now());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("{}/v1/events", gateway.base))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Full::new(body)).expect("a request")
}

async fn connect(gateway: &Gateway) -> TokioIo<TcpStream> {
    let address = gateway.base.trim_start_matches("http://").to_owned();
    TokioIo::new(TcpStream::connect(address).await.expect("a connection"))
}

/// Sends over HTTP/1.1 or HTTP/2; the status and the type of the problem, if there is one.
async fn send(gateway: &Gateway, version: Version, request: Request<Full<Bytes>>) -> (StatusCode, String) {
    let io = connect(gateway).await;
    let response = if version == Version::HTTP_2 {
        let mut client = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (mut sender, connection) =
            client.max_header_list_size(1 << 20).handshake(io).await.expect("HTTP/2 without TLS");
        tokio::spawn(connection);
        sender.send_request(request).await.expect("an answer")
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("host", http::HeaderValue::from_static("gateway.example"));
        sender.send_request(Request::from_parts(parts, body)).await.expect("an answer")
    };
    assert_eq!(response.version(), version);
    let status = response.status();
    let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let kind = document["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default();
    (status, kind.to_owned())
}

#[tokio::test]
async fn large_events_pass_in_every_shape_ce_ctx_42_gw_08() {
    let gateway = Gateway::start().await;
    let json = |bytes: usize| Bytes::from(format!("\"{}\"", "x".repeat(bytes - 2)));
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for (headers, body) in [
            (headers(116, 200), json(40_000)),
            (headers(1, 40 * 1024), json(24 * 1024)),
            (headers(0, 0), json(65_536)),
            (headers(0, 0), json(1_048_576)),
        ] {
            let (status, kind) = send(&gateway, version, request(&gateway, &headers, body)).await;
            assert_eq!(status, 202, "{version:?} {kind}");
        }
    }
}

#[tokio::test]
async fn beyond_the_bounds_the_answer_says_which() {
    let gateway = Gateway::start().await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for (headers, bytes, expected) in [
            (headers(0, 0), 1_048_577, (413, "too-large")),
            (headers(0, 0), 3_000_000, (413, "too-large")),
            (headers(300, 1), 2, (431, "headers-too-large")),
            (headers(4, 40_000), 2, (431, "headers-too-large")),
        ] {
            let body = Bytes::from(format!("\"{}\"", "x".repeat(bytes - 2)));
            let (status, kind) = send(&gateway, version, request(&gateway, &headers, body)).await;
            assert_eq!((status.as_u16(), kind.as_str()), expected, "{version:?}");
        }
    }
}
