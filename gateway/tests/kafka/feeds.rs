//! A feed with several nodes: one node polls it, and the next one knows what was published.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use axum::Router;
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, eventually, node::SHORT_SESSION_MS};

/// A server of one feed.
struct Feed {
    guids: Arc<Mutex<Vec<&'static str>>>,
    asked: Arc<AtomicUsize>,
    base: String,
}

impl Feed {
    async fn start(guids: &[&'static str]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (guids, asked) = (Arc::new(Mutex::new(guids.to_vec())), Arc::<AtomicUsize>::default());
        let (served, counted) = (Arc::clone(&guids), Arc::clone(&asked));
        let answer = move || async move {
            counted.fetch_add(1, Ordering::AcqRel);
            let item = |guid: &&str| format!("<item><guid>{guid}</guid><title>{guid}</title></item>");
            let items: String = served.lock().unwrap_or_else(PoisonError::into_inner).iter().map(item).collect();
            format!("<rss version=\"2.0\"><channel>{items}</channel></rss>")
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { guids, asked, base }
    }

    fn adds(&self, guid: &'static str) {
        self.guids.lock().unwrap_or_else(PoisonError::into_inner).insert(0, guid);
    }

    /// Waits until it was polled again, whole.
    async fn polled(&self) {
        let before = self.asked.load(Ordering::Acquire);
        let again = async || (self.asked.load(Ordering::Acquire) > before + 1).then_some(());
        eventually("poll of the feed", again).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_node_publishes_only_what_is_new_ch_104() {
    let (feed, sink) = (Feed::start(&["b", "a"]).await, Sink::start().await);
    let own = format!(
        "[[feed]]\nname = \"nieuws\"\nurl = \"{}/rss\"\nkanaal = \"zaken\"\ntype = \"nl.gemeente.bericht\"\n\
         interval_seconds = 1\nfirst_poll = \"publish\"\n",
        feed.base
    );
    let mut cluster = Cluster::on(Broker::shared().expect("a broker"), &own);
    cluster.session_ms = SHORT_SESSION_MS;
    let mut one = cluster.node("one").await;
    let works = async || (one.client.metric("gateway_kafka_people_owner").await > 0.5).then_some(());
    eventually("node that polls", works).await;
    let two = cluster.node("two").await;
    two.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    eventually("both items", async || (sink.count("/hook") >= 2).then_some(())).await;
    feed.polled().await;
    one.kill();
    feed.adds("c");
    eventually("the new item", async || (sink.count("/hook") >= 3).then_some(())).await;
    feed.polled().await;
    let ids: std::collections::BTreeSet<String> = sink.arrivals("/hook").into_iter().map(|one| one.id).collect();
    assert_eq!((ids.len(), sink.count("/hook")), (3, 3), "{ids:?}");
}
