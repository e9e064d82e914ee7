//! The listener: TLS with HTTP/2, and a stop that lets requests under way finish.

use egress::{Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, Method};
use model::{Clock, clock::SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use web::auth::jwt;

use crate::support::{Gateway, PATIENCE, PUBLISHER};

#[tokio::test]
async fn tls_is_served_with_the_configured_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"", certificate.display(), key.display());
    let gateway = Gateway::with(&files).await;
    let policy = Policy { allow: vec!["127.0.0.0/8".parse().unwrap()], allow_http: vec![] };
    let egress = Egress::new(Settings { policy, extra_ca: vec![certificate], ..Settings::default() }).unwrap();
    let url = format!("{}/api/v1/", gateway.base.replace("http://", "https://"));
    let request = Request {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
        tls: None,
    };
    let answer = egress.send(request, Limits::default()).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.headers.contains_key("strict-transport-security"));
    let links: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(links["kanaal"], format!("{url}kanaal"), "links name https, and HTTP/2 knows its host");
}

#[tokio::test]
async fn a_stop_lets_requests_under_way_finish() {
    let gateway = Gateway::start().await;
    let secret = format!("the long enough secret of {PUBLISHER}");
    let token = jwt::mint(PUBLISHER, secret.as_bytes(), SystemClock::default().now());
    let body = r#"{"specversion":"1.0","id":"1","source":"urn:test","type":"a.b.c"}"#;
    let address = gateway.base.trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/cloudevents+json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    let received = tokio::time::timeout(PATIENCE, connection.read_exact(&mut go_on)).await;
    received.expect("the handler waits for the body").unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = tokio::spawn(gateway.stop());
    crate::support::eventually("a closed listener", || async {
        TcpStream::connect(&address).await.is_err().then_some(())
    })
    .await;
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, connection.read_to_string(&mut answer)).await;
    read.expect("the connection ends").unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    stopping.await.unwrap();
}
