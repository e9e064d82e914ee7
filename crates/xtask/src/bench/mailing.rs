//! One event to very many people by e-mail: how fast, beside a bare loop of mails to the same relay; memory, file and start
//! with that many addressees; and the books of a second event during which the gateway is killed ten times.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Bench;
use super::client::{Client, Until};
use super::gateway::Gateway;
use super::messages::{KANAAL, Shape, TYPE};
use super::process::Process;
use super::report::Table;
use crate::workspace::{Failure, output};

/// How often the gateway is killed during the second event.
const KILLS: u64 = 10;
/// Connections to the relay, of the gateway and of the bare loop.
const CONNECTIONS: usize = 10;
/// How long no mail may come before the mailing counts as stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// A relay that counts.
struct Relay {
    _process: Process,
    url: String,
    port: u64,
}

/// What a relay has counted.
#[derive(Clone, Copy)]
struct Counted {
    mails: u64,
    recipients: u64,
    most: u64,
    bytes: u64,
}

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    let addressees: u64 = bench.pick(1_000_000, 10_000);
    let relay = Relay::start(0).await?;
    let mut table = Table::new(
        "mailing",
        format!("One event to {addressees} addressees by e-mail, {CONNECTIONS} connections"),
        &["what", "", "figure"],
    );
    let mut gateway = Gateway::start_administered(bench, &sections(relay.port)).await?;
    let empty = gateway.kill_and_restart().await?;
    let people = bench.workspace.root.join("target/bench-people.csv");
    write_people(&people, addressees)?;
    let imported = gateway.kill_and_run(&["import", "people", &people.to_string_lossy(), "--apply"]).await?;
    let started = gateway.kill_and_restart().await?;
    seconds(&mut table, "import", imported);
    seconds(&mut table, "start after a kill, without addressees", empty);
    seconds(&mut table, "start after a kill, with them", started);
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    figure(&mut table, "audience.db, MiB", mebibytes(gateway.file_size("audience.db")));
    let idle = gateway.process.memory()?.now;
    figure(&mut table, "memory before, MiB", mebibytes(idle * 1024));

    let start = Instant::now();
    publish(&gateway, &mut table).await?;
    let counted = relay.wait(addressees, async |_| Ok(())).await?;
    let rate = counted.mails as f64 / start.elapsed().as_secs_f64();
    figure(&mut table, "mails per second", rate);
    figure(
        &mut table,
        "memory at most, MiB more",
        mebibytes(gateway.process.memory()?.peak.saturating_sub(idle) * 1024),
    );
    let bytes = counted.bytes / counted.mails.max(1);
    let bare = push(relay.port, addressees.min(200_000), bytes)?;
    figure(&mut table, "mails per second of the bare loop", bare);
    figure(&mut table, "of the bare loop", rate / bare);
    books(&mut table, "one event", addressees, counted);

    // A relay that counts anew, at the same port.
    let port = relay.port;
    drop(relay);
    let relay = Relay::start(port).await?;
    publish(&gateway, &mut table).await?;
    let mut kills = 0;
    let killed = async |counted: Counted| {
        if kills < KILLS && counted.recipients > (kills + 1) * addressees / (KILLS + 1) {
            kills += 1;
            gateway.kill_and_restart().await?;
        }
        Ok(())
    };
    let counted = relay.wait(addressees, killed).await?;
    books(&mut table, &format!("one event and {kills} kills"), addressees, counted);
    let states = gateway.administrator()?.call("GET", &gateway.at("/v1/people/mailings"), None).await;
    table.note(format!("the gateway counted: {}", states.map_or_else(|error| error, |states| states.to_string())));
    Ok(table)
}

fn seconds(table: &mut Table, what: &str, took: Duration) {
    figure(table, &format!("{what}, s"), took.as_secs_f64());
}

fn figure(table: &mut Table, what: &str, figure: f64) {
    table.row(vec![what.to_owned(), String::new(), format!("{figure:.2}")], json!({ "what": what, "figure": figure }));
}

fn books(table: &mut Table, what: &str, addressees: u64, counted: Counted) {
    let Counted { mails, recipients, most, .. } = counted;
    let missing = addressees.saturating_sub(recipients);
    let text = format!("{mails} mails, {missing} without one, {} again, {most} to one at most", mails - recipients);
    table.row(
        vec![what.to_owned(), String::new(), text],
        json!({ "what": what, "mails": mails, "recipients": recipients, "most": most }),
    );
}

async fn publish(gateway: &Gateway, table: &mut Table) -> Result<(), Failure> {
    let url = gateway.at(Shape::Structured.path());
    let tally = gateway.client.flood(&url, Shape::Structured, TYPE, 1, Until::Count(1)).await;
    super::note_refusals(table, "event", &tally);
    Ok(())
}

/// Mails per second of the bare loop.
fn push(port: u64, mails: u64, bytes: u64) -> Result<f64, Failure> {
    let program = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
    let (port, mails, bytes) = (port.to_string(), mails.to_string(), bytes.to_string());
    let connections = CONNECTIONS.to_string();
    let arguments = ["limit", "smtp-push", &port, "--mails", &mails, "--connections", &connections, "--bytes", &bytes];
    let text = output(std::process::Command::new(program).args(arguments))?;
    text.trim().parse().map_err(|_| format!("the bare loop printed: {text}"))
}

/// The configuration of the channel.
fn sections(port: u64) -> String {
    format!(
        "[people]\nurl = \"http://127.0.0.1:1\"\norganisation = \"Gemeente Voorbeeld\"\n\
         [email]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\nfrom = \"noreply@bench.example\"\n\
         name = \"Gemeente Voorbeeld\"\nconnections = {CONNECTIONS}\n"
    )
}

/// A file with confirmed addressees of the kanaal, for the import.
fn write_people(file: &std::path::Path, addressees: u64) -> Result<(), Failure> {
    use std::io::Write as _;

    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut lines = std::io::BufWriter::new(std::fs::File::create(file).map_err(failed)?);
    writeln!(lines, "kanaal,address,confirmed").map_err(failed)?;
    for number in 0..addressees {
        writeln!(lines, "{KANAAL},person-{number}@bench.example,2026-01-01T00:00:00Z").map_err(failed)?;
    }
    lines.flush().map_err(failed)
}

impl Relay {
    /// Starts one at a port for SMTP, 0 for any.
    async fn start(port: u64) -> Result<Self, Failure> {
        let (process, url) = Process::limit("relay", &["smtp-relay", "--port", &port.to_string()])?;
        let mut relay = Self { _process: process, url, port };
        relay.port = relay.answer().await?["port"].as_u64().ok_or("the relay has no port")?;
        Ok(relay)
    }

    async fn answer(&self) -> Result<Value, Failure> {
        Client::new(None).call("GET", &self.url, None).await
    }

    /// Waits until so many recipients have a mail, or none came for a while; calls `each` with every count.
    async fn wait(
        &self,
        recipients: u64,
        mut each: impl AsyncFnMut(Counted) -> Result<(), Failure>,
    ) -> Result<Counted, Failure> {
        let (mut last, mut moved) = (0, Instant::now());
        loop {
            let answer = self.answer().await?;
            let number = |name: &str| answer[name].as_u64().unwrap_or(0);
            let counted = Counted {
                mails: number("mails"),
                recipients: number("recipients"),
                most: number("most"),
                bytes: number("bytes"),
            };
            if counted.mails > last {
                (last, moved) = (counted.mails, Instant::now());
            }
            if counted.recipients >= recipients || moved.elapsed() > PATIENCE {
                return Ok(counted);
            }
            each(counted).await?;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
