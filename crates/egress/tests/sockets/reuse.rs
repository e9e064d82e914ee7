//! A connection is reused only if the response was read to its end.

use egress::{Egress, Limits, Settings};

use crate::peer::{Peer, Then, client, get, settings};

async fn connections_for(answer: String, then: Then, limits: Limits) -> usize {
    let peer = Peer::start(answer, then).await.expect("a free port");
    let client = client();
    for _ in 0..5 {
        client.send(get(&peer.url("/")), limits).await.expect("an answer");
    }
    peer.connections()
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let limits = Limits { keep: 10, drain: 1000, ..Limits::default() };
    let answer = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}", "x".repeat(length));
    assert_eq!(connections_for("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), Then::Stay, limits).await, 1);
    assert_eq!(connections_for(answer(5), Then::Stay, limits).await, 1);
    assert_eq!(connections_for(answer(900), Then::Stay, limits).await, 1, "the rest is drained");
}

#[tokio::test]
async fn a_connection_with_unread_bytes_is_closed() {
    let limits = Limits { keep: 10, drain: 1000, ..Limits::default() };
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n".to_owned();
    assert_eq!(connections_for(head, Then::Flood, limits).await, 5);
}

#[tokio::test]
async fn no_connection_is_kept_when_none_may_be() {
    let peer = Peer::start("HTTP/1.1 204 No Content\r\n\r\n", Then::Stay).await.unwrap();
    let client = Egress::new(Settings { pool_idle_per_host: 0, ..settings() }).unwrap();
    for _ in 0..3 {
        client.send(get(&peer.url("/")), Limits::default()).await.unwrap();
    }
    assert_eq!(peer.connections(), 3);
}
