//! A subscriber that is down while many events are published, and then comes back: how fast it catches up, how that affects
//! another subscriber, and how much memory the gateway uses meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::Until;
use super::deliver::{arrivals, count};
use super::event_times::{Durations, EventTimes, Sink};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::{Bench, note_refusals};
use crate::workspace::Failure;

/// The type of the events for the other subscriber, whose latency is measured, and their rate.
const LIVE_TYPE: &str = "nl.overheid.bench.levend";
const LIVE_PER_SECOND: u32 = 100;
/// How soon a sink that is down is tried again at the latest, in seconds; the default would only add waiting.
const RETRY: &str = "[delivery.retry]\ncap_seconds = 1\n";
/// How long the first event may take to reach the sink that came back.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time after a load in which the remaining work is done and its memory is freed.
const SETTLE: Duration = Duration::from_secs(3);

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let live = Sink::start()?;
    let (_other, other_url) = Process::limit("sink", &["sink"])?;
    let (down, down_url) = Process::limit("sink", &["sink"])?;
    let gateway = Gateway::start_with(bench, RETRY).await?;
    gateway.subscribe(&live.url, LIVE_TYPE).await?;
    for url in [&other_url, &down_url] {
        gateway.subscribe(url, TYPE).await?;
    }
    let mut table = Table::new(
        "catch-up",
        "A subscriber that was down, and another one beside it at 100 events a second",
        &["events", "what", "events/s", "CPU us/event", "other p50 ms", "p99 ms", "resident MiB"],
    );
    let alone = other(bench, &gateway, &live, "before").await;
    row(&mut table, &gateway, Row { events: 0, what: "before", load: None, other: Some(&alone) })?;

    drop(down);
    let quarter = bench.pick(50_000, 5_000);
    let (mut accepted, mut resident) = (0, Vec::new());
    for _ in 0..4 {
        let (before, url) = (gateway.process.processor_time()?, gateway.at(Shape::Structured.path()));
        let tally = gateway.client.flood(&url, Shape::Structured, TYPE, 64, Until::Count(quarter)).await;
        note_refusals(&mut table, "backlog", &tally);
        accepted += tally.accepted;
        let arrived = arrivals(&other_url, 0, accepted).await?;
        if arrived < accepted {
            table.note(format!("the other subscriber got {arrived} of {accepted} events, then nothing more"));
        }
        let used = gateway.process.processor_time()?.saturating_sub(before);
        tokio::time::sleep(SETTLE).await;
        let load = Some((tally.rate(), per_event(used, tally.accepted)));
        row(&mut table, &gateway, Row { events: accepted, what: "in, while it is down", load, other: None })?;
        resident.push(gateway.process.memory()?.now);
    }

    let port = down_url.rsplit(':').next().unwrap_or_default();
    let (_back, down_url) = Process::limit("sink", &["sink", "--port", port])?;
    let start = Instant::now();
    let mut first = 0;
    while first == 0 && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
        first = count(&down_url).await?;
    }
    let (before, start) = (gateway.process.processor_time()?, Instant::now());
    let caught_up = async {
        let arrived = arrivals(&down_url, 0, accepted).await?;
        Ok::<_, Failure>((arrived, start.elapsed(), gateway.process.processor_time()?.saturating_sub(before)))
    };
    let (caught_up, meanwhile) = tokio::join!(caught_up, other(bench, &gateway, &live, "meanwhile"));
    let (arrived, took, used) = caught_up?;
    if arrived < accepted {
        table.note(format!("{arrived} of {accepted} events reached the subscriber that came back, then nothing more"));
    }
    let rate = arrived.saturating_sub(first) as f64 / took.as_secs_f64();
    let load = Some((rate, per_event(used, arrived)));
    row(&mut table, &gateway, Row { events: arrived, what: "out, once it is back", load, other: Some(&meanwhile) })?;
    // A short backlog proves nothing: it does not fill the bounded windows.
    if !bench.quick
        && let [from, .., to] = resident[..]
    {
        let growth = (to as f64 - from as f64) / 1024.0;
        table
            .note(format!("resident memory from event {quarter} to {accepted}: {growth:+.1} MiB; wanted: less than 5"));
    }
    Ok(table)
}

struct Row<'a> {
    events: u64,
    what: &'static str,
    /// Events per second, and microseconds of processor time per event.
    load: Option<(f64, f64)>,
    other: Option<&'a Durations>,
}

fn row(table: &mut Table, gateway: &Gateway, row: Row<'_>) -> Result<(), Failure> {
    let resident = gateway.process.memory()?.now;
    let Row { events, what, load, other } = row;
    let whole = |figure: Option<f64>| figure.map_or_else(String::new, |figure| format!("{figure:.0}"));
    let [p50, p99] = [0.5, 0.99].map(|share| other.map(|other| other.accepted_to_arrived(share)));
    let fine = |figure: Option<f64>| figure.map_or_else(String::new, |figure| format!("{figure:.2}"));
    table.row(
        vec![
            events.to_string(),
            what.to_owned(),
            whole(load.map(|(rate, _)| rate)),
            whole(load.map(|(_, processor)| processor)),
            fine(p50),
            fine(p99),
            format!("{:.1}", resident as f64 / 1024.0),
        ],
        json!({
            "events": events, "what": what, "per_second": load.map(|(rate, _)| rate),
            "cpu_us_per_event": load.map(|(_, processor)| processor),
            "other_accepted_to_arrived_ms": { "p50": p50, "p99": p99 }, "rss_kib": resident,
        }),
    );
    Ok(())
}

/// Measures for some seconds how long events take to reach the other subscriber.
async fn other(bench: &Bench<'_>, gateway: &Gateway, live: &Sink, name: &str) -> Durations {
    let times = EventTimes::new(name.to_owned(), u64::from(LIVE_PER_SECOND) * bench.pick(5, 1));
    live.record_into(&times);
    gateway.client.pace(&gateway.at(Shape::Structured.path()), LIVE_TYPE, LIVE_PER_SECOND, &times).await;
    times.complete().await;
    times.durations()
}

fn per_event(used: Duration, events: u64) -> f64 {
    used.as_secs_f64() * 1e6 / events.max(1) as f64
}
