//! `GET /v1/nodes` on the embedded file: one node, which is all there is. On Kafka it is tested with the cluster.

use serde_json::json;

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

const PATH: &str = "/v1/nodes";

#[tokio::test]
async fn an_administrator_sees_the_node_its_shards_and_what_waits_in_it() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let beheer = gateway.client(BEHEER);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "retry": {"maxRetries": 5, "factor": 600}});
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": config})).await;
    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let nodes = eventually("a delivery that waits", || async {
        let nodes = beheer.get(PATH).await.expect(200).json();
        let node = &nodes["results"][0];
        (node["queues"]["unsettled"] == 1 && node["partitions"] != 0).then_some(nodes)
    })
    .await;
    assert_eq!((&nodes["complete"], &nodes["remark"]), (&json!(true), &json!(null)));
    assert_eq!(nodes["results"].as_array().map(Vec::len), Some(1));
    let node = &nodes["results"][0];
    let port = gateway.base.rsplit(':').next().unwrap();
    assert!(node["id"].as_str().unwrap().ends_with(&format!(":{port}")), "{node}");
    let expected = json!({
        "answers": true, "address": null, "roles": ["ingest", "deliver", "beheer"], "store": "embedded", "shards": [0],
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&node[member], value, "{member}");
    }
    assert_eq!(node["version"], env!("CARGO_PKG_VERSION"));
    assert!(node["started"].is_string() && node["queues"]["oldestUnsettledSeconds"].is_u64(), "{node}");
    for member in ["diskFreeBytes", "diskSizeBytes", "memoryBytes"] {
        assert!(node[member].as_u64().is_some_and(|bytes| bytes > 0), "{member}: {node}");
    }
}

#[tokio::test]
async fn only_administrators_see_nodes() {
    let gateway = Gateway::start().await;
    for client in [PUBLISHER, CONSUMER] {
        gateway.client(client).get(PATH).await.problem(403);
    }
    gateway.nobody().get(PATH).await.problem(401);
    assert_eq!(gateway.client(BEHEER).get(&format!("{PATH}?page=1")).await.problem(400).1.as_deref(), Some("page"));
}

#[tokio::test]
async fn an_administrator_sees_how_far_each_partition_is_behind_and_how_that_changed() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let beheer = gateway.client(BEHEER);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let partitions = eventually("the partition", || async {
        gateway.management().sample_lag();
        let found = beheer.get("/v1/partitions?kanaal=zaken").await.expect(200).json();
        (found["total"] == 1 && found["results"][0]["trend"].is_string()).then_some(found)
    })
    .await;
    let own = &partitions["results"][0];
    let expected = json!({"kanaal": "zaken", "partition": 0, "lagEvents": 0, "trend": "level"});
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&own[member], value, "{member}: {own}");
    }
    assert!(own["comparedWith"].is_string(), "{own}");
    assert!(own["samples"].as_array().is_some_and(|all| all.len() >= 2 && all.iter().all(|lag| *lag == 0)), "{own}");
    // Nothing is or was behind.
    assert_eq!(beheer.get("/v1/partitions").await.expect(200).json(), json!({"total": null, "results": []}));
    beheer.get("/v1/partitions?kanaal=onbekend").await.problem(404);
    assert_eq!(beheer.get("/v1/partitions?page=1").await.problem(400).1.as_deref(), Some("page"));
    gateway.client(CONSUMER).get("/v1/partitions").await.problem(403);
}
