//! What happens to a request whose kept connection turns out to be closed.

use std::time::Duration;

use egress::{Limits, SendError};
use http::Method;

use crate::peer::{Peer, Then, client, get, request};

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn b2_a_reused_connection_that_closes_is_tried_again_at_once() {
    let peer = Peer::start(OK, Then::CloseOnReuse).await.unwrap();
    let client = client();
    for number in 1..=6 {
        for method in [Method::POST, Method::OPTIONS] {
            let answer = client.send(request(method, &peer.url("/")), Limits::default()).await;
            assert_eq!(answer.unwrap().status.as_u16(), 204, "request {number}");
        }
    }
}

/// The peer reads the second request and closes without an answer: it may have processed it.
#[tokio::test]
async fn ch_36_a_request_that_must_not_be_processed_twice_is_not_sent_again_when_a_reused_connection_closes() {
    let peer = Peer::start(OK, Then::CloseOnReuse).await.unwrap();
    let client = client();
    client.send_once(request(Method::POST, &peer.url("/")), Limits::default()).await.unwrap();
    let error = client.send_once(request(Method::POST, &peer.url("/")), Limits::default()).await.unwrap_err();
    assert!(matches!(error, SendError::Protocol(_)), "{error}");
    assert_eq!((peer.requests().len(), peer.connections()), (2, 1));
}

#[tokio::test]
async fn b2_h15_all_kept_connections_may_be_closed() {
    let peer = Peer::start(OK, Then::CloseOnReuse).await.unwrap();
    let client = client();
    for _ in 0..3 {
        let sends = (0..8).map(|_| client.send(get(&peer.url("/")), Limits::default()));
        for answer in futures_util::future::join_all(sends).await {
            assert_eq!(answer.unwrap().status.as_u16(), 204);
        }
    }
}

#[tokio::test]
async fn b2_a_new_connection_that_closes_is_the_receivers_failure() {
    let peer = Peer::start("", Then::Close).await.unwrap();
    let error = client().send(get(&peer.url("/")), Limits::default()).await.unwrap_err();
    assert!(matches!(error, SendError::Protocol(_)) && error.is_sinks_failure(), "{error}");
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn b2_a_reused_connection_that_stays_silent_is_a_timeout() {
    let peer = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::Hang).await.unwrap();
    let client = client();
    client.send(get(&peer.url("/")), Limits::default()).await.unwrap();
    let limits = Limits { total: Duration::from_millis(300), ..Limits::default() };
    let error = client.send(get(&peer.url("/")), limits).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout(_)), "{error}");
    assert_eq!(peer.connections(), 1);
}
