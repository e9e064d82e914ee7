//! A subscriber that was down while many events went by: all of them arrive, others do not wait, and memory stays flat.

use std::time::Duration;

use serde_json::json;

use crate::support::{Cluster, Sink, client::event, eventually, sink::Answers};

/// Events that go by; 200,000 when GATEWAY_KAFKA_BACKLOG says so.
const EVENTS: usize = 40_000;
/// How many are published at once.
const BATCH: usize = 500;
/// How much memory may grow while the backlog does.
const GROWTH: u64 = 5 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_returning_subscriber_gets_everything_and_memory_stays_flat_gw_08() {
    let events = std::env::var("GATEWAY_KAFKA_BACKLOG").ok().and_then(|count| count.parse().ok()).unwrap_or(EVENTS);
    let (cluster, sink) = (Cluster::new(), Sink::start().await);
    let node = cluster.node_with("one", "", "[delivery.retry]\ncap_seconds = 1\n").await;
    for path in ["/down", "/up"] {
        node.client.subscribe("zaken", &sink.url(path), json!({"start": "beginning"})).await;
    }
    sink.answer("/down", Answers::Down);
    let (mut early, mut published) = (0, 0);
    while published < events {
        let batch: Vec<_> = (published..published + BATCH).map(|n| event(&n.to_string(), &n.to_string())).collect();
        node.client.publish("zaken", &batch).await.expect("an answer").expect(202);
        published += BATCH;
        if published % (events / 20) == 0 {
            println!("{published} {} {}", node.resident() >> 20, sink.count("/up"));
        }
        if published == events / 4 {
            eventually("events at the one that is up", async || (sink.count("/up") >= published).then_some(())).await;
            early = node.resident();
        }
    }
    eventually("all events at the one that is up", async || (sink.accepted("/up").len() == events).then_some(())).await;
    let late = node.resident();
    let repeated = sink.count("/up") - events;
    sink.answer("/down", Answers::Yes);
    let started = tokio::time::Instant::now();
    let all = async || (sink.accepted("/down").len() == events).then_some(());
    for _ in 0..5 {
        if all().await.is_some() {
            break;
        }
        tokio::time::timeout(Duration::from_secs(58), async {
            loop {
                if all().await.is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        })
        .await
        .ok();
    }
    eventually("all events at the one that was down", all).await;
    let took = started.elapsed().max(Duration::from_millis(1));
    println!(
        "{events} events while a subscriber was down: memory {early} bytes at a quarter, {late} at the end ({} more); the other \
         got all of them ({repeated} repeated); the backlog arrived in {took:?}, {:.0} a second; memory then {}",
        late.saturating_sub(early),
        events as f64 / took.as_secs_f64(),
        node.resident()
    );
    assert!(late.saturating_sub(early) < GROWTH, "memory grew by {} bytes", late.saturating_sub(early));
    assert_eq!(repeated, 0);
}
