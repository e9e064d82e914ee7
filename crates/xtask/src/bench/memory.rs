//! Resident memory of the gateway: idle with one subscription, and after many events have gone in and out.

use std::time::Duration;

use serde_json::json;

use super::client::Until;
use super::deliver::{arrivals, count};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::{Memory, Process};
use super::report::Table;
use super::{Bench, note_refusals};
use crate::workspace::Failure;

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let (_sink, sink_url) = Process::limit("sink", &["sink"])?;
    let gateway = Gateway::start(bench).await?;
    gateway.subscribe(&sink_url, TYPE).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut table = Table::new(
        "memory",
        "Resident memory of the gateway, one subscriber",
        &["events", "what", "now MiB", "peak MiB"],
    );
    row(&mut table, 0, "idle", gateway.process.memory()?);
    let events = bench.pick(100_000, 30_000);
    let from = count(&sink_url).await?;
    let url = gateway.at(Shape::Structured.path());
    let tally = gateway.client.flood(&url, Shape::Structured, TYPE, 64, Until::Count(events)).await;
    note_refusals(&mut table, "memory", &tally);
    let arrived = arrivals(&sink_url, from, tally.accepted).await?;
    if arrived < tally.accepted {
        table.note(format!("{arrived} of {} arrived, then nothing more", tally.accepted));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    row(&mut table, events, "in and out", gateway.process.memory()?);
    Ok(table)
}

fn row(table: &mut Table, events: u64, what: &str, memory: Memory) {
    let mebibytes = |kibibytes: u64| format!("{:.1}", kibibytes as f64 / 1024.0);
    table.row(
        vec![events.to_string(), what.to_owned(), mebibytes(memory.now), mebibytes(memory.peak)],
        json!({ "events": events, "what": what, "rss_kib": memory.now, "peak_kib": memory.peak }),
    );
}
