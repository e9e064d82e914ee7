//! The broker is paused and resumed.

use std::time::Duration;

use http::Method;
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually};

/// Session time-out in milliseconds. Shards that are lost sooner, on a busy machine, change nothing.
const SESSION_MS: u64 = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_nothing_is_accepted_and_afterwards_all_goes_on() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut cluster = Cluster::on(&broker, "[limits]\nreceive_seconds = 20\n");
    (cluster.session_ms, cluster.timeout_seconds) = (SESSION_MS, 5);
    let sink = Sink::start().await;
    let mut node = cluster.node("one").await;
    node.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    let publish = async |id: &str| node.client.publish("zaken", &[event(id, "k")]).await.expect("an answer");
    publish("before").await.expect(202);
    eventually("first event", async || sink.accepted("/hook").contains("before").then_some(())).await;

    broker.pause().expect("a paused broker");
    let refused = publish("during").await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    let ready = async || node.client.send(Method::GET, "/readyz", "-", String::new()).await.expect("an answer");
    let not_ready =
        eventually("truth of readyz", async || Some(ready().await).filter(|answer| answer.status == 503)).await;
    assert_ne!(not_ready.json()["checks"]["storage"], "ok");
    node.client.get("/livez").await.expect(200);
    let change = node.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await.expect(503);
    assert!(change.headers.contains_key("retry-after"));
    // Long enough for the session to be over.
    tokio::time::sleep(Duration::from_millis(SESSION_MS + 1_000)).await;
    broker.resume().expect("the broker goes on");

    let answers =
        eventually("success again", async || Some(publish("after").await).filter(|answer| answer.status == 202)).await;
    answers.expect(202);
    eventually("event after the outage", async || sink.accepted("/hook").contains("after").then_some(())).await;
    eventually("readyz", async || (ready().await.status == 200).then_some(())).await;
    let made = async || {
        let answer = node.client.post("/v1/kanalen", json!({"naam": "daarna"})).await;
        [201, 409].contains(&answer.status.as_u16()).then_some(())
    };
    eventually("changes again", made).await;
    let during = if sink.accepted("/hook").contains("during") { "came all the same" } else { "is not there" };
    // A node can be stopped while there is no broker.
    broker.pause().expect("a paused broker");
    let asked = tokio::time::Instant::now();
    node.stop().await;
    println!(
        "outage: 503 while it lasted, success after; the refused event {during}; stopped without a broker in {:.1?}",
        asked.elapsed()
    );
}
