//! A subscriber that was down while many events were published: all of them arrive, others do not wait, and memory is bounded.

use std::time::Duration;

use serde_json::json;

use crate::support::{Cluster, Sink, client::event, node::Node, reaches, sink::Answers};

/// Events that are published. A debug build takes up to ten minutes for 200,000, which GATEWAY_KAFKA_BACKLOG sets, so these are
/// fewer and larger: as many bytes.
const EVENTS: usize = 60_000;
/// Bytes added to the data of each event.
const FILLING: usize = 1_000;
/// How many events are published in one request.
const BATCH: usize = 500;
/// How much memory may grow during the second half, in bytes: what is bounded by a number of events is full by then. Half of what is
/// published in it, and above what an allocator keeps back.
const GROWTH: u64 = 15_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_returning_subscriber_gets_everything_and_memory_stays_bounded_gw_08() {
    let configured = std::env::var("GATEWAY_KAFKA_BACKLOG").ok().and_then(|count| count.parse().ok());
    let (events, filling) = configured.map_or((EVENTS, FILLING), |events: usize| (events, 0));
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = cluster.node_with("one", "", "[delivery.retry]\ncap_seconds = 1\n").await;
    for path in ["/down", "/up"] {
        node.client.subscribe("zaken", &sink.url(path), json!({"start": "beginning"})).await;
    }
    sink.answer("/down", Answers::Down);
    let mut seen = Vec::new();
    for first in (0..events).step_by(BATCH) {
        let batch: Vec<_> = (first..first + BATCH)
            .map(|n| {
                let mut event = event(&n.to_string(), &n.to_string());
                event["data"]["meer"] = "y".repeat(filling).into();
                event
            })
            .collect();
        node.client.publish("zaken", &batch).await.expect("an answer").expect(202);
        let published = first + BATCH;
        if published.is_multiple_of(events / 4) {
            arrived(&sink, "/up", published).await;
            seen.push(held(&node).await);
        }
    }
    // A connection that is lost on a busy machine has events sent again; how many is printed, not asserted.
    let repeated = sink.count("/up") - events;
    sink.answer("/down", Answers::Yes);
    let started = tokio::time::Instant::now();
    arrived(&sink, "/down", events).await;
    let took = started.elapsed().max(Duration::from_millis(1));
    println!(
        "{events} events while a subscriber was down: resident {:?} MiB at each quarter; the other had each of them by then \
         ({repeated} repeated); the backlog arrived in {took:.1?}, {:.0} a second; resident {} MiB at the end",
        seen.iter().map(|bytes| bytes >> 20).collect::<Vec<_>>(),
        events as f64 / took.as_secs_f64(),
        node.resident() >> 20
    );
    let growth = seen[3].saturating_sub(seen[1]);
    assert!(growth < GROWTH, "memory grew by {growth} bytes during the second half");
}

/// Resident memory of the idle node, in bytes: the lowest value of four seconds, in which it frees memory.
async fn held(node: &Node) -> u64 {
    let mut least = node.resident();
    for _ in 0..80 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        least = least.min(node.resident());
    }
    least
}

/// Waits until so many events were accepted at a path, for as long as they keep coming.
async fn arrived(sink: &Sink, path: &str, count: usize) {
    reaches("further events", count, || sink.accepted_count(path)).await;
}
