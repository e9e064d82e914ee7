//! Responses that are too slow or too long are truncated, and a received status stays valid.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use egress::{Limits, Phase, SendError};
use futures_util::future::join_all;
use http::{Method, StatusCode, header};

use crate::peer::{Peer, Then, client, get, impatient, request};

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let starts =
        ["", "HTTP/1.1 200", "HTTP/1.1 503 No\r\n", "HTTP/1.1 503 No\r\nx: y\r\n", "HTTP/1.1 100 Continue\r\n\r\n"];
    join_all(starts.map(async |start| {
        let peer = Peer::start(start, Then::Hang).await.unwrap();
        let error = client().send(get(&peer.url("/")), impatient()).await.unwrap_err();
        assert!(matches!(error, SendError::Timeout(Phase::Answer)), "{start:?}: {error}");
    }))
    .await;
}

#[tokio::test]
async fn a_body_that_stops_keeps_its_status_ce_wh_24() {
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\nthe start";
    for then in [Then::Hang, Then::Close] {
        let peer = Peer::start(head, then).await.unwrap();
        let answer = client().send(get(&peer.url("/")), impatient()).await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.body, "the start");
        assert!(answer.truncated);
    }
}

#[tokio::test]
async fn an_endless_body_is_kept_short_ce_wh_24() {
    for head in ["HTTP/1.1 400 No\r\ncontent-length: 1000000000\r\n\r\n", "HTTP/1.1 400 No\r\n\r\n"] {
        let peer = Peer::start(head, Then::Flood).await.unwrap();
        // Time is no bound here; the timeout around it only keeps a failure short.
        let limits = Limits { keep: 1000, drain: 10_000, total: Duration::from_hours(1), ..Limits::default() };
        let client = client();
        let sending = client.send(get(&peer.url("/")), limits);
        let answer = tokio::time::timeout(Duration::from_mins(2), sending).await.expect("cut by its size").unwrap();
        assert_eq!(answer.body, vec![b'x'; 1000]);
        assert!(answer.truncated);
    }
}

#[tokio::test]
async fn a_flood_within_the_drain_ends_with_the_total_time() {
    let peer = Peer::start("HTTP/1.1 200 OK\r\n\r\n", Then::Flood).await.unwrap();
    let limits = Limits { total: Duration::from_secs(5), drain: usize::MAX, ..Limits::default() };
    let answer = client().send(get(&peer.url("/")), limits).await.unwrap();
    assert!(answer.truncated);
    assert_eq!(answer.body.len(), limits.keep);
}

#[tokio::test]
async fn a_head_beyond_the_bound_is_refused() {
    let mut many = "HTTP/1.1 400 No\r\n".to_owned();
    for number in 0..1_000 {
        write!(many, "x-{number}: y\r\n").unwrap();
    }
    let wide = format!("HTTP/1.1 400 No\r\nx: {}\r\n", "y".repeat(200_000));
    for head in [many + "\r\n", wide + "\r\n", "HTTP/1.1 400 No\r\nx: ".to_owned()] {
        let peer = Peer::start(head, Then::Flood).await.unwrap();
        let error = client().send(get(&peer.url("/")), Limits::default()).await.unwrap_err();
        assert!(matches!(error, SendError::Protocol(_)), "{error}");
    }
}

#[tokio::test]
async fn short_and_absent_bodies_are_whole() {
    for (head, status, body) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n", 202, ""),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "hello"),
        ("HTTP/1.1 410 Gone\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbye", 410, "bye"),
    ] {
        let peer = Peer::start(head, Then::Stay).await.unwrap();
        let answer = client().send(get(&peer.url("/")), Limits::default()).await.unwrap();
        assert_eq!((answer.status.as_u16(), &*answer.body), (status, body.as_bytes()));
        assert!(!answer.truncated);
    }
}

#[tokio::test]
async fn f4_the_request_goes_out_as_given_with_an_agent_and_accept_ce_whv_03() {
    let peer = Peer::start("HTTP/1.1 204 No Content\r\n\r\n", Then::Stay).await.unwrap();
    let client = client();
    client.send(request(Method::OPTIONS, &peer.url("/a/b?x=1&y=2")), Limits::default()).await.unwrap();
    let mut post = request(Method::POST, &peer.url("/sink?a=%20b"));
    post.headers.insert(header::CONTENT_TYPE, "application/cloudevents+json".parse().unwrap());
    post.headers.insert(header::ACCEPT, "application/json".parse().unwrap());
    post.headers.insert(header::USER_AGENT, "another/1".parse().unwrap());
    post.body = Bytes::from_static(b"{}");
    client.send(post, Limits::default()).await.unwrap();
    let host = peer.address;
    assert_eq!(
        peer.requests(),
        [
            format!(
                "OPTIONS /a/b?x=1&y=2 HTTP/1.1\r\nuser-agent: nl-gov-event-gateway/{}\r\naccept: */*\r\nhost: {host}\r\n\r\n",
                env!("CARGO_PKG_VERSION")
            ),
            format!(
                "POST /sink?a=%20b HTTP/1.1\r\ncontent-type: application/cloudevents+json\r\naccept: application/json\r\n\
                 user-agent: another/1\r\nhost: {host}\r\n\
                 content-length: 2\r\n\r\n{{}}"
            ),
        ]
    );
}
