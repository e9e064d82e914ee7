//! Answers that strict parsers refuse and common clients read; and answers of success of which only the status arrives.

use std::fmt::Write;
use std::time::Duration;

use egress::{Limits, SendError};
use futures_util::future::join_all;

use crate::peer::{Peer, Then, client, get, impatient};

#[tokio::test]
async fn b4_answers_that_curl_and_requests_read_are_read() {
    let mut many = "HTTP/1.1 200 OK\r\n".to_owned();
    for number in 0..150 {
        write!(many, "x-{number}: y\r\n").unwrap();
    }
    for head in [
        many.as_str(),
        "HTTP/1.1 200 OK\r\nbad header: x\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n",
        "HTTP/1.1 200 OK\r\nx : spaced\r\n",
        "HTTP/1.1 200 OK\r\nx: folded\r\n  line\r\n",
        "HTTP/1.1 200 OK\r\nx: caf\u{e9}\r\n",
        "HTTP/1.1 200 OK\r\nx: control\u{1}\r\n",
        "HTTP/1.0 200\r\n",
    ] {
        let peer = Peer::start(format!("{head}Content-Length: 2\r\n\r\nok"), Then::Stay).await.unwrap();
        let answer = client().send(get(&peer.url("/")), Limits::default()).await;
        let answer = answer.map_err(|error| format!("{head}: {error}")).unwrap();
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"ok"[..]), "{head}");
        assert!(!answer.has_only_status());
    }
}

#[tokio::test]
async fn b4_a_status_of_success_that_was_read_is_an_answer() {
    let wide = format!("HTTP/1.1 201 Created\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    let answers = [
        ("HTTP/1.1 200 OK\r\n", Then::Close, 200),
        ("HTTP/1.1 200 OK\r\n", Then::Hang, 200),
        ("HTTP/1.1 202 Accepted\r\nx: y\r\n", Then::Close, 202),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 2", Then::Hang, 202),
        ("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", Then::Close, 200),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", Then::Close, 200),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nx", Then::Close, 204),
        (wide.as_str(), Then::Close, 201),
    ];
    join_all(answers.map(async |(head, then, status)| {
        let peer = Peer::start(head, then).await.unwrap();
        let answer = client().send(get(&peer.url("/")), impatient()).await;
        let answer = answer.map_err(|error| format!("{head:?}: {error}")).unwrap();
        assert_eq!(answer.status.as_u16(), status, "{head:?}");
        assert_eq!(peer.requests().len(), 1);
    }))
    .await;
}

#[tokio::test]
async fn b4_another_status_without_its_head_is_a_failure() {
    for head in ["HTTP/1.1 500 No\r\n", "HTTP/1.1 410 Gone\r\nx: y\r\n", "HTTP/1.1 200", "HTTP/1.1 100 Continue\r\n"] {
        let peer = Peer::start(head, Then::Close).await.unwrap();
        let error = client().send(get(&peer.url("/")), impatient()).await.unwrap_err();
        assert!(matches!(error, SendError::Protocol(_)), "{head:?}: {error}");
    }
}

#[tokio::test]
async fn b4_a_status_of_the_answer_before_is_none_of_this_one() {
    // The peer answers the first request of a connection only, then keeps silent.
    let peer = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::Hang).await.unwrap();
    let client = client();
    assert!(!client.send(get(&peer.url("/")), impatient()).await.unwrap().has_only_status());
    assert!(client.send(get(&peer.url("/")), impatient()).await.is_err());
}

#[tokio::test]
async fn b4_a_status_on_another_connection_is_none_of_this_request() {
    let partial = Peer::start("HTTP/1.1 200 OK\r\n", Then::Hang).await.unwrap();
    let silent = Peer::start("", Then::Hang).await.unwrap();
    let client = client();
    let endless = Limits { total: Duration::from_hours(1), ..Limits::default() };
    let short = Limits { total: Duration::from_secs(2), ..Limits::default() };
    tokio::select! {
        answer = client.send(get(&partial.url("/")), endless) => panic!("the head never ends: {answer:?}"),
        answer = client.send(get(&silent.url("/")), short) => {
            assert!(matches!(answer, Err(SendError::Timeout(_))), "{answer:?}");
        }
    }
}
