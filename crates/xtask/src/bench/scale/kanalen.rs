//! Many kanalen on Kafka, each with three partitions: how fast they are created, how long the program starts with them, and how soon the
//! first event of the last one is delivered.

use std::time::Instant;

use serde_json::json;

use super::post::{self, rate};
use super::{Aim, figure, mebibytes, seconds};
use crate::bench::Bench;
use crate::bench::deliver::{arrivals, count};
use crate::bench::gateway::Gateway;
use crate::bench::messages::TYPE;
use crate::bench::process::Process;
use crate::bench::report::Table;
use crate::workspace::Failure;

/// Connections that create.
const CONNECTIONS: u64 = 4;

pub async fn measure(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let kanalen: u64 = bench.pick(1_000, 20);
    let (_sink, sink) = Process::limit("sink", &["sink"])?;
    let mut gateway = Gateway::start_administered(bench, "").await?;
    seconds(table, "start after a kill, 1 kanaal", gateway.kill_and_restart().await?);
    mebibytes(table, "memory with 1 kanaal", gateway.process.memory()?.now);
    let url = gateway.at("/v1/kanalen");
    let request = move |number| post::json(&url, &json!({ "naam": naam(number) }));
    let took = post::all(&gateway.administrator()?, CONNECTIONS, 0..kanalen, request).await?;
    figure(table, "kanalen created per second", Aim::None, rate(kanalen, took));
    deliver_one(&gateway, &sink, kanalen - 1, table, "first delivery on a new kanaal").await?;
    seconds(table, &format!("start after a kill, {kanalen} kanalen"), gateway.kill_and_restart().await?);
    deliver_one(&gateway, &sink, kanalen / 2, table, "first delivery after that start").await?;
    mebibytes(table, &format!("memory with {kanalen} kanalen"), gateway.process.memory()?.now);
    Ok(())
}

/// Subscribes to a kanaal and publishes one event on it; adds how long both take until the event has arrived.
async fn deliver_one(gateway: &Gateway, sink: &str, number: u64, table: &mut Table, what: &str) -> Result<(), Failure> {
    let (client, naam, from) = (gateway.administrator()?, naam(number), count(sink).await?);
    let subscription = json!({
        "sink": format!("{sink}/{number}"),
        "protocol": "HTTP",
        "config": { "kanalen": [naam], "validation": "manual", "agreement": "gemeten" },
    });
    let begin = Instant::now();
    client.call("POST", &gateway.at("/v1/subscriptions"), Some(&subscription)).await?;
    let url = gateway.at(&format!("/v1/events?kanaal={naam}"));
    post::events(&client, &url, 1, number..number + 1, |_| TYPE.to_owned()).await?;
    if arrivals(sink, from, 1).await? == 0 {
        return Err(format!("the event on {naam} did not arrive"));
    }
    seconds(table, what, begin.elapsed());
    Ok(())
}

fn naam(number: u64) -> String {
    format!("kanaal-{number}")
}
