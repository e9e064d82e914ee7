//! Shards that go to another node while requests are under way: they are answered first, and nothing is sent twice.

use std::{collections::HashSet, time::Duration};

use serde_json::json;

use crate::support::{
    Cluster, Sink,
    client::event,
    eventually,
    sink::{Answers, has_connection},
};

const SINKS: usize = 8;
const EVENTS: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_that_moves_is_drained_first() {
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let mut one = cluster.node("one").await;
    let paths: Vec<String> = (0..SINKS).map(|n| format!("/slow-{n}")).collect();
    for path in &paths {
        sink.answer(path, Answers::Slowly(Duration::from_millis(400)));
        let config = json!({"start": "beginning", "maxInFlight": 2});
        one.client.subscribe("zaken", &sink.url(path), config).await;
    }
    let events: Vec<_> = (0..EVENTS).map(|n| event(&n.to_string(), &n.to_string())).collect();
    one.client.publish("zaken", &events).await.expect("an answer").expect(202);
    let started = async || paths.iter().all(|path| sink.count(path) > 2).then_some(());
    eventually("requests under way to all sinks", started).await;
    // A second node joins and takes half of the shards; then the first one stops and leaves it the rest.
    let two = cluster.node("two").await;
    let shared = async || (two.client.metric("gateway_shards_owned").await > 3.5).then_some(());
    eventually("shards on the new node", shared).await;
    one.stop().await;
    let all = async || paths.iter().all(|path| sink.accepted_count(path) == EVENTS).then_some(());
    eventually("all events at all sinks", all).await;
    let arrivals: Vec<_> = paths.iter().flat_map(|path| sink.arrivals(path)).collect();
    let once = |path: &String| sink.arrivals(path).iter().map(|one| one.id.clone()).collect::<HashSet<_>>().len();
    let repeated = arrivals.len() - paths.iter().map(once).sum::<usize>();
    let by_two = arrivals.iter().filter(|arrival| has_connection(two.pid(), arrival.port)).count();
    println!("{} requests, at least {by_two} by the node that came, {repeated} repeated", arrivals.len());
    assert!(by_two > 0, "the second node delivered nothing");
    assert_eq!(repeated, 0, "an orderly handover repeats nothing");
}
