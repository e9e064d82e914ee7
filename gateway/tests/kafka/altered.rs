//! Topics that others change while nodes run or are stopped: deleted, given more partitions, or another setting.

use std::collections::HashSet;

use http::Method;
use model::{Random, clock::SystemRandom};
use serde_json::{Value, json};
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually, node::Node};

fn broker() -> &'static Broker {
    Broker::shared().expect("a broker")
}

fn topic(cluster: &Cluster, name: &str) -> String {
    format!("{}.{name}", cluster.prefix())
}

fn ids(prefix: &str, count: usize) -> HashSet<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}

/// Publishes events, each until it is accepted.
async fn publish(node: &Node, prefix: &str, count: usize) {
    for n in 0..count {
        let event = [event(&format!("{prefix}{n}"), &format!("k{n}"))];
        let accepted = async || {
            let answer = node.client.publish("zaken", &event).await;
            answer.filter(|answer| answer.status.as_u16() == 202).map(drop)
        };
        eventually("acceptance of an event", accepted).await;
    }
}

async fn delivered(sink: &Sink, expected: &HashSet<String>) {
    sink.accepts_all("/hook", expected).await;
}

async fn readiness(node: &Node) -> (u16, Value) {
    let answer = node.client.send(Method::GET, "/readyz", "-", String::new()).await.expect("an answer");
    (answer.status.as_u16(), answer.json())
}

