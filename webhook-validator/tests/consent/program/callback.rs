//! Consent by callback: the receiver withholds its answer and uses the URL it was given.

use std::io;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Found, find};

/// A receiver that answers `OPTIONS` without consent and sends these lines to the callback instead, one call each.
async fn start(calls: &'static [&'static str]) -> io::Result<String> {
    let answer = move |method: Method, headers: HeaderMap| async move {
        if method != Method::OPTIONS {
            return StatusCode::NO_CONTENT.into_response();
        }
        if let Some(url) = headers.get("webhook-request-callback").and_then(|value| value.to_str().ok()) {
            let url = url.to_owned();
            tokio::spawn(async move {
                for lines in calls {
                    call(&url, lines).await.expect("somebody listens");
                }
            });
        }
        Response::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Ok(url)
}

/// Uses the callback: the first word is the method, the rest is a header.
async fn call(url: &str, lines: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").expect("a URL of http");
    let (host, path) = rest.split_once('/').expect("a path");
    let (method, header) = lines.split_once('\n').unwrap_or((lines, ""));
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let mut stream = TcpStream::connect(host).await?;
    let head =
        format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn found(calls: &'static [&'static str], wait: &str) -> Found {
    let listen = ["--callback-listen", "127.0.0.1:0", "--callback-wait", wait];
    find(&start(calls).await.expect("an address"), &listen).await.expect("a report")
}

#[tokio::test]
async fn a_get_or_a_post_consents_ce_whv_07_ce_whv_10_ce_whv_21() {
    for (calls, rate, warned) in [
        (&["GET"][..], "6000", false),
        (&["POST\nWebHook-Allowed-Rate: 6001"], "6001", false),
        (&["POST"], "6000", true),
    ] {
        let found = found(calls, "600").await;
        let passed = found.with("pass");
        for id in ["CE-WHV-01", "CE-WHV-21", "CE-WHV-07", "NLG-WH-02"] {
            assert!(passed.iter().any(|had| had == id), "{id} of {calls:?}: {:#}", found.report);
        }
        assert_eq!(found.with("warn").contains(&"CE-WHV-10".to_owned()), warned, "{calls:?}");
        let outcome = found.report["outcome"][0]["en"].as_str().unwrap_or_default();
        assert!(outcome.contains(&format!("granted to gateway.example, {rate} requests")), "{outcome}");
    }
}

#[tokio::test]
async fn what_does_not_consent_is_named_ce_whv_07_ce_whv_10_ce_whv_21() {
    let cases = [
        (&[][..], &["CE-WHV-21"][..]),
        (&["PUT"], &["CE-WHV-21", "CE-WHV-07"]),
        (&["POST\nWebHook-Allowed-Rate: fast"], &["CE-WHV-21", "CE-WHV-10"]),
        (&["POST\nWebHook-Allowed-Rate: 1\r\nWebHook-Allowed-Rate: 2"], &["CE-WHV-21", "CE-WHV-10"]),
    ];
    // Each waits to the end, because nothing consents.
    let look = async |(calls, failed): (&'static [&'static str], &[&str])| {
        let found = found(calls, "20").await;
        assert_eq!(found.with("fail"), failed, "{calls:?}: {:#}", found.report);
        assert!(found.with("not-observed").contains(&"NLG-WH-02".to_owned()), "no event without consent");
    };
    let [one, two, three, four] = cases;
    tokio::join!(look(one), look(two), look(three), look(four));
    // The second try may be better than the first.
    let found = found(&["PUT", "POST\nWebHook-Allowed-Rate: *"], "600").await;
    assert_eq!(found.with("fail")[..1], ["CE-WHV-07"], "{:#}", found.report);
}
