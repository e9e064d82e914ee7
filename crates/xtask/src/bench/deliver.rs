//! Events out per second: a backlog delivered to one sink and to ten, on Kafka also by three nodes, beside the same number of
//! bare posts to the same sink process. The backlog is laid while the subscriptions are paused.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Client, Until};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::statistics::{RoundSummary, of_before, share};
use super::{Bench, note_refusals};
use crate::workspace::{Failure, output};

/// How long a backlog may make no progress before the round ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// The time after which the nodes of an installation have divided the shards.
const SETTLE: Duration = Duration::from_secs(5);

/// An installation under measurement, with the figures of its rounds.
struct Installation {
    name: &'static str,
    gateway: Gateway,
    /// Further nodes.
    others: Vec<Gateway>,
    subscriptions: Vec<String>,
    delivered: Vec<f64>,
    processor: Vec<f64>,
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let (_sink, sink_url) = Process::limit("sink", &["sink"])?;
    let requests: u64 = if bench.is_embedded() { bench.pick(100_000, 30_000) } else { bench.pick(50_000, 10_000) };
    let cases = if bench.is_embedded() { &[(1, 1), (1, 10)][..] } else { &[(1, 1), (1, 10), (3, 10)] };
    let rounds = bench.rounds;
    let mut table = Table::new(
        "deliver",
        format!(
            "Events out per second: a backlog of {requests} deliveries (median of {rounds} rounds, lowest and highest)"
        ),
        &["sinks", "what", "nodes", "deliveries/s", "of push", "of before", "CPU us/delivery"],
    );
    for &(nodes, sinks) in cases {
        let mut installations = vec![Installation::new("gateway", Gateway::start(bench).await?)];
        if nodes == 1
            && let Some(gateway) = Gateway::start_before(bench).await?
        {
            installations.push(Installation::new("gateway, before", gateway));
        }
        for installation in &mut installations {
            installation.extend(bench, nodes, sinks, &sink_url).await?;
        }
        let mut pushed = Vec::new();
        for _ in 0..rounds {
            pushed.push(push(&sink_url, requests)?);
            for installation in &mut installations {
                installation.round(requests, &sink_url, &mut table).await?;
            }
        }
        let pushed = RoundSummary::of(&pushed);
        table.row(
            vec![sinks.to_string(), "push".to_owned(), String::new(), pushed.whole()],
            json!({ "sinks": sinks, "what": "push", "per_second": pushed.json() }),
        );
        for (position, installation) in installations.iter().enumerate() {
            let [delivered, processor] =
                [&installation.delivered, &installation.processor].map(|rounds| RoundSummary::of(rounds));
            let before = installations.get(1).filter(|_| position == 0);
            let before = before.map(|before| of_before(&installation.delivered, &before.delivered));
            table.row(
                vec![
                    sinks.to_string(),
                    installation.name.to_owned(),
                    nodes.to_string(),
                    delivered.whole(),
                    share(delivered.median, pushed.median),
                    before.map_or_else(String::new, |ratio| format!("{ratio:.3}")),
                    format!("{:.0}", processor.median),
                ],
                json!({
                    "sinks": sinks, "what": installation.name, "nodes": nodes, "per_second": delivered.json(),
                    "of_push": delivered.median / pushed.median, "of_before": before,
                    "cpu_us_per_delivery": processor.json(),
                }),
            );
        }
    }
    Ok(table)
}

impl Installation {
    fn new(name: &'static str, gateway: Gateway) -> Self {
        let (others, subscriptions, delivered, processor) = (vec![], vec![], vec![], vec![]);
        Self { name, gateway, others, subscriptions, delivered, processor }
    }

    /// Starts nodes up to this number, and subscribes this number of sinks.
    async fn extend(&mut self, bench: &Bench<'_>, nodes: u64, sinks: u64, sink_url: &str) -> Result<(), Failure> {
        for _ in 1..nodes {
            self.others.push(self.gateway.beside(bench, &[]).await?);
        }
        if nodes > 1 {
            tokio::time::sleep(SETTLE).await;
        }
        for number in 0..sinks {
            self.subscriptions.push(self.gateway.subscribe(&format!("{sink_url}/{number}"), TYPE).await?);
        }
        Ok(())
    }

    fn processor_time(&self) -> Result<Duration, Failure> {
        self.others.iter().chain([&self.gateway]).map(|node| node.process.processor_time()).sum()
    }

    /// Lays a backlog while the subscriptions are paused, and measures how fast it is delivered.
    async fn round(&mut self, requests: u64, sink_url: &str, table: &mut Table) -> Result<(), Failure> {
        let (gateway, sinks) = (&self.gateway, self.subscriptions.len() as u64);
        for subscription in &self.subscriptions {
            gateway.switch(subscription, "pause").await?;
        }
        let url = gateway.at(Shape::Structured.path());
        let tally = gateway.client.flood(&url, Shape::Structured, TYPE, 64, Until::Count(requests / sinks)).await;
        note_refusals(table, "backlog", &tally);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let expected = tally.accepted * sinks;
        let (before, start) = (self.processor_time()?, Instant::now());
        let from = count(sink_url).await?;
        for subscription in &self.subscriptions {
            gateway.switch(subscription, "resume").await?;
        }
        let arrived = arrivals(sink_url, from, expected).await?;
        if arrived < expected {
            table.note(format!(
                "{}, {sinks} sinks: {arrived} of {expected} arrived, then nothing for {PATIENCE:?}",
                self.name
            ));
            return Ok(());
        }
        self.delivered.push(arrived as f64 / start.elapsed().as_secs_f64());
        let used = self.processor_time()?.saturating_sub(before);
        self.processor.push(used.as_secs_f64() * 1e6 / arrived.max(1) as f64);
        Ok(())
    }
}

/// Bare posts per second to the sink.
pub fn push(sink: &str, requests: u64) -> Result<f64, Failure> {
    let program = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
    let requests = requests.to_string();
    let arguments = ["limit", "push", sink, "--requests", &requests, "--connections", "64", "--bytes", "500"];
    let text = output(Command::new(program).args(arguments))?;
    text.trim().parse().map_err(|_| format!("push said: {text}"))
}

/// How many requests the sink process has counted.
pub async fn count(sink: &str) -> Result<u64, Failure> {
    let answer = Client::new(None).call("GET", sink, None).await?;
    answer.as_u64().ok_or_else(|| format!("the sink said: {answer}"))
}

/// Waits until so many more requests have arrived, or nothing has for a while; returns how many did.
pub async fn arrivals(sink: &str, from: u64, expected: u64) -> Result<u64, Failure> {
    let client = Client::new(None);
    let (mut last, mut moved) = (0, Instant::now());
    loop {
        let answer = client.call("GET", sink, None).await?;
        let arrived = answer.as_u64().unwrap_or(0).saturating_sub(from);
        if arrived > last {
            (last, moved) = (arrived, Instant::now());
        }
        if arrived >= expected || moved.elapsed() > PATIENCE {
            return Ok(arrived);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