/// A node with a subscription, to which these events were delivered.
async fn started(cluster: &Cluster, sink: &Sink) -> Node {
    let node = cluster.node("one").await;
    node.client.subscribe("zaken", &sink.url("/hook"), json!({})).await;
    publish(&node, "old", 20).await;
    delivered(sink, &ids("old", 20)).await;
    node
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a1_a_topic_deleted_under_a_running_node_is_reported_and_its_new_log_delivered_from_the_start() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = started(&cluster, &sink).await;
    broker().delete_topic(&topic(&cluster, "kanaal.zaken")).await.expect("deleted");
    publish(&node, "new", 10).await;
    delivered(&sink, &ids("new", 10)).await;
    eventually("a log line", async || {
        node.log().contains("the topic of a kanaal was deleted or lost records").then_some(())
    })
    .await;
    assert!(node.client.metric("gateway_kafka_topics_lost_total").await > 0.5);
    let (status, body) = readiness(&node).await;
    assert_eq!(status, 200, "{body}");
    assert!(body["remarks"]["logs"][0].as_str().is_some_and(|text| text.contains("kanaal.zaken")), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a1_a_topic_deleted_while_all_nodes_are_stopped_is_found_by_check_and_at_the_start() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut node = started(&cluster, &sink).await;
    node.stop().await;
    broker().delete_topic(&topic(&cluster, "kanaal.zaken")).await.expect("deleted");
    let found = async || {
        let (good, output) = cluster.check("");
        (!good && output.contains("kanaal.zaken of kanaal zaken")).then_some(())
    };
    eventually("a finding", found).await;
    node.start();
    node.ready().await;
    publish(&node, "new", 10).await;
    delivered(&sink, &ids("new", 10)).await;
    assert!(node.log().contains("is not the one that progress was stored for"), "{}", node.log());
}

/// The sinks are of several shards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a2_partitions_added_by_hand_are_delivered_to_every_subscriber_and_found_without_a_restart() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = started(&cluster, &sink).await;
    let others = ["/a", "/b", "/c", "/d"];
    for path in others {
        node.client.subscribe("zaken", &sink.url(path), json!({})).await;
    }
    let topic = topic(&cluster, "kanaal.zaken");
    broker().set_partitions(&topic, 6).await.expect("added");
    // It starts with all partitions, and delivers nothing.
    let later = cluster.node_with("later", "roles = [\"ingest\", \"beheer\"]\n", "").await;
    publish(&later, "new", 60).await;
    let ends = broker().ends(&topic).expect("the ends");
    assert!(ends.len() == 6 && ends[3..].iter().all(|end| *end > 0), "nothing is in the new partitions: {ends:?}");
    delivered(&sink, &ids("new", 60)).await;
    for path in others {
        let all = async || ids("new", 60).is_subset(&sink.accepted(path)).then_some(());
        eventually("deliveries to every subscriber", all).await;
    }
    let found = async || {
        let answer = node.client.send(Method::GET, "/v1/events?pageSize=500", "-", String::new()).await?;
        let found = answer.json()["results"]
            .as_array()?
            .iter()
            .filter_map(|item| item["id"].as_str().map(str::to_owned))
            .collect();
        ids("new", 60).is_subset(&found).then_some(())
    };
    eventually("every event in the list", found).await;
    assert!(node.log().contains("a topic has more partitions"), "{}", node.log());
    assert!(!node.log().contains("deliveries stopped"), "deliveries go on meanwhile:\n{}", node.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a4_topics_of_the_gateway_deleted_under_a_running_node_are_taken_again() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = started(&cluster, &sink).await;
    for name in ["progress", "commands", "answers", "outcomes", "dead-letters"] {
        broker().delete_topic(&topic(&cluster, name)).await.expect("deleted");
    }
    let lost = async || (node.client.metric("gateway_kafka_topics_lost_total").await > 4.5).then_some(());
    eventually("notice of the loss", lost).await;
    publish(&node, "new", 10).await;
    delivered(&sink, &ids("new", 10)).await;
    let shards = async || ((node.client.metric("gateway_shards_owned").await - 8.0).abs() < 0.1).then_some(());
    eventually("all shards", shards).await;
    let changed = async || {
        let answer = node.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await;
        matches!(answer.status.as_u16(), 201 | 409).then_some(())
    };
    eventually("a change", changed).await;
    let ready = async || (readiness(&node).await.0 == 200).then_some(());
    eventually("readiness", ready).await;
    assert!(!node.log().contains("another node has the shard"), "{}", node.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a4_without_the_control_topic_a_node_refuses_changes_and_is_not_ready() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = started(&cluster, &sink).await;
    broker().delete_topic(&topic(&cluster, "control")).await.expect("deleted");
    let refused = async || {
        let (status, body) = readiness(&node).await;
        (status == 503 && body.to_string().contains("--new-control")).then_some(())
    };
    eventually("a reason", refused).await;
    node.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await.expect(503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_no_node_starts_on_a_lost_control_topic_unless_told_to() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut node = started(&cluster, &sink).await;
    node.stop().await;
    broker().delete_topic(&topic(&cluster, "control")).await.expect("deleted");
    let found = async || {
        let (good, output) = cluster.check("");
        (!good && output.contains("--new-control")).then_some(())
    };
    eventually("a finding", found).await;
    node.start();
    assert!(!node.ended().await.success(), "it started without kanalen and subscriptions");
    assert!(node.log().contains("gateway serve --new-control"), "{}", node.log());
    node.new_control = true;
    node.start();
    node.ready().await;
    publish(&node, "new", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_no_node_starts_on_topics_of_another_cluster_unless_told_to() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut node = started(&cluster, &sink).await;
    node.stop().await;
    // As the topics would be in a copy that was made from another cluster.
    let copied = r#"{"kind":"installation","v":1,"cluster":"MkU3OEVBNTcwNTJENDM2Qg"}"#;
    broker().write(&topic(&cluster, "installation"), "cluster", copied).await.expect("written");
    let named = |text: &str| text.contains("MkU3OEVBNTcwNTJENDM2Qg") && text.contains("gatewayForTestsAAAAAAA");
    let (good, output) = cluster.check("");
    assert!(!good && named(&output), "{output}");
    node.start();
    assert!(!node.ended().await.success(), "it started on a copy");
    assert!(named(&node.log()) && node.log().contains("gateway serve --new-cluster"), "{}", node.log());
    node.new_cluster = true;
    node.start();
    node.ready().await;
    node.stop().await;
    node.new_cluster = false;
    node.start();
    node.ready().await;
    publish(&node, "new", 1).await;
    delivered(&sink, &ids("new", 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_a_node_that_worked_on_another_cluster_does_not_start() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut node = started(&cluster, &sink).await;
    node.stop().await;
    let other = Broker::start_as("MkU3OEVBNTcwNTJENDM2Qg").expect("a broker");
    node.reconfigure(cluster.brokers(), other.address());
    node.start();
    assert!(!node.ended().await.success(), "it started on another cluster");
    let log = node.log();
    assert!(log.contains("MkU3OEVBNTcwNTJENDM2Qg") && log.contains("gatewayForTestsAAAAAAA"), "{log}");
}

/// Text that compression does not make smaller than half.
fn filling(bytes: usize) -> String {
    std::iter::repeat_with(|| SystemRandom.uuid().simple().to_string()).take(bytes / 32).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a6_a_lowered_limit_of_a_topic_refuses_the_large_event_only() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = started(&cluster, &sink).await;
    let large = |id: String| {
        let mut event = event(&id, "k");
        event["data"]["vulling"] = filling(200_000).into();
        [event]
    };
    node.client.publish("zaken", &large("large".to_owned())).await.expect("an answer").expect(202);
    broker().set_only(&topic(&cluster, "kanaal.zaken"), "max.message.bytes", "20000").await.expect("lowered");
    let refused = async || {
        let answer = node.client.publish("zaken", &large("first".to_owned())).await.expect("an answer");
        (answer.status.as_u16() == 413).then_some(())
    };
    eventually("a refusal", refused).await;
    let publishers = (0..8).map(|publisher| {
        let client = node.client.clone();
        tokio::spawn(async move {
            for n in 0..20 {
                let small = [event(&format!("new{}", publisher * 20 + n), "k")];
                client.publish("zaken", &small).await.expect("an answer").expect(202);
            }
        })
    });
    let publishers: Vec<_> = publishers.collect();
    for n in 0..10 {
        let answer = node.client.publish("zaken", &large(format!("l{n}"))).await.expect("an answer");
        assert_eq!(answer.status.as_u16(), 413, "{}", answer.body);
    }
    for publisher in publishers {
        publisher.await.expect("every small event was accepted");
    }
    delivered(&sink, &ids("new", 160)).await;
}
