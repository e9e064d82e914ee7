//! A burst all the way: posted over 64 connections to a gateway with one live subscriber, until the last one has
//! arrived; and the processor time an event costs in and out.

use std::time::Instant;

use serde_json::json;

use super::client::Until;
use super::deliver::{arrivals, count};
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::process::Process;
use super::report::Table;
use super::statistics::RoundSummary;
use super::{Bench, ROUNDS, note_refusals};
use crate::workspace::Failure;

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let (_sink, sink_url) = Process::limit("sink", &["sink"])?;
    let gateway = Gateway::start(bench).await?;
    gateway.subscribe(&sink_url, TYPE).await?;
    let mut table = Table::new(
        "burst",
        "A burst in and out, one subscriber (median of 3 rounds, lowest and highest)",
        &["events", "what", "accepted/s", "arrived/s", "CPU us/event"],
    );
    for events in [5_000, bench.pick(50_000, 10_000)] {
        let (mut accepted, mut arrived, mut processor) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (before, from, start) = (gateway.process.processor_time()?, count(&sink_url).await?, Instant::now());
            let url = gateway.at(Shape::Structured.path());
            let tally = gateway.client.flood(&url, Shape::Structured, TYPE, 64, Until::Count(events)).await;
            note_refusals(&mut table, "burst", &tally);
            let there = arrivals(&sink_url, from, tally.accepted).await?;
            let took = start.elapsed();
            if there < tally.accepted {
                table.note(format!("{there} of {} arrived, then nothing more", tally.accepted));
                continue;
            }
            accepted.push(tally.rate());
            arrived.push(there as f64 / took.as_secs_f64());
            let used = gateway.process.processor_time()?.saturating_sub(before);
            processor.push(used.as_secs_f64() * 1e6 / there.max(1) as f64);
        }
        let [accepted, arrived, processor] = [&accepted, &arrived, &processor].map(|rounds| RoundSummary::of(rounds));
        table.row(
            vec![
                events.to_string(),
                "gateway".to_owned(),
                accepted.whole(),
                arrived.whole(),
                format!("{:.0}", processor.median),
            ],
            json!({
                "events": events, "accepted_per_second": accepted.json(), "arrived_per_second": arrived.json(),
                "cpu_us_per_event": processor.json(),
            }),
        );
    }
    Ok(table)
}
