//! `Retry-After` and 410 of a sink hold on every node, as do the commands that its owner gives at any of them.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::support::{
    Client, Cluster, Sink,
    client::event,
    eventually,
    node::{Node, SHORT_SESSION_MS},
    sink::Answers,
};

/// The `Retry-After` of the sink, in seconds: longer than it takes to detect that a node was killed.
const SILENCE: u64 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_owner_keeps_the_silence_ce_wh_16() {
    let (mut cluster, sink) = (Cluster::new(), Sink::start().await);
    cluster.session_ms = SHORT_SESSION_MS;
    let (mut one, mut two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let id = one.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    one.client.publish("zaken", &[event("first", "k")]).await.expect("an answer").expect(202);
    eventually("first delivery", async || (sink.count("/hook") == 1).then_some(())).await;
    sink.answer("/hook", Answers::Silence(SILENCE));
    one.client.publish("zaken", &[event("second", "k")]).await.expect("an answer").expect(202);
    eventually("429", async || (sink.count("/hook") == 2).then_some(())).await;
    let owner = sink.deliverer("/hook", &[one.pid(), two.pid()]).await;
    let asked = sink.arrivals("/hook")[1].at;
    let until = asked + Duration::from_secs(SILENCE);
    // Every node reports the `Retry-After`, also the one that does not deliver.
    for client in [&one.client, &two.client] {
        let reported = async || client.state(&id).await["notBefore"].is_string().then_some(());
        eventually("silence that is known", reported).await;
    }
    sink.answer("/hook", Answers::Yes);
    let other = if owner == 0 { two.client.clone() } else { one.client.clone() };
    [&mut one, &mut two][owner].kill();
    other.publish("zaken", &[event("third", "k")]).await.expect("an answer").expect(202);
    eventually("deliveries after the silence", async || (sink.accepted_count("/hook") == 3).then_some(())).await;
    let arrivals = sink.arrivals("/hook");
    let early = arrivals.iter().filter(|arrival| arrival.at > asked && arrival.at < until).count();
    let first = arrivals[2].at;
    println!(
        "429 with {SILENCE} s, its node killed: {early} requests before the end, the first {:?} after it",
        first.since(until)
    );
    assert_eq!(early, 0, "a request came before the silence was over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_410_no_node_sends_again_ce_wh_15() {
    let (mut cluster, sink) = (Cluster::new(), Sink::start().await);
    cluster.session_ms = SHORT_SESSION_MS;
    let (mut one, mut two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let id = one.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    sink.answer("/hook", Answers::Gone);
    one.client.publish("zaken", &[event("1", "k")]).await.expect("an answer").expect(202);
    eventually("410", async || (sink.count("/hook") == 1).then_some(())).await;
    let owner = sink.deliverer("/hook", &[one.pid(), two.pid()]).await;
    for client in [&one.client, &two.client] {
        eventually("end that is known", async || (client.state(&id).await["state"] == "gone").then_some(())).await;
    }
    sink.answer("/hook", Answers::Yes);
    let other = if owner == 0 { two.client.clone() } else { one.client.clone() };
    [&mut one, &mut two][owner].kill();
    // A sink that accepts events shows when the other node has taken over.
    other.subscribe("zaken", &sink.url("/witness"), json!({"start": "beginning"})).await;
    let events: Vec<_> = (2..20).map(|n| event(&n.to_string(), "k")).collect();
    other.publish("zaken", &events).await.expect("an answer").expect(202);
    eventually("events at the witness", async || (sink.accepted_count("/witness") == 19).then_some(())).await;
    let shards = async || (other.metric("gateway_shards_owned").await > 7.5).then_some(());
    eventually("shards on the node that is left", shards).await;
    [&mut one, &mut two][owner].start();
    [&one, &two][owner].ready().await;
    other.publish("zaken", &[event("20", "k")]).await.expect("an answer").expect(202);
    eventually("another event at the witness", async || (sink.accepted_count("/witness") == 20).then_some(())).await;
    println!("410, its node killed and restarted: {} requests after it", sink.count("/hook") - 1);
    assert_eq!(sink.count("/hook"), 1, "nothing is sent after 410");
}

async fn order(client: &Client, method: Method, path: &str, body: serde_json::Value) {
    let answer = client.send(method, path, "application/json", body.to_string()).await.expect("an answer");
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_node_pauses_resumes_replays_and_deletes() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let (one, two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let publish = async |id: &str| {
        one.client.publish("zaken", &[event(id, "k")]).await.expect("an answer").expect(202);
    };
    let both = async || (owned(&one).await > 0.5 && owned(&two).await > 0.5).then_some(());
    eventually("shards on both nodes", both).await;
    // Of eight sinks some are delivered by each node; every order is given at one and shows at the other.
    let paths: Vec<String> = (0..8).map(|n| format!("/hook-{n}")).collect();
    let mut ids = Vec::new();
    for path in &paths {
        ids.push(one.client.subscribe("zaken", &sink.url(path), json!({"start": "beginning"})).await);
    }
    let all_have = async |count: usize| {
        let have = async || paths.iter().all(|path| sink.accepted_count(path) == count).then_some(());
        eventually("events at all sinks", have).await;
    };
    publish("1").await;
    all_have(1).await;
    for id in &ids {
        order(&two.client, Method::POST, &format!("/v1/subscriptions/{id}/pause"), json!({})).await;
        assert_eq!(one.client.state(id).await["state"], "paused", "the other node knows at once");
    }
    publish("2").await;
    // Both nodes report the lag, whichever delivers.
    for (client, id) in ids.iter().flat_map(|id| [(&one.client, id), (&two.client, id)]) {
        eventually("lag of one event", async || (client.state(id).await["lag"]["events"] == 1).then_some(())).await;
    }
    all_have(1).await;
    for id in &ids {
        order(&one.client, Method::POST, &format!("/v1/subscriptions/{id}/resume"), json!({})).await;
    }
    all_have(2).await;
    for id in &ids {
        let path = format!("/v1/subscriptions/{id}/replay");
        let answer = two.client.post(&path, json!({"from": "2020-01-01T00:00:00Z"})).await.expect(202).json();
        let run = format!("/v1/runs/{}", answer["id"].as_str().expect("an id"));
        let over = async || (one.client.get(&run).await.expect(200).json()["running"] == false).then_some(());
        eventually("end of a replay, as the other node tells", over).await;
    }
    let replayed = async || paths.iter().all(|path| sink.count(path) == 4).then_some(());
    eventually("replayed events at all sinks", replayed).await;
    // A sink that moves to another shard continues from its position.
    for (n, id) in ids.iter().enumerate() {
        let to = json!({"sink": sink.url(&format!("/moved-{n}"))});
        let path = format!("/v1/subscriptions/{id}");
        let client = if n % 2 == 0 { &one.client } else { &two.client };
        let answer = client.send(Method::PATCH, &path, "application/merge-patch+json", to.to_string()).await;
        answer.expect("an answer").expect(200);
    }
    publish("3").await;
    let moved = async || (0..8).all(|n| sink.accepted(&format!("/moved-{n}")).contains("3")).then_some(());
    eventually("events at the new sinks", moved).await;
    let old: usize = (0..8).map(|n| sink.count(&format!("/moved-{n}"))).sum::<usize>() - 8;
    for id in &ids {
        order(&two.client, Method::DELETE, &format!("/v1/subscriptions/{id}"), json!({})).await;
        one.client.get(&format!("/v1/subscriptions/{id}")).await.expect(404);
    }
    publish("4").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = (0..8).filter(|n| sink.accepted(&format!("/moved-{n}")).contains("4")).count();
    println!(
        "8 sinks on two nodes: paused, resumed, replayed, moved ({old} old events came again), deleted ({late} after that)"
    );
    assert_eq!((old, late), (0, 0));
}

async fn owned(node: &Node) -> f64 {
    node.client.metric("gateway_shards_owned").await
}
