//! Many subscribers that were down together and come back together: how long until each has its part of the backlog, and the memory
//! meanwhile. Each event is for one of them. Their receivers are paths of one server, which was down while the events were published.

use std::time::{Duration, Instant};

use serde_json::json;

use super::post::{self, rate};
use super::{Aim, figure, figure_of, mebibytes, seconds};
use crate::bench::Bench;
use crate::bench::deliver::{arrivals, count, push};
use crate::bench::gateway::Gateway;
use crate::bench::messages::KANAAL;
use crate::bench::process::Process;
use crate::bench::report::Table;
use crate::workspace::Failure;

/// Connections that create and publish.
const CONNECTIONS: u64 = 16;
/// How soon a receiver that is down is tried again at the latest, in seconds; the default would only add waiting.
const RETRY: &str = "[delivery.retry]\ncap_seconds = 1\n";
/// The time after which the work of a load is done.
const SETTLE: Duration = Duration::from_secs(3);

pub async fn measure(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let subscribers: u64 = bench.pick(1_000, 50);
    let backlog = bench.backlog.unwrap_or_else(|| bench.pick(100_000, 5_000)).max(subscribers);
    let (down, sink) = Process::limit("sink", &["sink"])?;
    let gateway = Gateway::start_administered(bench, RETRY).await?;
    let client = gateway.administrator()?;
    let (url, receiver) = (gateway.at("/v1/subscriptions"), sink.clone());
    let request = move |number| {
        let subscription = json!({
            "sink": format!("{receiver}/{number}"),
            "protocol": "HTTP",
            "filters": [{ "exact": { "type": event_type(number) } }],
            "config": { "kanalen": [KANAAL], "validation": "manual", "agreement": "gemeten" },
        });
        post::json(&url, &subscription)
    };
    post::all(&client, CONNECTIONS, 0..subscribers, request).await?;
    mebibytes(table, &format!("memory with {subscribers} subscribers"), gateway.process.memory()?.now);

    drop(down);
    let url = gateway.at(&format!("/v1/events?kanaal={KANAAL}"));
    let published =
        post::events(&client, &url, CONNECTIONS, 0..backlog, move |number| event_type(number % subscribers)).await?;
    figure(table, "events appended per second, while all are down", Aim::None, published);
    tokio::time::sleep(SETTLE).await;
    mebibytes(table, &format!("memory with {backlog} events that wait"), gateway.process.memory()?.now);

    let port = sink.rsplit(':').next().unwrap_or_default();
    let (_back, sink) = Process::limit("sink", &["sink", "--port", port])?;
    let (start, used) = (Instant::now(), gateway.process.processor_time()?);
    let arrived = arrivals(&sink, 0, backlog).await?;
    let (took, used) = (start.elapsed(), gateway.process.processor_time()?.saturating_sub(used));
    if arrived < backlog {
        return Err(format!("{arrived} of {backlog} events arrived, then nothing more"));
    }
    seconds(table, &format!("until {subscribers} subscribers have {backlog} events"), took);
    mebibytes(table, "memory at most", gateway.process.memory()?.peak);
    let used = used.as_secs_f64() * 1e6 / backlog as f64;
    figure(table, "processor time of a delivery to them, us", Aim::None, used);
    tokio::time::sleep(SETTLE).await;
    let again = count(&sink).await?.saturating_sub(backlog);
    if again > 0 {
        table.note(format!("{again} of {backlog} events came again to the subscribers that were down"));
    }
    let pushed = push(&sink, backlog)?;
    let delivered = rate(backlog, took);
    figure(table, "posts per second of the bare loop", Aim::None, pushed);
    figure_of(table, "deliveries per second to them", Aim::None, delivered, ("of_push", delivered / pushed));
    Ok(())
}

/// The type of the events for one of the subscribers.
fn event_type(subscriber: u64) -> String {
    format!("nl.overheid.bench.afnemer-{subscriber}")
}
