//! Two nodes: both show the progress of a run that one of them delivers. Only that one knows what a delivery waits for, and
//! the other one reports so.

use serde_json::{Value, json};

use crate::support::{Cluster, Sink, client::event, eventually, node::Node, sink::Answers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_shows_runs_and_one_knows_what_a_delivery_waits_for() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let (one, two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let nodes = [&one, &two];
    let id = one.client.subscribe("zaken", &sink.url("/x"), json!({"start": "beginning"})).await;
    let events: Vec<Value> = (0..3).map(|n| event(&format!("e{n}"), "k")).collect();
    one.client.publish("zaken", &events).await.expect("an answer").expect(202);
    eventually("three deliveries", async || (sink.accepted_count("/x") == 3).then_some(())).await;
    let owner = sink.deliverer("/x", &nodes.map(Node::pid)).await;
    let other = &nodes[1 - owner].client;

    let body = json!({"from": "2020-01-01T00:00:00Z"});
    let run = other.post(&format!("/v1/subscriptions/{id}/replay"), body).await.expect(202).json();
    for node in nodes {
        let path = format!("/v1/runs?subscription={id}&running=false");
        let ended = eventually("the end of the run", async || {
            let list = node.client.get(&path).await.expect(200).json();
            let row = list["results"].as_array()?.first().cloned()?;
            (row["delivered"] == 3 && !row["ended"].is_null()).then_some(row)
        })
        .await;
        assert_eq!((&ended["id"], &ended["done"], &ended["failed"]), (&run["id"], &ended["total"], &json!(0)));
    }

    sink.answer("/x", Answers::Down);
    one.client.publish("zaken", &[event("late", "k")]).await.expect("an answer").expect(202);
    for (at, node) in nodes.into_iter().enumerate() {
        let path = format!("/v1/subscriptions/{id}/deliveries?event=late");
        let row = eventually("a delivery that waits", async || {
            let list = node.client.get(&path).await.expect(200).json();
            let row = list["results"].as_array()?.first().cloned()?;
            // While a probe is under way it waits for the answer.
            (row["outcome"].is_null() && row["waitingFor"] != "answer").then_some(row)
        })
        .await;
        if at == owner {
            assert_eq!((&row["waitingFor"], row.get("otherNode")), (&json!("outage"), None), "{row}");
            assert!(row["nextAttempt"].is_string(), "{row}");
        } else {
            assert_eq!((&row["otherNode"], row.get("waitingFor")), (&json!(true), None), "{row}");
            assert_eq!(row.get("nextAttempt"), None, "{row}");
        }
    }
}
