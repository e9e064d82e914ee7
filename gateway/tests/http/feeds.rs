//! RSS and Atom feeds as publishers: a server of a feed that the test scripts, and a webhook that gets the items.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use model::{Clock, clock::SystemClock};
use serde_json::{Value, json};
use storage::{
    Feeds,
    feeds::FeedState,
    sqlite::{Embedded, Options},
};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Gateway, Sink, eventually},
};

/// What the server answers, and what it was asked.
#[derive(Default)]
struct Script {
    /// The status of every answer; 0 for the feed.
    status: u16,
    retry_after: Option<u32>,
    items: Vec<String>,
    version: u32,
    /// Requests in all, those that got the feed, and those that got 304.
    asked: usize,
    full: usize,
    unchanged: usize,
}

/// A server of one feed, with an `ETag` for each version.
struct FeedServer {
    script: Arc<Mutex<Script>>,
    base: String,
}

impl FeedServer {
    /// Answers this status until the test sets another answer.
    async fn start(status: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let script = Arc::new(Mutex::new(Script { status, ..Script::default() }));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { script, base }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    /// A new version of the feed, with these items, newest first.
    fn serves(&self, guids: &[&str]) {
        self.serves_with(guids, "");
    }

    /// The same, with this text behind the items.
    fn serves_with(&self, guids: &[&str], rest: &str) {
        let item = |guid: &&str| {
            format!(
                "<item><guid isPermaLink=\"false\">{guid}</guid><title>&lt;b&gt;{guid}&lt;/b&gt;</title>\
                 <pubDate>Tue, 01 Dec 2026 10:00:00 +0100</pubDate></item>"
            )
        };
        let mut script = self.script();
        script.items = guids.iter().map(item).chain([rest.to_owned()]).collect();
        script.version += 1;
        script.status = 0;
    }

    /// Waits until so many requests got 304.
    async fn unchanged(&self, count: usize) {
        eventually("requests with conditions", || async { (self.script().unchanged >= count).then_some(()) }).await;
    }

    /// The configuration of a feed here that is polled every second. Its kanaal has the name of the feed.
    fn config(&self, name: &str) -> String {
        format!(
            "[[kanaal]]\nnaam = \"{name}\"\n[[feed]]\nname = \"{name}\"\nurl = \"{}/rss?key=geheim\"\nkanaal = \"{name}\"\n\
             type = \"nl.gemeente.bericht\"\ninterval_seconds = 1\n",
            self.base
        )
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, headers: HeaderMap) -> Response {
    let mut script = lock(&script);
    script.asked += 1;
    if script.status != 0 {
        let mut answer = StatusCode::from_u16(script.status).expect("a status").into_response();
        if let Some(seconds) = script.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return answer;
    }
    let etag = format!("\"v{}\"", script.version);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes()) {
        script.unchanged += 1;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    script.full += 1;
    let body = format!("<rss version=\"2.0\"><channel>{}</channel></rss>", script.items.concat());
    ([(header::ETAG, etag), (header::CONTENT_TYPE, "application/rss+xml".to_owned())], body).into_response()
}

/// Waits until readiness has this trouble of a feed, or none.
async fn trouble(gateway: &Gateway, name: &str, expected: Option<&str>) {
    let client = gateway.nobody();
    eventually(&format!("trouble {expected:?} of {name}"), || async {
        let body = client.get("/readyz").await.json();
        let reason = body["remarks"]["feeds"][name]["reason"].as_str();
        assert!(!body.to_string().contains("geheim"), "{body}");
        (reason == expected).then_some(())
    })
    .await;
}

async fn subscribe(gateway: &Gateway, sink: &Sink, kanaal: &str) {
    let body = json!({"sink": sink.url("/hook"), "config": {"kanalen": [kanaal]}});
    granted(&gateway.client(CONSUMER), body).await;
}

fn ids(events: impl IntoIterator<Item = Value>) -> BTreeSet<String> {
    events.into_iter().map(|event| event["id"].to_string()).collect()
}

fn received(sink: &Sink) -> Vec<Value> {
    sink.seen(&Method::POST).iter().map(crate::support::ReceivedRequest::json).collect()
}

#[tokio::test]
async fn new_items_reach_a_webhook_once_and_an_unchanged_feed_is_not_read_ch_103_ch_104_ch_107() {
    let (server, sink) = (FeedServer::start(503).await, Sink::start().await);
    let name = "feed-nieuws";
    let gateway = Gateway::with(&server.config(name)).await;
    trouble(&gateway, name, Some("it answers 503")).await;
    subscribe(&gateway, &sink, name).await;

    server.serves(&["c", "b", "a"]);
    sink.wait(Method::POST, 3).await;
    trouble(&gateway, name, None).await;
    let events = received(&sink);
    let of = |guid: &str| events.iter().find(|event| event["subject"] == guid).cloned().unwrap_or_default();
    let expected = json!({
        "specversion": "1.0",
        "id": of("a")["id"],
        "source": "urn:nld:oin:00000001823288444000:systeem:test",
        "type": "nl.gemeente.bericht",
        "subject": "a",
        "time": of("a")["time"],
        "datacontenttype": "application/json",
        "data": {"guid": "a", "title": "<b>a</b>", "published": "2026-12-01T09:00:00Z"},
    });
    assert_eq!(of("a"), expected);
    assert!(of("a")["time"].as_str().is_some_and(|time| time.starts_with("2026-12-01T09:00:00")), "{}", of("a"));
    assert!(of("a")["id"].as_str().is_some_and(|id| id.starts_with("feed-nieuws:")));

    server.unchanged(2).await;
    let gateway = gateway.restart().await;
    let before = server.script().unchanged;
    server.unchanged(before + 2).await;
    server.serves(&["d", "c", "b"]);
    let all = sink.wait(Method::POST, 4).await;
    server.unchanged(before + 4).await;
    assert_eq!((all.len(), ids(received(&sink)).len(), server.script().full), (4, 4, 2));
    let metrics = String::from_utf8_lossy(&gateway.nobody().get("/metrics").await.body).into_owned();
    assert!(metrics.contains("gateway_feed_items_total{feed=\"feed-nieuws\",result=\"published\"} 4"), "{metrics}");
}

#[tokio::test]
async fn a_crash_between_publishing_and_storing_repeats_ids_and_loses_nothing_ch_105() {
    let (server, sink) = (FeedServer::start(503).await, Sink::start().await);
    let name = "feed-crash";
    let mut gateway = Gateway::with(&server.config(name)).await;
    subscribe(&gateway, &sink, name).await;
    server.serves(&["b", "a"]);
    sink.wait(Method::POST, 2).await;
    server.unchanged(1).await;
    for _ in 0..2 {
        // As it was before the poll: what was published is on the log, and not stored as seen.
        let forget = async |data: &Path| {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
            let (data, options) = (data.to_owned(), Options::new(clock));
            let open = || async { Embedded::open(&data, options.clone()).ok() };
            let store = eventually("the files are free", open).await;
            store.feeds.store(name, FeedState::default()).await.expect("stored");
        };
        let full = server.script().full;
        gateway = gateway.restart_after(forget).await;
        eventually("the feed is read again", || async { (server.script().full > full).then_some(()) }).await;
    }
    server.serves(&["c", "b", "a"]);
    let has_c = || async { received(&sink).iter().any(|event| event["subject"] == "c").then_some(()) };
    eventually("the new item", has_c).await;
    let subjects: BTreeSet<String> = received(&sink).iter().map(|event| event["subject"].to_string()).collect();
    assert_eq!((subjects.len(), ids(received(&sink)).len()), (3, 3), "an item has one id");
    trouble(&gateway, name, None).await;
}

#[tokio::test]
async fn a_feed_that_has_gone_or_asks_for_silence_is_not_asked_again_ch_107() {
    for (status, retry_after, reason, waits) in [
        (
            410,
            None,
            "it has gone (410): it is polled again when its URL changes",
            "it has gone (410): it is polled again when its URL changes",
        ),
        (429, Some(3_600), "it answers 429", "it asked not to be polled for some time"),
    ] {
        let server = FeedServer::start(status).await;
        server.script().retry_after = retry_after;
        let gateway = Gateway::with(&server.config("feed-silent")).await;
        trouble(&gateway, "feed-silent", Some(reason)).await;
        let gateway = gateway.restart().await;
        trouble(&gateway, "feed-silent", Some(waits)).await;
        assert_eq!(server.script().asked, 1, "{status}");
        // At another URL it is another feed.
        let moved = server.config("feed-silent").replace("/rss?", "/moved?");
        server.serves(&["a"]);
        let gateway = gateway.restart_with(&moved).await;
        trouble(&gateway, "feed-silent", None).await;
        server.unchanged(1).await;
        gateway.stop().await;
    }
}

#[tokio::test]
async fn damaged_feeds_and_refused_items_are_reported_and_tried_again_ch_106() {
    let (server, sink) = (FeedServer::start(503).await, Sink::start().await);
    let name = "feed-broken";
    // No kanaal yet.
    let config = server.config(name).replace(&format!("[[kanaal]]\nnaam = \"{name}\"\n"), "");
    let gateway = Gateway::with(&config).await;
    server.serves(&["a"]);
    trouble(&gateway, name, Some("items are refused: there is no such kanaal")).await;
    gateway.client(crate::support::BEHEER).post("/v1/kanalen", json!({"naam": name})).await.expect(201);
    trouble(&gateway, name, None).await;
    subscribe(&gateway, &sink, name).await;

    server.serves_with(&["b", "a"], "<item><title>geheim");
    trouble(&gateway, name, Some("it is no well-formed XML")).await;
    assert_eq!(received(&sink).len(), 0, "nothing of the part before the damage");
    server.serves(&["b", "a"]);
    sink.wait(Method::POST, 1).await;
    trouble(&gateway, name, None).await;
    assert_eq!(received(&sink)[0]["subject"], "b");
}

#[tokio::test]
async fn a_feed_is_tried_without_storing_ch_109() {
    let server = FeedServer::start(0).await;
    server.serves(&["b", "a"]);
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("gateway.toml"), dir.path().join("data"));
    let local = "egress.allow = [\"127.0.0.0/8\"]\negress.allow_http = [\"127.0.0.0/8\"]\n";
    let config = |local: &str| format!("data = {:?}\n{local}{}", data.display().to_string(), server.config("nieuws"));
    let run = |config: String| {
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["feed", "nieuws", "--config"]).arg(&file);
        tokio::task::spawn_blocking(move || command.output().expect("the program runs"))
    };
    let output = run(config(local)).await.unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(output.status.success(), "{lines}");
    assert_eq!(events.iter().map(|event| &event["subject"]).collect::<Vec<_>>(), ["a", "b"]);
    assert!(!data.exists(), "nothing is stored");

    let output = run(config("")).await.unwrap();
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && why.contains("it cannot be reached (refused)"), "{why}");
}
