//! Three brokers: one that leads is killed under load, then another is paused, so that two of three are gone.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Flow, Sink, client::event, eventually};

/// Settings that replicate the internal topics of the brokers, so that they survive the loss of one.
const SETTINGS: [&str; 3] = [
    "offsets.topic.replication.factor=3",
    "transaction.state.log.replication.factor=3",
    "transaction.state.log.min.isr=2",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_is_lost_and_then_two_of_three_brokers() {
    let first = Broker::start(&SETTINGS).expect("a broker");
    let second = Broker::join(&first, 2, &SETTINGS).expect("a broker");
    let third = Broker::join(&first, 3, &SETTINGS).expect("a broker");
    let addresses = [&first, &second, &third].map(Broker::address).join(",");
    let mut cluster = Cluster::at(&addresses, "[limits]\nreceive_seconds = 20\n");
    (cluster.replicas, cluster.timeout_seconds) = ((3, 2), 5);
    let sink = Sink::start().await;
    let (one, two) = (cluster.node("one").await, cluster.node("two").await);
    one.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    let flow = Flow::start(vec![one.client.clone(), two.client.clone()]);
    flow.more(500).await;
    // A kanaal has three partitions, so each of three brokers leads one.
    drop(second);
    flow.more(1_500).await;
    let (acknowledged, refused) = flow.end().await;
    sink.accepts_all("/hook", &acknowledged).await;

    third.pause().expect("a paused broker");
    let (mut none, mut busy) = (0, 0);
    for (n, client) in [&one.client, &two.client].into_iter().cycle().take(6).enumerate() {
        let answer = client.publish("zaken", &[event(&format!("alone-{n}"), &n.to_string())]).await.expect("an answer");
        assert_ne!(answer.status, StatusCode::ACCEPTED, "one of three brokers is not enough");
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"), "a 503 says when to come back");
        none += 1;
    }
    third.resume().expect("the third broker goes on");
    for (n, client) in [&one.client, &two.client].into_iter().enumerate() {
        let again = async || {
            busy += 1;
            let answer = client.publish("zaken", &[event(&format!("again-{n}"), "k")]).await;
            answer.filter(|answer| answer.status == StatusCode::ACCEPTED)
        };
        eventually("success without a restart", again).await;
    }
    sink.accepts_all("/hook", &["again-0", "again-1"].map(str::to_owned)).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    println!(
        "a leader of three brokers killed under load: {} acknowledged, {refused} refused or in doubt, 0 lost; with two of \
         three gone {none} of 6 refused with 503; {busy} tries until both nodes accepted again, without a restart",
        acknowledged.len()
    );
}
