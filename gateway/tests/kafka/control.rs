//! Changes made on several nodes concurrently, a node with another key, and nodes that have only some of the roles.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually};

const KANALEN: usize = 200;

/// Settings of a broker that compacts as much and as soon as possible, and removes tombstones immediately.
const COMPACTS: [&str; 5] = [
    "log.cleaner.backoff.ms=100",
    "log.cleaner.min.cleanable.ratio=0.0001",
    "log.cleaner.max.compaction.lag.ms=100",
    "log.cleaner.delete.retention.ms=0",
    "log.roll.ms=500",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_kanaal_made_on_two_nodes_at_once_is_made_once_gw_12() {
    let broker = Broker::start(&COMPACTS).expect("a broker");
    let cluster = Cluster::on(&broker, "");
    let (mut one, mut two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let mut doubts = 0;
    for n in 0..KANALEN {
        let kanaal = json!({"naam": format!("kanaal-{n}"), "documentatieLink": "https://example.nl", "filters": ["a"]});
        // A node that could not decide in time answers 503: the request is repeated until the answer is definite.
        let make = async |client: &crate::support::Client| {
            let mut in_doubt = 0;
            let status = eventually("a definite answer", async || {
                let status = client.post("/api/v1/kanaal", kanaal.clone()).await.status.as_u16();
                in_doubt += usize::from(status == 503);
                (status != 503).then_some(status)
            })
            .await;
            (status, in_doubt)
        };
        let (one, two) = tokio::join!(make(&one.client), make(&two.client));
        let mut answers = [one.0, two.0];
        answers.sort_unstable();
        let made_in_doubt = one.1 + two.1 > 0 && answers == [400, 400];
        assert!(answers == [201, 400] || made_in_doubt, "kanaal-{n}: {answers:?}");
        doubts += one.1 + two.1;
    }
    println!("{KANALEN} kanalen made on two nodes at once, each of them once; {doubts} answers were 503");
    // The address differs by node; the path after it does not.
    let path = |kanaal: &Value| {
        let url = kanaal["url"].as_str().expect("a URL");
        (kanaal["naam"].to_string(), kanaal["filters"].to_string(), url.rsplit('/').next().map(str::to_owned))
    };
    let registry = async |client: &crate::support::Client| {
        let kanalen: Value = client.get("/api/v1/kanaal").await.expect(200).json();
        kanalen.as_array().expect("a list").iter().map(path).collect::<Vec<_>>()
    };
    // Every tenth is deleted again, and every tenth is changed: there is something to compact.
    for n in (0..KANALEN).step_by(10) {
        let (client, other) = if n % 20 == 0 { (&one.client, &two.client) } else { (&two.client, &one.client) };
        client
            .send(Method::DELETE, &format!("/v1/kanalen/kanaal-{n}"), "-", String::new())
            .await
            .expect("an answer")
            .expect(204);
        let change = json!({"naam": format!("kanaal-{}", n + 1)}).to_string();
        let path = format!("/v1/kanalen/kanaal-{}", n + 1);
        other.send(Method::PUT, &path, "application/json", change).await.expect("an answer").expect(200);
    }
    let known = registry(&one.client).await;
    assert_eq!(known.len(), KANALEN - KANALEN / 10 + 2, "those, the declared one and the default");
    assert_eq!(registry(&two.client).await, known);
    let topic = format!("{}.control", cluster.prefix);
    let rows = || tokio::task::block_in_place(|| broker.rows(&topic)).expect("the records of control");
    let before = rows().len();
    let mut turns = 0;
    let compacted = eventually("compaction of control", async || {
        // The newest segment is never compacted: something has to follow it.
        turns += 1;
        one.client.post("/v1/kanalen", json!({"naam": format!("beurt-{turns}")})).await.expect(201);
        let path = format!("/v1/kanalen/beurt-{turns}");
        one.client.send(Method::DELETE, &path, "-", String::new()).await.expect("an answer").expect(204);
        let rows = rows();
        let first = rows.iter().any(|(key, value)| key == b"kanaal:kanaal-0" && *value);
        (!first).then_some(rows.len())
    })
    .await;
    println!("control holds {compacted} of its {before} records after compaction");
    one.stop().await;
    two.stop().await;
    one.start();
    two.start();
    for node in [&one, &two] {
        node.ready().await;
        assert_eq!(registry(&node.client).await, known);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_all_nodes_declare_is_made_once_and_takes_its_marks_to_another_sink() {
    let sink = Sink::start().await;
    let declared =
        format!("[[subscription]]\nid = \"ontvanger\"\nkanalen = [\"zaken\"]\nsink = \"{}\"", sink.url("/first"));
    let cluster = Cluster::on(Broker::shared().expect("a broker"), &declared);
    let (mut one, mut two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let ids = async |client: &crate::support::Client| {
        let all = client.get("/v1/subscriptions").await.expect(200).json();
        let results = all["results"].as_array().expect("a list").iter();
        results.map(|one| one["id"].to_string()).collect::<Vec<_>>()
    };
    let made = ids(&one.client).await;
    assert_eq!((made.len(), ids(&two.client).await), (1, made.clone()));
    one.client.publish("zaken", &[event("1", "k"), event("2", "k")]).await.expect("an answer").expect(202);
    let both = async || (sink.accepted_count("/first") == 2).then_some(());
    eventually("both events", both).await;

    one.stop().await;
    two.stop().await;
    for node in [&mut one, &mut two] {
        node.reconfigure("/first", "/second");
        node.start();
    }
    one.ready().await;
    two.ready().await;
    assert_eq!(ids(&two.client).await, made);
    two.client.publish("zaken", &[event("3", "k")]).await.expect("an answer").expect(202);
    let third = async || sink.accepted("/second").contains("3").then_some(());
    eventually("the event at the other sink", third).await;
    assert_eq!((sink.count("/first"), sink.count("/second")), (2, 1), "nothing comes again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_key_says_so_and_does_not_start() {
    let cluster = Cluster::new();
    let one = cluster.node("one").await;
    let mut two = cluster.spawn_with_other_key("two");
    let status = two.ended().await;
    assert!(!status.success());
    let log = two.log();
    assert!(log.contains("all nodes share one key file (secrets.key_file), and this is another one"), "{log}");
    one.client.get("/readyz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_does_what_its_roles_say() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let beheer = cluster.node_with("beheer", "roles = [\"beheer\"]", "").await;
    let ingest = cluster.node_with("ingest", "roles = [\"ingest\"]", "").await;
    let id = beheer.client.subscribe("zaken", &sink.url("/hook"), json!({})).await;
    ingest.client.publish("zaken", &[event("1", "k")]).await.expect("an answer").expect(202);
    ingest.client.get("/v1/kanalen").await.expect(404);
    ingest.client.post("/api/v1/kanaal", json!({"naam": "x"})).await.expect(404);
    let refused = beheer.client.publish("zaken", &[event("2", "k")]).await.expect("an answer");
    assert!([404, 405].contains(&refused.status.as_u16()), "{}", refused.status);
    // No node has the role of delivery, so none asked for consent either.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(beheer.client.state(&id).await["state"], "validating");
    for node in [&beheer, &ingest] {
        assert_eq!(node.client.get("/readyz").await.json()["checks"], json!({"journal": "ok", "storage": "ok"}));
    }

    let deliver = cluster.node_with("deliver", "roles = [\"deliver\"]", "").await;
    assert_eq!(
        deliver.client.get("/readyz").await.json()["checks"],
        json!({"deliveries": "ok", "journal": "ok", "storage": "ok"})
    );
    deliver.client.get("/v1/subscriptions").await.expect(404);
    eventually("delivery", async || sink.accepted("/hook").contains("1").then_some(())).await;
    let granted = async || (beheer.client.state(&id).await["state"] == "granted").then_some(());
    eventually("consent that everybody knows of", granted).await;
    // The attempts are found at the node that has the journal.
    eventually("delivery in the journal", async || {
        let path = format!("/v1/subscriptions/{id}/deliveries");
        let found = beheer.client.get(&path).await.expect(200).json();
        found["results"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(())
    })
    .await;

    // The node that answers delivers nothing; what it lists and counts is of all nodes.
    let nodes = eventually("the other node", async || {
        let nodes = beheer.client.get("/v1/nodes").await.expect(200).json();
        let has_shards = |node: &Value| node["shards"].as_array().is_some_and(|shards| !shards.is_empty());
        nodes["results"].as_array().is_some_and(|all| all.len() == 2 && has_shards(&all[1])).then_some(nodes)
    })
    .await;
    assert_eq!((&nodes["complete"], &nodes["results"][0]["roles"]), (&json!(false), &json!(["beheer"])));
    assert_eq!((&nodes["results"][0]["shards"], &nodes["results"][1]["answers"]), (&json!([]), &json!(false)));
    let report = beheer.client.get("/v1/configuration/checks").await.expect(200).json();
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().any(|check| check["item"] == "kafka" && check["verdict"] == "ok"), "{report}");
    assert!(!checks.iter().any(|check| check["item"] == "kafka" && check["verdict"] == "wrong"), "{report}");
    eventually("figures", async || {
        let figures = beheer.client.get(&format!("/v1/statistics?subscription={id}")).await.expect(200).json();
        (figures["total"]["delivered"] == 1).then_some(())
    })
    .await;

    // An event that is refused by its receiver, and redriven by a node that keeps no index.
    sink.answer("/hook", crate::support::sink::Answers::Refuse);
    ingest.client.publish("zaken", &[event("3", "k")]).await.expect("an answer").expect(202);
    let letters = async || {
        let found = beheer.client.get("/v1/dead-letters").await.expect(200).json();
        found["results"].as_array().cloned().unwrap_or_default()
    };
    let letter = eventually("dead letter", async || letters().await.pop()).await;
    sink.answer("/hook", crate::support::sink::Answers::Yes);
    let path = format!("/v1/dead-letters/{}/redrive", letter["id"].as_str().expect("an id"));
    let answer = beheer.client.send(Method::POST, &path, "application/json", String::new()).await.expect("an answer");
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
    eventually("redriven event", async || sink.accepted("/hook").contains("3").then_some(())).await;
    eventually("end of the dead letter", async || letters().await.is_empty().then_some(())).await;
}
