//! How long an event takes to a healthy subscriber, at a low and a higher rate: alone, beside one subscriber that hangs,
//! and beside a hundred, each of them fed 40 events a second. Client and sink share one clock.

use std::time::Duration;

use serde_json::json;

use super::client::Client;
use super::event_times::{Durations, EventTimes, Sink};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::statistics::RoundSummary;
use super::{Bench, ROUNDS};
use crate::workspace::Failure;

/// The type of the events for the hanging subscribers, and their rate.
const HUNG_TYPE: &str = "nl.overheid.bench.hangend";
const HUNG_PER_SECOND: u32 = 40;
/// Long enough at that rate to fill every window before anything is measured.
const FILL: Duration = Duration::from_secs(3);

/// The rounds of one row.
struct Row {
    hung: usize,
    per_second: u32,
    rounds: Vec<Durations>,
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let sink = Sink::start()?;
    let (_hanging, hanging_url) = Process::limit("hanging sink", &["sink", "--hang"])?;
    let rates = [(10, bench.pick(20, 3)), (500, bench.pick(10, 2))];
    // The effect of a subscriber that hangs is decided in the delivery engine, whatever the storage.
    let hung: &[usize] = if bench.is_embedded() { &[0, 1, 100] } else { &[0] };
    let mut rows = Vec::new();
    for per_second in rates.map(|(per_second, _)| per_second) {
        rows.extend(hung.iter().map(|&hung| Row { hung, per_second, rounds: Vec::new() }));
    }
    for round in 0..bench.pick(ROUNDS, 1) {
        for &hung in hung {
            let gateway = Gateway::start(bench).await?;
            gateway.subscribe(&sink.url, TYPE).await?;
            for number in 0..hung {
                gateway.subscribe(&format!("{hanging_url}/{round}/{number}"), HUNG_TYPE).await?;
            }
            let feeding = feed(&gateway, hung);
            if hung > 0 {
                tokio::time::sleep(FILL).await;
            }
            for (per_second, seconds) in rates {
                let name = format!("latency-{round}-{hung}-{per_second}");
                let times = EventTimes::new(name, u64::from(per_second) * seconds);
                sink.record_into(&times);
                let url = gateway.at(Shape::Structured.path());
                gateway.client.pace(&url, TYPE, per_second, &times).await;
                times.complete().await;
                if let Some(row) = rows.iter_mut().find(|row| row.hung == hung && row.per_second == per_second) {
                    row.rounds.push(times.durations());
                }
            }
            feeding.abort();
        }
    }
    Ok(table(&rows))
}

/// Feeds the hanging subscribers, if there are any, until aborted.
fn feed(gateway: &Gateway, hung: usize) -> tokio::task::JoinHandle<()> {
    let (client, url): (Client, String) = (gateway.client.clone(), gateway.at(Shape::Structured.path()));
    tokio::spawn(async move {
        if hung > 0 {
            let minutes = 10;
            let times = EventTimes::new("hung".to_owned(), u64::from(HUNG_PER_SECOND) * 60 * minutes);
            client.pace(&url, HUNG_TYPE, HUNG_PER_SECOND, &times).await;
        }
    })
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(
        "latency",
        "To a healthy subscriber, in milliseconds (median of the rounds, lowest and highest); a hung neighbour is fed 40/s",
        &["per second", "hung", "arrived", "accepted-arrived p50", "p99", "sent-arrived p50", "p99"],
    );
    for row in rows {
        let over =
            |figure: &dyn Fn(&Durations) -> f64| RoundSummary::of(&row.rounds.iter().map(figure).collect::<Vec<_>>());
        let accepted = [0.5, 0.99].map(|share| over(&|round| round.accepted_to_arrived(share)));
        let sent = [0.5, 0.99].map(|share| over(&|round| round.sent_to_arrived(share)));
        let arrived: usize = row.rounds.iter().map(|round| round.sent_to_arrived.len()).sum();
        let of: usize = row.rounds.iter().map(|round| round.accepted).sum();
        let repeated: u64 = row.rounds.iter().map(|round| round.repeated).sum();
        let overtaken: u64 = row.rounds.iter().map(|round| round.overtaken).sum();
        if repeated + overtaken > 0 {
            let events = format!("{}/s beside {} hung", row.per_second, row.hung);
            table.note(format!("{events}: {repeated} came twice, {overtaken} after a later one"));
        }
        let mut texts = vec![row.per_second.to_string(), row.hung.to_string(), format!("{arrived} of {of}")];
        texts.extend([accepted[0], accepted[1], sent[0], sent[1]].map(RoundSummary::fine));
        table.row(
            texts,
            json!({
                "per_second": row.per_second, "hung": row.hung, "accepted": of, "arrived": arrived,
                "repeated": repeated, "overtaken": overtaken,
                "accepted_to_arrived_ms": { "p50": accepted[0].json(), "p99": accepted[1].json() },
                "sent_to_arrived_ms": { "p50": sent[0].json(), "p99": sent[1].json() },
            }),
        );
    }
    table
}
