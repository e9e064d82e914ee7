//! Events in per second, by number of connections: the gateway in three shapes beside a server that keeps nothing and
//! one that only stores the bytes, in the same kind of storage. There are no subscriptions. On Kafka also with a node that has
//! only the role of ingest, while no other node runs.

use std::time::Duration;

use serde_json::json;

use super::client::{Client, Until};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::statistics::{RoundSummary, of_before, share};
use super::{Bench, note_refusals};
use crate::workspace::Failure;

/// The time after a load in which its background work is done.
const SETTLE: Duration = Duration::from_millis(300);

/// What is behind the name of a shape when the version before took it.
const BEFORE: &str = ", before";

/// One of the compared servers, with the figures of its rounds.
struct ComparedServer<'a> {
    name: String,
    url: String,
    client: Client,
    shape: Shape,
    process: &'a Process,
    rates: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    processor: Vec<f64>,
}

impl<'a> ComparedServer<'a> {
    fn new(name: &str, url: String, client: Client, shape: Shape, process: &'a Process) -> Self {
        Self {
            name: name.to_owned(),
            url,
            client,
            shape,
            process,
            rates: vec![],
            p50: vec![],
            p99: vec![],
            processor: vec![],
        }
    }
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let gateway = Gateway::start(bench).await?;
    let before = Gateway::start_before(bench).await?;
    let mut table = Table::new(
        "ingest",
        format!("Events in per second, 500 bytes each (median of {} rounds, lowest and highest)", bench.rounds),
        &[
            "connections",
            "what",
            "requests/s",
            "of null",
            of_kept(bench)[0],
            "of before",
            "p50 ms",
            "p99 ms",
            "CPU us/event",
        ],
    );
    compare(bench, &gateway, before.as_ref(), "", &mut table).await?;
    if !bench.is_embedded() {
        let node = gateway.beside(bench, &["--roles", "ingest"]).await?;
        drop(gateway);
        compare(bench, &node, None, ", role ingest alone", &mut table).await?;
    }
    Ok(table)
}

/// The name of the ratio to the server that stores the bytes, in the table and in JSON.
fn of_kept(bench: &Bench<'_>) -> [&'static str; 2] {
    if bench.is_embedded() { ["of sqlite", "of_sqlite"] } else { ["of kafka", "of_kafka"] }
}

async fn compare(
    bench: &Bench<'_>,
    gateway: &Gateway,
    before: Option<&Gateway>,
    suffix: &str,
    table: &mut Table,
) -> Result<(), Failure> {
    let (null, null_url) = Process::limit("ingest-null", &["ingest-null"])?;
    let kept = bench.storage.limit(bench.workspace)?;
    for connections in [1, 16, 64] {
        let mut contenders = vec![
            ComparedServer::new("ingest-null", null_url.clone(), Client::new(None), Shape::Structured, &null),
            ComparedServer::new(kept.name, kept.url.clone(), Client::new(None), Shape::Structured, &kept.process),
        ];
        for shape in Shape::ALL {
            let client = gateway.client.clone();
            let name = format!("{}{suffix}", shape.name());
            contenders.push(ComparedServer::new(&name, gateway.at(shape.path()), client, shape, &gateway.process));
            if let Some(before) = before {
                let (name, url, client) = (format!("{name}{BEFORE}"), before.at(shape.path()), before.client.clone());
                contenders.push(ComparedServer::new(&name, url, client, shape, &before.process));
            }
        }
        for _ in 0..bench.rounds {
            for contender in &mut contenders {
                round(bench, contender, connections, table).await?;
            }
            // What the disk still writes of one server slows the next one down: every second round goes the other way.
            contenders.reverse();
        }
        if bench.rounds % 2 == 1 {
            contenders.reverse();
        }
        let [null, bare] = [0, 1].map(|index| RoundSummary::of(&contenders[index].rates).median);
        let rates = |name: &str| contenders.iter().find(|other| other.name == name).map(|other| &other.rates);
        for contender in &contenders {
            let before =
                rates(&format!("{}{BEFORE}", contender.name)).map(|before| of_before(&contender.rates, before));
            let [rate, p50, p99, processor] = [&contender.rates, &contender.p50, &contender.p99, &contender.processor]
                .map(|rounds| RoundSummary::of(rounds));
            table.row(
                vec![
                    connections.to_string(),
                    contender.name.clone(),
                    rate.whole(),
                    share(rate.median, null),
                    share(rate.median, bare),
                    before.map_or_else(String::new, |ratio| format!("{ratio:.3}")),
                    format!("{:.2}", p50.median),
                    format!("{:.2}", p99.median),
                    format!("{:.0}", processor.median),
                ],
                json!({
                    "connections": connections, "what": contender.name, "per_second": rate.json(),
                    "of_null": rate.median / null, of_kept(bench)[1]: rate.median / bare, "of_before": before,
                    "p50_ms": p50.json(), "p99_ms": p99.json(), "cpu_us_per_event": processor.json(),
                }),
            );
        }
    }
    Ok(())
}

async fn round(
    bench: &Bench<'_>,
    contender: &mut ComparedServer<'_>,
    connections: u64,
    table: &mut Table,
) -> Result<(), Failure> {
    let warm = Until::Elapsed(Duration::from_millis(bench.pick(500, 100)));
    contender.client.flood(&contender.url, contender.shape, TYPE, connections, warm).await;
    tokio::time::sleep(SETTLE).await;
    let before = contender.process.processor_time()?;
    let until = Until::Elapsed(Duration::from_millis(bench.pick(3000, 400)));
    let tally = contender.client.flood(&contender.url, contender.shape, TYPE, connections, until).await;
    tokio::time::sleep(SETTLE).await;
    let processor = contender.process.processor_time()?.saturating_sub(before);
    note_refusals(table, &contender.name, &tally);
    contender.rates.push(tally.rate());
    contender.p50.push(tally.percentile(0.5));
    contender.p99.push(tally.percentile(0.99));
    contender.processor.push(processor.as_secs_f64() * 1e6 / tally.accepted.max(1) as f64);
    Ok(())
}
