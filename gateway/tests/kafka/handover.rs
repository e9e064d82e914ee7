//! Shards that go to another node while requests are under way: they are answered first, and nothing is sent twice.

use std::{collections::HashSet, time::Duration};

use serde_json::json;

use crate::support::{
    Client, Cluster, Sink,
    client::event,
    eventually,
    sink::{Answers, has_connection},
};

const SINKS: usize = 8;
/// So many events wait at most for a sink: some are under way, and none waits long.
const BACKLOG: usize = 10;
/// How many events are published in one request.
const BATCH: usize = 5;

/// Publishes so that requests are always under way to all sinks, until a condition holds.
async fn busy_until(
    what: &str,
    (client, sink, paths): (&Client, &Sink, &[String]),
    published: &mut usize,
    holds: impl AsyncFn() -> bool,
) {
    eventually(what, async || {
        let behind = paths.iter().map(|path| *published - sink.accepted_count(path)).min();
        if behind < Some(BACKLOG - BATCH) {
            let ids = (*published..*published + BATCH).map(|n| n.to_string());
            let events: Vec<_> = ids.map(|id| event(&id, &id)).collect();
            client.publish("zaken", &events).await.expect("an answer").expect(202);
            *published += BATCH;
        }
        holds().await.then_some(())
    })
    .await;
}

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
    let mut published = 0;
    let by_one = one.client.clone();
    let busy = (&by_one, &sink, &paths[..]);
    let started = async || paths.iter().all(|path| sink.count(path) > 2);
    busy_until("requests under way to all sinks", busy, &mut published, started).await;
    // A second node joins and takes half of the shards; then the first one stops and leaves it the rest.
    let two = cluster.spawn("two", "", "");
    let ready = async || two.is_ready().await;
    busy_until("a second node", busy, &mut published, ready).await;
    let shared = async || two.client.metric("gateway_shards_owned").await > 3.5;
    busy_until("shards on the new node", busy, &mut published, shared).await;
    one.stop().await;
    let last: Vec<_> = (published..published + BATCH).map(|n| event(&n.to_string(), &n.to_string())).collect();
    two.client.publish("zaken", &last).await.expect("an answer").expect(202);
    published += BATCH;
    let all = async || paths.iter().all(|path| sink.accepted_count(path) == published).then_some(());
    eventually("all events at all sinks", all).await;
    let arrivals: Vec<_> = paths.iter().flat_map(|path| sink.arrivals(path)).collect();
    let once = |path: &String| sink.arrivals(path).iter().map(|one| one.id.clone()).collect::<HashSet<_>>().len();
    let repeated = arrivals.len() - paths.iter().map(once).sum::<usize>();
    let by_two = arrivals.iter().filter(|arrival| has_connection(two.pid(), arrival.port)).count();
    println!("{} requests, at least {by_two} by the node that came, {repeated} repeated", arrivals.len());
    assert!(by_two > 0, "the second node delivered nothing");
    assert_eq!(repeated, 0, "an orderly handover repeats nothing");
}
