//! A rolling restart: nodes that know only the first version of what is stored are replaced one after the other by nodes
//! that know all of it, while events flow. `STORAGE_TEST_MAX_VERSION` makes a node refuse newer versions as an old program does.

use std::collections::HashSet;

use http::Method;
use serde_json::json;

use crate::support::{Cluster, Flow, Sink, eventually, node::Node};

/// Sinks, so many that some are delivered by each node.
const SINKS: usize = 8;

async fn owned(node: &Node) -> f64 {
    node.client.metric("gateway_shards_owned").await
}

async fn replace(node: &mut Node) {
    node.stop().await;
    node.old = false;
    node.start();
    node.ready().await;
    eventually("shards on the node that was replaced", async || (owned(node).await > 0.5).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_nodes_are_replaced_one_by_one_and_nothing_is_skipped() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut one = cluster.old_node("one").await;
    let mut two = cluster.old_node("two").await;
    let decides = async || {
        let (here, there) = (&one.client, &two.client);
        let decides = here.metric("gateway_kafka_processor").await + there.metric("gateway_kafka_processor").await;
        (decides > 0.5).then_some(())
    };
    eventually("node that decides", decides).await;
    let paths: Vec<String> = (0..SINKS).map(|n| format!("/hook-{n}")).collect();
    for path in &paths {
        // Without a key: a subscription that has one is of the second version.
        let config = json!({"kanalen": ["zaken"], "start": "beginning"});
        let body = json!({"protocol": "HTTP", "sink": sink.url(path), "config": config});
        one.client.post("/v1/subscriptions", body).await.expect(201);
    }
    let refused = one.client.post("/v1/kanalen", json!({"naam": "met-eigenaar"})).await;
    assert_eq!(
        refused.status.as_u16(),
        503,
        "an old node cannot write members of the second version: {}",
        refused.body
    );
    let flow = Flow::start(vec![one.client.clone(), two.client.clone()]);
    flow.more(200).await;

    // What the old nodes stored is taken over, and both kinds deliver side by side.
    replace(&mut one).await;
    flow.more(200).await;
    let side_by_side = [owned(&one).await, owned(&two).await];
    assert!(side_by_side.iter().all(|shards| *shards > 0.5), "{side_by_side:?} shards");

    // Something of the second version is stored: the old node stops, logs the reason, and leaves its shards.
    let made = async || {
        let body = json!({"naam": "besloten", "approval": "required"}).to_string();
        let answer = one.client.send(Method::POST, "/v1/kanalen", "application/json", body).await?;
        [201, 409].contains(&answer.status.as_u16()).then_some(())
    };
    eventually("kanaal of the second version", made).await;
    let ready = async || two.client.send(Method::GET, "/readyz", "-", String::new()).await.expect("an answer");
    let not_ready = async || Some(ready().await).filter(|answer| answer.status == 503).map(|answer| answer.json());
    let checks = eventually("truth of the old node's readyz", not_ready).await["checks"].clone();
    let why = "a stored kanaal has version 2; this program knows up to 1";
    assert_eq!(checks["storage"], why);
    eventually("all shards on the new node", async || (owned(&one).await > 7.5).then_some(())).await;
    eventually("none on the old one", async || (owned(&two).await < 0.5).then_some(())).await;
    // A result of the checks is reused for a second.
    let deliveries = async || Some(ready().await.json()["checks"]["deliveries"].clone()).filter(|reason| reason == why);
    eventually("why the old node delivers nothing", deliveries).await;
    let refused = two.client.publish("zaken", &[crate::support::client::event("late", "k")]).await;
    let refused = refused.expect("an answer").expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(two.log().contains("a stored record needs a newer version of the program"), "{}", two.log());
    flow.more(200).await;

    // Restarted as a new one, it takes part again.
    replace(&mut two).await;
    flow.more(200).await;
    let (acknowledged, refused) = flow.end().await;
    for path in &paths {
        sink.accepts_all(path, &acknowledged).await;
    }
    let repeated = |path: &String| {
        let arrivals = sink.arrivals(path);
        arrivals.len() - arrivals.iter().map(|arrival| &arrival.id).collect::<HashSet<_>>().len()
    };
    let repeated: usize = paths.iter().map(repeated).sum();
    println!(
        "two old nodes replaced one by one: {} acknowledged, {refused} refused or in doubt, 0 of them skipped at {SINKS} \
         sinks, {repeated} repeated",
        acknowledged.len()
    );
    assert_eq!(repeated, 0, "nodes that leave in order repeat nothing");
}
