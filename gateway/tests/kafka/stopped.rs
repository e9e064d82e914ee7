//! A node that is paused (SIGSTOP) for longer than its session, and then resumed.

use std::{collections::HashSet, time::Duration};

use model::Timestamp;
use serde_json::json;

use crate::support::{
    Cluster, Sink,
    client::event,
    eventually,
    node::{Node, SHORT_SESSION_MS, UNSTORED},
    reaches,
    sink::{Arrival, has_connection, now},
};

const IN_FLIGHT: usize = 4;

/// When a node logged something, in order.
fn logged(node: &Node, what: &str) -> Vec<Timestamp> {
    let log = node.log();
    let lines = log.lines().filter(|line| line.contains(what));
    lines.filter_map(|line| Timestamp::parse_rfc3339(line.split_whitespace().next()?)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_changes_nothing_any_more() {
    let (mut cluster, sink) = (Cluster::new(), Sink::start().await);
    cluster.session_ms = SHORT_SESSION_MS;
    let one = cluster.node("one").await;
    // With one node to start with, it decides on changes and delivers everything.
    assert!(one.client.metric("gateway_kafka_processor").await > 0.5);
    one.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning", "maxInFlight": IN_FLIGHT})).await;
    let mut published = 0;
    let mut publish = async |client: &crate::support::Client, count: usize| {
        let events: Vec<_> = (published..published + count).map(|n| event(&n.to_string(), &n.to_string())).collect();
        published += count;
        client.publish("zaken", &events).await.expect("an answer").expect(202);
    };
    publish(&one.client, 500).await;
    eventually("a good part", async || (sink.count("/hook") > 100).then_some(())).await;
    one.signal("-STOP");
    // Its threads stop one by one.
    eventually("stop of all threads", async || one.is_stopped().then_some(())).await;
    let stopped = now();
    let two = cluster.node("two").await;
    let left = async || (two.client.metric("gateway_shards_owned").await > 7.5).then_some(());
    eventually("shards on the other node", left).await;
    publish(&two.client, 500).await;
    reaches("further events", 1_000, || sink.accepted_count("/hook")).await;
    two.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await.expect(201);

    // Before the signal: the node may have found out by the time it is known to be sent.
    let continued = now();
    one.signal("-CONT");
    // It has to find out by itself: what it holds is out of date, and what it writes is refused.
    let late = eventually("decision on what another node decided", async || {
        let late = one.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await;
        // Storage does not confirm while the node finds out; nothing is accepted then.
        (late.status != 503).then_some(late)
    })
    .await;
    assert_eq!(late.status.as_u16(), 409, "{}", late.body);
    let after = |what: &str| logged(&one, what).into_iter().filter(|at| *at > continued).collect::<Vec<_>>();
    let word = "does not own the shard any more";
    eventually("word of the loss", async || after(word).first().map(|_| ())).await;
    let shards = async || {
        let [here, there] = [&one, &two].map(|node| node.client.clone());
        let (here, there) = tokio::join!(here.metric("gateway_shards_owned"), there.metric("gateway_shards_owned"));
        (here > 0.5 && there > 0.5 && (here + there - 8.0).abs() < 0.1).then_some(())
    };
    eventually("shards on both nodes", shards).await;
    let regained = after("deliveries start").into_iter().min().expect("it delivers again");
    // Each shard notices by itself.
    let noticed = after(word).into_iter().filter(|at| *at < regained).max().expect("it noticed before");
    publish(&one.client, 200).await;
    reaches("further events", 1_200, || sink.accepted_count("/hook")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    let arrivals = sink.arrivals("/hook");
    let within = |from: Timestamp, until: Timestamp| {
        arrivals.iter().filter(move |arrival| arrival.at > from && arrival.at < until)
    };
    // The other node has nothing left to send when this one goes on.
    let unaware = within(continued, noticed).count();
    let aware = within(noticed, regained).filter(|arrival| has_connection(one.pid(), arrival.port)).count();
    let repeated = arrivals.len() - arrivals.iter().map(|arrival| &arrival.id).collect::<HashSet<_>>().len();
    let last =
        arrivals.iter().map(|arrival| arrival.at).filter(|at| *at <= stopped).max().expect("it delivered before");
    let unsure = |arrival: &&Arrival| arrival.at <= last && last.since(arrival.at) < UNSTORED;
    let bound = IN_FLIGHT + arrivals.iter().filter(unsure).count() + unaware + aware;
    let fenced = one.client.metric("gateway_kafka_fenced_writes_total").await;
    println!(
        "stood still for {:?}: {repeated} of {} repeated (bound {bound}); {unaware} sent before it noticed, {aware} between \
         that and its new shards; {fenced} writes refused",
        continued.since(stopped),
        arrivals.len(),
    );
    assert!(aware <= IN_FLIGHT, "{aware} sent by a node that knows it lost its shards; {IN_FLIGHT} may be under way");
    assert!(repeated <= bound, "{repeated} repeated, at most {bound} were in flight or not stored");
    // Nothing went back: a restart of everything brings nothing again.
    let (mut one, mut two) = (one, two);
    one.stop().await;
    two.stop().await;
    one.start();
    two.start();
    one.ready().await;
    two.ready().await;
    one.client.publish("zaken", &[event("last", "k")]).await.expect("an answer").expect(202);
    eventually("the last event", async || sink.accepted("/hook").contains("last").then_some(())).await;
    assert_eq!(sink.count("/hook"), arrivals.len() + 1, "events came again after a restart");
}
