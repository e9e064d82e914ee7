//! The Notificaties API as Open Notificaties is used: notifications posted with a token, each delivered to one abonnement
//! with a credential. Beside the figures of Open Notificaties itself, which were measured once and are kept here.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Client, Until};
use super::deliver::{arrivals, count};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::statistics::RoundSummary;
use super::{Bench, ROUNDS, note_refusals};
use crate::workspace::Failure;

/// Open Notificaties 1.16.1, default settings, 2 cores (PostgreSQL 15, Redis 7, uWSGI and Celery on the same cores):
/// connections, requests per second and 99th percentile in milliseconds; medians of three rounds.
const PEER: [(u64, f64, f64); 3] = [(1, 57.0, 183.0), (16, 96.0, 507.0), (64, 64.0, 1_659.0)];
/// Deliveries per second of the same, at best: 18 to 25 whatever the load.
const PEER_DELIVERIES: f64 = 25.0;
const PEER_NAME: &str = "Open Notificaties 1.16.1";

/// The `Authorization` that the callback of the abonnement requires.
const AUTHORIZATION: &str = "Bearer of the abonnement";

#[derive(Default)]
struct Rounds {
    requests: Vec<f64>,
    p99: Vec<f64>,
    deliveries: Vec<f64>,
    processor: Vec<f64>,
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let (_sink, sink_url) = Process::limit("sink", &["sink", "--authorization", AUTHORIZATION])?;
    let gateway = Gateway::start(bench).await?;
    gateway.abonnement(&format!("{sink_url}/callback"), AUTHORIZATION).await?;
    let mut table = Table::new(
        "notificaties",
        "Notifications in and out, one abonnement (median of 3 rounds, lowest and highest)",
        &["connections", "what", "requests/s", "times", "p99 ms", "deliveries/s", "times", "CPU us/event"],
    );
    for (connections, requests, p99) in PEER {
        table.row(
            vec![
                connections.to_string(),
                PEER_NAME.to_owned(),
                format!("{requests:.0}"),
                String::new(),
                format!("{p99:.0}"),
                format!("18 to {PEER_DELIVERIES:.0}"),
            ],
            json!({
                "connections": connections, "what": PEER_NAME, "per_second": requests, "p99_ms": p99,
                "deliveries_per_second": PEER_DELIVERIES,
            }),
        );
        for (what, client) in
            [("gateway, one token", gateway.client.clone()), ("gateway, new tokens", Gateway::client_with_new_tokens())]
        {
            let mut rounds = Rounds::default();
            for _ in 0..ROUNDS {
                round(bench, (&gateway, &client, &sink_url), connections, &mut rounds, &mut table).await?;
            }
            let [rate, p99, deliveries, processor] =
                [&rounds.requests, &rounds.p99, &rounds.deliveries, &rounds.processor]
                    .map(|rounds| RoundSummary::of(rounds));
            let (times, times_out) = (rate.median / requests, deliveries.median / PEER_DELIVERIES);
            table.row(
                vec![
                    connections.to_string(),
                    what.to_owned(),
                    rate.whole(),
                    format!("{times:.0} x"),
                    format!("{:.2}", p99.median),
                    deliveries.whole(),
                    format!("{times_out:.0} x"),
                    format!("{:.0}", processor.median),
                ],
                json!({
                    "connections": connections, "what": what, "per_second": rate.json(), "times": times,
                    "p99_ms": p99.json(), "deliveries_per_second": deliveries.json(), "times_deliveries": times_out,
                    "cpu_us_per_event": processor.json(),
                }),
            );
        }
    }
    table.note(format!(
        "{PEER_NAME}: default settings, 2 cores; measured at another time, and its best figure for deliveries is compared with"
    ));
    Ok(table)
}

/// Posts for some seconds and waits until the last notification has arrived.
async fn round(
    bench: &Bench<'_>,
    (gateway, client, sink): (&Gateway, &Client, &str),
    connections: u64,
    rounds: &mut Rounds,
    table: &mut Table,
) -> Result<(), Failure> {
    let url = gateway.at(Shape::Notificatie.path());
    let (before, from, start) = (gateway.process.processor_time()?, count(sink).await?, Instant::now());
    let until = Until::Elapsed(Duration::from_millis(bench.pick(2_000, 300)));
    let tally = client.flood(&url, Shape::Notificatie, TYPE, connections, until).await;
    note_refusals(table, "notificaties", &tally);
    let arrived = arrivals(sink, from, tally.accepted).await?;
    if arrived < tally.accepted {
        table.note(format!("{arrived} of {} arrived, then nothing more", tally.accepted));
        return Ok(());
    }
    rounds.requests.push(tally.rate());
    rounds.p99.push(tally.percentile(0.99));
    rounds.deliveries.push(arrived as f64 / start.elapsed().as_secs_f64());
    let used = gateway.process.processor_time()?.saturating_sub(before);
    rounds.processor.push(used.as_secs_f64() * 1e6 / arrived.max(1) as f64);
    Ok(())
}
