//! `gateway verify` on topics.

use model::{Random, clock::SystemRandom};
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_verify_of_a_wrong_prefix_is_an_error() {
    let (good, output) = Cluster::new().verify();
    assert!(!good && output.contains("there is no topic"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_a1_g11_verify_and_check_find_what_is_wrong_beside_what_is_right() {
    let (broker, cluster, sink) = (Broker::shared().expect("a broker"), Cluster::new(), Sink::start().await);
    let mut node = cluster.node("one").await;
    node.client.subscribe("zaken", &sink.url("/hook"), json!({})).await;
    for n in 0..20 {
        let event = [event(&format!("e{n}"), &format!("k{n}"))];
        let accepted = async || node.client.publish("zaken", &event).await.filter(|answer| answer.status == 202);
        eventually("acceptance of an event", accepted).await;
    }
    eventually("deliveries", async || (sink.accepted("/hook").len() == 20).then_some(())).await;
    let (good, output) = cluster.verify();
    assert!(good, "while a node runs: {output}");
    node.stop().await;
    let (good, output) = cluster.verify();
    let records = |line: &str| line.split(": ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
    let of_kanaal = output.lines().filter(|line| line.starts_with("ok     kanaal zaken, partition "));
    assert!(good && of_kanaal.filter_map(records).sum::<u64>() == 20, "{output}");

    let (good, output) = cluster.check("");
    assert!(good && output.contains("the sinks of 1 subscriptions are allowed"), "{output}");
    let (good, output) = cluster.audit_deliveries();
    assert!(
        good && output.contains(": 20 wanted = 20 delivered + 0 dead letters + 0 ended + 0 expired + 0 open"),
        "{output}"
    );

    // What other programs write, and the loss of a log.
    let foreign = SystemRandom.uuid().to_string();
    for name in ["outcomes", "dead-letters", "control"] {
        broker
            .write(&format!("{}.{name}", cluster.prefix()), &foreign, "no record of a gateway")
            .await
            .expect("written");
    }
    broker.delete_topic(&format!("{}.kanaal.zaken", cluster.prefix())).await.expect("deleted");
    // Brokers learn of the deletion one after another.
    let found = async || {
        let (good, output) = cluster.verify();
        let wrong = ["marks are not of the present logs", "have outcomes of records that do not exist"];
        (!good && wrong.iter().all(|text| output.contains(text))).then_some(output)
    };
    let output = eventually("findings about the log that is gone", found).await;
    for name in ["outcomes", "dead-letters", "control"] {
        let place = format!("topic {}.{name}, partition 0: 1 cannot be read, at offset: ", cluster.prefix());
        assert!(output.contains(&place), "{name}: {output}");
    }
}
