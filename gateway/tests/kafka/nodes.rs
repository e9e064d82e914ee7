//! Three nodes under load, one of them killed and another restarted: nothing that was acknowledged is lost.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use model::Timestamp;
use serde_json::{Value, json};

use crate::support::{
    Client, Cluster, Sink,
    client::event,
    eventually,
    node::{Node, SHORT_SESSION_MS, UNSTORED},
    reaches,
    sink::{Arrival, now},
};

const EVENTS: usize = 20_000;
const IN_FLIGHT: usize = 64;
/// The rate that a sink grants, in requests per minute.
const RATE: u32 = 1_200;

/// The acknowledged events, in the order in which each publisher received the answers.
#[derive(Default)]
struct Acknowledged {
    ids: Mutex<Vec<String>>,
    count: AtomicUsize,
}

/// Publishes until enough is acknowledged; a node that does not take an event is left for the next one, and the event for
/// a new one.
async fn publish(nodes: Vec<Client>, first: usize, name: String, acknowledged: Arc<Acknowledged>) -> usize {
    let (mut at, mut refused) = (first, 0);
    for n in 0.. {
        if acknowledged.count.load(Ordering::Relaxed) >= EVENTS {
            break;
        }
        let size = if n % 4 == 3 { 20 } else { 1 };
        let key = |k: usize| format!("{name}-{}", (n + k) % 5);
        let events: Vec<Value> = (0..size).map(|k| event(&format!("{name}-{n:06}-{k:02}"), &key(k))).collect();
        match nodes[at % nodes.len()].publish("zaken", &events).await {
            Some(answer) if answer.status == StatusCode::ACCEPTED => {
                let ids = events.iter().map(|event| event["id"].as_str().expect("an id").to_owned());
                acknowledged.ids.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
                acknowledged.count.fetch_add(size, Ordering::Relaxed);
            }
            Some(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => {
                assert!(answer.headers.contains_key("retry-after"), "a 503 says when to come back");
                refused += size;
                at += 1;
            }
            Some(answer) => panic!("{}: {}", answer.status, answer.body),
            None => {
                refused += size;
                at += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h5_a_killed_and_a_restarted_node_lose_nothing_and_leave_no_delivery_without_outcome_gw_01() {
    let (mut cluster, sink) = (Cluster::new(), Sink::start().await);
    cluster.session_ms = SHORT_SESSION_MS;
    let (one, two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let three = cluster.node("three").await;
    sink.grant("/paced", RATE);
    let mut subscriptions = Vec::new();
    for (path, config) in [
        ("/healthy", json!({"start": "beginning", "maxInFlight": IN_FLIGHT})),
        ("/ordered", json!({"start": "beginning", "maxInFlight": IN_FLIGHT, "order": "key"})),
        ("/paced", json!({"start": "beginning", "maxInFlight": 4})),
    ] {
        subscriptions.push(three.client.subscribe("zaken", &sink.url(path), config).await);
    }
    let clients = vec![one.client.clone(), two.client.clone(), three.client.clone()];
    let acknowledged = Arc::new(Acknowledged::default());
    let publishers: Vec<_> =
        (0..6).map(|n| tokio::spawn(publish(clients.clone(), n, format!("p{n}"), Arc::clone(&acknowledged)))).collect();

    let reached = |share: usize| {
        let acknowledged = Arc::clone(&acknowledged);
        async move {
            let count = || acknowledged.count.load(Ordering::Relaxed);
            reaches("further events that are acknowledged", EVENTS * share / 10, count).await;
        }
    };
    reached(2).await;
    // The one that delivers to the sink where repeats are counted.
    let nodes = [&one, &two, &three];
    let owner = sink.deliverer("/healthy", &nodes.map(Node::pid)).await;
    let (first, second) = if owner == 0 { (0, 1) } else { (owner, 0) };
    let mut nodes = [one, two, three];
    nodes[first].kill();
    let killed = now();
    reached(5).await;
    let restarted = now();
    nodes[second].stop().await;
    nodes[second].start();
    nodes[second].ready().await;
    let mut refused = 0;
    for publisher in publishers {
        refused += publisher.await.expect("every answer was a 202 or a 503");
    }

    let wanted: Vec<String> = acknowledged.ids.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for path in ["/healthy", "/ordered"] {
        sink.accepts_all(path, &wanted).await;
    }
    // H5: the API shows an outcome of each, also of those that the killed node delivered.
    for subscription in &subscriptions[..2] {
        eventually("outcomes of all events", async || {
            let ended = ended(&nodes[second].client, subscription).await;
            wanted.iter().all(|id| ended.contains(id)).then_some(())
        })
        .await;
    }
    let (healthy, ordered, paced) = (sink.arrivals("/healthy"), sink.arrivals("/ordered"), sink.arrivals("/paced"));
    let bound = |arrivals: &[Arrival]| IN_FLIGHT + before(arrivals, killed);
    let repeats = [repeated(&healthy), repeated(&ordered)];
    let bounds = [bound(&healthy), bound(&ordered)];
    let late = healthy.iter().filter(|arrival| arrival.at > restarted).count();
    println!(
        "{} acknowledged, {refused} refused or in doubt, 0 lost; repeated: {} healthy (bound {}), {} ordered (bound {}); \
         {late} arrived after the restart began; {} at the paced sink",
        wanted.len(),
        repeats[0],
        bounds[0],
        repeats[1],
        bounds[1],
        paced.len(),
    );
    assert!(repeats[0] <= bounds[0] && repeats[1] <= bounds[1]);
    assert_eq!(out_of_order(&ordered, &wanted.iter().cloned().collect()), Vec::<String>::new());
    assert!(paced.len() > 50, "the paced sink got too little to tell");
    let most = paced.iter().map(|arrival| within(&paced, arrival.at, Duration::from_secs(6))).max();
    // A tenth of a minute holds a tenth of the rate, and the one that opens it.
    assert!(most <= Some(RATE as usize / 10 + 1), "{most:?} requests in six seconds at a rate of {RATE} a minute");
}

/// The events for which the API shows an outcome.
async fn ended(client: &Client, subscription: &str) -> HashSet<String> {
    let mut ended = HashSet::new();
    for page in 1.. {
        let path = format!("/v1/subscriptions/{subscription}/deliveries?page={page}&pageSize=500");
        let answer = client.get(&path).await.expect(200).json();
        let rows = answer["results"].as_array().expect("rows");
        let rows = rows.iter().filter(|row| !row["outcome"].is_null());
        ended.extend(rows.filter_map(|row| row["event"]["id"].as_str().map(str::to_owned)));
        if answer["next"].is_null() {
            break;
        }
    }
    ended
}

fn repeated(arrivals: &[Arrival]) -> usize {
    arrivals.len() - arrivals.iter().map(|arrival| &arrival.id).collect::<HashSet<_>>().len()
}

/// Arrivals before a kill that may not be in a checkpoint.
fn before(arrivals: &[Arrival], kill: Timestamp) -> usize {
    let last = arrivals.iter().map(|arrival| arrival.at).filter(|at| *at <= kill).max();
    let unsure = |at: Timestamp| last.is_some_and(|last| at <= last && last.since(at) < UNSTORED);
    arrivals.iter().filter(|arrival| unsure(arrival.at)).count()
}

fn within(arrivals: &[Arrival], from: Timestamp, time: Duration) -> usize {
    arrivals.iter().filter(|arrival| arrival.at >= from && arrival.at < from + time).count()
}

/// Acknowledged events that arrived for the first time after a later one of their key.
fn out_of_order(arrivals: &[Arrival], acknowledged: &HashSet<String>) -> Vec<String> {
    let (mut seen, mut newest, mut wrong) = (HashSet::new(), HashMap::new(), Vec::new());
    for arrival in arrivals.iter().filter(|arrival| acknowledged.contains(&arrival.id)) {
        if !seen.insert(arrival.id.clone()) {
            continue;
        }
        let parts: Vec<&str> = arrival.id.split('-').collect();
        let (n, k): (usize, usize) = (parts[1].parse().expect("a number"), parts[2].parse().expect("a number"));
        let key = (parts[0].to_owned(), (n + k) % 5);
        let place = (n, k);
        let last = newest.entry(key).or_insert(place);
        if place < *last {
            wrong.push(format!("{} after {last:?}", arrival.id));
        }
        *last = (*last).max(place);
    }
    wrong
}
