//! A feed that is polled by a gateway that is killed fifty times, each time a moment after it got the feed: every item becomes an
//! event, and an item that is published again has the id of the first time (CH-105).

use std::{
    collections::HashSet,
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::State, http::header, routing::get};
use tokio::sync::Notify;

use super::{
    SEED, Shared, client, lock, number, program, random, ready, start, start_sinks, subscribe, until, write_config,
};

/// How often the gateway is killed; before each time the feed gets an item.
const KILLS: usize = 50;
/// The longest time from the answer with the feed to the kill, in milliseconds. Publishing and storing an item take less.
const MOMENT: u64 = 60;

/// The items of a feed, and whoever waits for a request.
#[derive(Default)]
struct Feed {
    items: Mutex<Vec<String>>,
    asked: Notify,
}

type Answer = ([(header::HeaderName, &'static str); 1], String);

async fn answer(State(feed): State<Arc<Feed>>) -> Answer {
    let items = feed.items.lock().unwrap_or_else(PoisonError::into_inner).concat();
    feed.asked.notify_one();
    let body = format!("<rss version=\"2.0\"><channel>{items}</channel></rss>");
    ([(header::CONTENT_TYPE, "application/rss+xml")], body)
}

/// Starts a server of the feed; returns its port.
async fn serve(feed: &Arc<Feed>) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port for the feed");
    let port = listener.local_addr().expect("its address").port();
    let router = Router::new().route("/rss", get(answer)).with_state(Arc::clone(feed));
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}

fn add_feed(config: &Path, port: u16) {
    let text = format!(
        "[[feed]]\nname = \"crash\"\nurl = \"http://127.0.0.1:{port}/rss\"\nkanaal = \"crash\"\ntype = \"nl.gemeente.bericht\"\n\
         interval_seconds = 1\n"
    );
    let mut file = std::fs::OpenOptions::new().append(true).open(config).expect("the configuration");
    file.write_all(text.as_bytes()).expect("the configuration");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_fifty_times_during_a_poll_loses_no_item_and_gives_none_two_ids_ch_105() {
    let (feed, arrivals) = (Arc::<Feed>::default(), Shared::default());
    let sinks_at = start_sinks(&arrivals).await;
    let dir = tempfile::tempdir().expect("a directory");
    let (config, base) = write_config(dir.path());
    add_feed(&config, serve(&feed).await);
    let mut seed = number("CRASH_SEED", SEED);
    for kill in 0..KILLS {
        let item = format!("<item><guid isPermaLink=\"false\">item-{kill}</guid><title>{kill}</title></item>");
        feed.items.lock().unwrap_or_else(PoisonError::into_inner).push(item);
        let mut gateway = start(&config);
        feed.asked.notified().await;
        tokio::time::sleep(Duration::from_millis(random(&mut seed) % MOMENT)).await;
        gateway.kill();
    }

    let mut gateway = start(&config);
    let http = client();
    ready(&http, &base).await;
    let token = program::token(&config, "crash");
    subscribe(&http, &base, &token, &format!("http://{sinks_at}/healthy"), 1).await;
    let ids = || lock(&arrivals).healthy.iter().map(|(id, _)| id.clone()).collect::<HashSet<_>>();
    until("every item is an event", async || ids().len() >= KILLS).await;
    // Two more polls, so that what is still published is seen.
    for _ in 0..2 {
        feed.asked.notified().await;
    }
    gateway.kill();
    let arrived = lock(&arrivals).healthy.len();
    println!("{KILLS} kills, {KILLS} items, {} events again", arrived - ids().len());
    assert_eq!(ids().len(), KILLS, "an item has one id");
}
