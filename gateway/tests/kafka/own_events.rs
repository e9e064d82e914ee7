//! The gateway's own events with several nodes: one node publishes each, and a node that takes a shard over knows from the log
//! what was announced.

use std::collections::BTreeSet;

use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually, sink::Answers};

const OWN_EVENTS: &str = "[own_events]\ncheck_seconds = 1\noutage_after_seconds = 0\noutage_quiet_seconds = 0\n";

/// The ids of the events that began with this at the receiver of alerts, each once.
fn ids(sink: &Sink, start: &str) -> BTreeSet<String> {
    sink.arrivals("/alerts").into_iter().map(|arrival| arrival.id).filter(|id| id.starts_with(start)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_publishes_each_event_also_after_another_one_was_killed() {
    let broker = Broker::shared().expect("a broker");
    let (cluster, sink) = (Cluster::on(broker, OWN_EVENTS), Sink::start().await);
    let mut one = cluster.node("one").await;
    let two = cluster.node("two").await;
    one.client.subscribe("gateway", &sink.url("/alerts"), json!({"start": "beginning"})).await;
    let paths = ["/a", "/b", "/c", "/d"];
    let mut subscriptions = Vec::new();
    for path in paths {
        sink.answer(path, Answers::Down);
        let config = json!({"start": "beginning", "retry": {"factor": 0.2, "base": 1}});
        subscriptions.push(one.client.subscribe("zaken", &sink.url(path), config).await);
    }
    one.client.publish("zaken", &[event("1", "k")]).await.expect("an answer").expect(202);
    let all = |short: &str| -> bool {
        subscriptions.iter().all(|id| !ids(&sink, &format!("subscription.{short}:{id}:")).is_empty())
    };
    eventually("every outage announced", async || all("outage-begun").then_some(())).await;
    // The outages are stored, so that the other node, which takes all shards over, knows them.
    for id in &subscriptions {
        let stored = async || (two.client.state(id).await["state"] == "outage").then_some(());
        eventually("outage in stored progress", stored).await;
    }
    one.kill();
    let alone = async || (two.client.metric("gateway_shards_owned").await >= 8.0).then_some(());
    eventually("shards of the killed node", alone).await;
    for path in paths {
        sink.answer(path, Answers::Yes);
    }
    eventually("the end of every outage announced", async || all("outage-ended").then_some(())).await;
    for short in ["outage-begun", "outage-ended"] {
        let found = ids(&sink, &format!("subscription.{short}:"));
        assert_eq!(found.len(), paths.len(), "{found:?}");
    }
}
