//! More load than the gateway can do: 2, 5 and 10 times the connections that keep it busy, each with its next request as soon as the
//! last one is answered, and the same beside idle connections. How much is accepted and how fast, how much is refused, and
//! how much memory that takes.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::Bench;
use super::client::Until;
use super::gateway::Gateway;
use super::messages::{Shape, TYPE};
use super::report::Table;
use crate::workspace::Failure;

/// The connections that keep the gateway busy.
const BUSY: u64 = 64;
/// The connections that do nothing after their first request; more than a listener has places for.
const IDLE: usize = 5_000;
/// The idle connections of one address; the load comes from another one.
const OF_ONE_ADDRESS: usize = 250;
/// The time after a load in which its memory is freed.
const SETTLE: Duration = Duration::from_secs(3);

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let gateway = Gateway::start(bench).await?;
    let mut table = Table::new(
        "overload",
        "Structured events in, from as many connections as keep the gateway busy to ten times as many",
        &["times", "idle", "accepted/s", "refused/s", "p50 ms", "p99 ms", "peak MiB", "after MiB"],
    );
    load(bench, &gateway, 1, 0, &mut table).await?;
    for times in [1, 2, 5, 10] {
        load(bench, &gateway, times, 0, &mut table).await?;
    }
    let address = gateway.url.trim_start_matches("http://").to_owned();
    let mut idle = Vec::with_capacity(IDLE);
    for number in 0..bench.pick(IDLE, 500) {
        let host = u8::try_from(2 + number / OF_ONE_ADDRESS).map_err(|error| error.to_string())?;
        idle.push(connection(&address, Ipv4Addr::new(127, 0, 1, host)).await?);
    }
    for times in [1, 2, 5, 10] {
        load(bench, &gateway, times, idle.len(), &mut table).await?;
    }
    let total = idle.len();
    idle.retain(|connection| {
        let read = connection.try_read(&mut [0]);
        matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    });
    table.note(format!("{} of {total} idle connections were open at the end", idle.len()));
    Ok(table)
}

/// Loads the gateway and adds a row.
async fn load(bench: &Bench<'_>, gateway: &Gateway, times: u64, idle: usize, table: &mut Table) -> Result<(), Failure> {
    let until = Until::Elapsed(Duration::from_millis(bench.pick(10_000, 1_000)));
    let url = gateway.at(Shape::Structured.path());
    let tally = gateway.client.flood(&url, Shape::Structured, TYPE, BUSY * times, until).await;
    let peak = gateway.process.memory()?.peak;
    tokio::time::sleep(SETTLE).await;
    let after = gateway.process.memory()?.now;
    let refused = tally.refused as f64 / tally.took.as_secs_f64();
    let [peak, after] = [peak, after].map(|kibibytes| kibibytes as f64 / 1024.0);
    let [p50, p99] = [0.5, 0.99].map(|share| tally.percentile(share));
    if let Some(reason) = &tally.first_refusal {
        table.note(format!("the first refusal: {reason:.120}"));
    }
    table.row(
        vec![
            times.to_string(),
            idle.to_string(),
            format!("{:.0}", tally.rate()),
            format!("{refused:.0}"),
            format!("{p50:.1}"),
            format!("{p99:.1}"),
            format!("{peak:.0}"),
            format!("{after:.0}"),
        ],
        json!({
            "times": times, "idle": idle, "accepted_per_second": tally.rate(), "refused_per_second": refused,
            "p50_ms": p50, "p99_ms": p99, "peak_mib": peak, "after_mib": after,
        }),
    );
    Ok(())
}

/// A connection from this address whose one request is answered.
async fn connection(address: &str, from: Ipv4Addr) -> Result<TcpStream, Failure> {
    let fault = |error: std::io::Error| format!("an idle connection: {error}");
    let address = address.parse().map_err(|error| format!("{address}: {error}"))?;
    let socket = TcpSocket::new_v4().map_err(fault)?;
    socket.bind((from, 0).into()).map_err(fault)?;
    let mut stream = socket.connect(address).await.map_err(fault)?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.map_err(fault)?;
    let mut answer = [0; 2_048];
    let read = stream.read(&mut answer).await.map_err(fault)?;
    if read == 0 { Err("an idle connection was closed at once".to_owned()) } else { Ok(stream) }
}
