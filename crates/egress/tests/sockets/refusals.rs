//! Requests that the client refuses, and its error messages.

use std::time::Duration;

use egress::{Egress, Limits, Phase, Policy, Refusal, SendError, Settings};
use http::{Method, StatusCode};

use crate::peer::{Peer, Then, client, get, impatient, open, request, settings};

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn closed_addresses_are_refused_on_the_address_dialled_ce_whv_28() {
    let peer = Peer::start(OK, Then::Stay).await.unwrap();
    let port = peer.address.port();
    let closed = Egress::new(Settings::default()).unwrap();
    for host in
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
    {
        for scheme in ["http", "https"] {
            let error = closed.send(get(&format!("{scheme}://{host}:{port}/")), Limits::default()).await.unwrap_err();
            // An odd spelling is no name a certificate could have, so https stops at it even earlier.
            let refused = matches!(error, SendError::Refused(Refusal::Address { .. }));
            assert!(refused || (scheme == "https" && error.label() == "tls"), "{scheme}://{host}: {error}");
        }
    }
    assert_eq!(peer.connections(), 0);
}

#[tokio::test]
async fn a_name_is_allowed_by_the_address_it_resolves_to_ce_whv_28() {
    let peer = Peer::start(OK, Then::Stay).await.unwrap();
    let answer =
        client().send(get(&format!("http://localhost:{}/", peer.address.port())), Limits::default()).await.unwrap();
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.remote, Some(peer.address));
}

#[tokio::test]
async fn plain_http_needs_an_exception_ce_wh_01() {
    let peer = Peer::start(OK, Then::Stay).await.unwrap();
    let policy = Policy { allow_http: vec![], ..open(&["127.0.0.0/8"]) };
    let secure = Egress::new(Settings { policy, ..settings() }).unwrap();
    let error = secure.send(get(&peer.url("/")), Limits::default()).await.unwrap_err();
    assert!(matches!(error, SendError::Refused(Refusal::PlainHttp { .. })), "{error}");
    assert_eq!(peer.connections(), 0);
}

#[tokio::test]
async fn redirects_are_never_followed_ce_wh_07() {
    let other = Peer::start(OK, Then::Stay).await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", other.url("/"));
        let peer = Peer::start(head, Then::Stay).await.unwrap();
        let answer = client().send(request(Method::POST, &peer.url("/")), Limits::default()).await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn failures_are_told_apart_and_keep_secrets_ce_wha_10() {
    let hang = Peer::start("", Then::Hang).await.unwrap();
    let cut = Peer::start("", Then::Close).await.unwrap();
    let garbage = Peer::start("220 mail.example ESMTP\r\n\r\n", Then::Stay).await.unwrap();
    let long_name = "a".repeat(64);
    for (url, label) in [
        (hang.url("/?access_token=s3cret"), "timeout"),
        (cut.url("/?access_token=s3cret"), "protocol"),
        (garbage.url("/?access_token=s3cret"), "protocol"),
        ("http://127.0.0.1:1/?access_token=s3cret".to_owned(), "connect"),
        (format!("http://{long_name}/?access_token=s3cret"), "dns"),
        ("http://me:s3cret@127.0.0.1/".to_owned(), "url"),
        ("ftp://127.0.0.1/?access_token=s3cret".to_owned(), "url"),
        ("/?access_token=s3cret".to_owned(), "url"),
    ] {
        let error = client()
            .send(get(&url), if label == "timeout" { impatient() } else { Limits::default() })
            .await
            .unwrap_err();
        assert_eq!(error.label(), label, "{url}: {error}");
        assert_eq!(error.is_sinks_failure(), label != "url");
        let texts = format!("{error} {error:?}");
        assert!(!texts.contains("s3cret") && !texts.contains("access_token"), "{texts}");
    }
}

#[tokio::test]
async fn a_server_that_never_finishes_tls_is_a_timeout_of_connecting() {
    let silent = Peer::start("", Then::Hang).await.unwrap();
    let quick = Settings { connect_timeout: Duration::from_millis(150), ..settings() };
    let limits = Limits::default();
    let error =
        Egress::new(quick).unwrap().send(get(&format!("https://{}/", silent.address)), limits).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout(Phase::Connect)), "{error}");
}

#[tokio::test]
async fn an_unknown_tls_profile_is_our_own_mistake() {
    let mut wrong = get("https://127.0.0.1/");
    wrong.tls = Some("ketenpartner".into());
    let error = client().send(wrong, Limits::default()).await.unwrap_err();
    assert!(matches!(&error, SendError::UnknownProfile(name) if name == "ketenpartner"));
    assert!(!error.is_sinks_failure());
}
