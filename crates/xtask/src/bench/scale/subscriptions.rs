//! Many subscriptions with filters: how fast they are created while there are few and many, what they take in memory, how long the
//! program starts with them, and what matching one event against them costs. Their receivers consented by an agreement, so none is asked,
//! and no event is for them: one further subscription gets all events, and shows when they have been matched.

use std::time::Duration;

use serde_json::{Value, json};

use super::post::{self, rate};
use super::{Aim, figure, figure_of, mebibytes, seconds};
use crate::bench::client::Until;
use crate::bench::deliver::{arrivals, count};
use crate::bench::gateway::Gateway;
use crate::bench::messages::{KANAAL, Shape, TYPE};
use crate::bench::process::Process;
use crate::bench::report::Table;
use crate::bench::{Bench, note_refusals};
use crate::workspace::Failure;

/// Subscriptions per second, with 40,000 of them.
const CREATED: Aim = Aim::AtLeast(1_000.0);
/// Microseconds to match an event.
const MATCHED: Aim = Aim::AtMost(200.0);
/// Connections that create.
const CONNECTIONS: u64 = 16;
/// Connections that publish.
const PUBLISHERS: u64 = 64;
/// The receivers: hosts of the loopback network.
const HOSTS: u64 = 1_000;
/// How long the use of the processor is counted while nothing happens.
const IDLE: Duration = Duration::from_secs(5);

/// How many subscriptions there are of each kind of filter.
#[derive(Clone, Copy)]
struct Numbers {
    exact: u64,
    prefix: u64,
    sql: u64,
}

impl Numbers {
    /// A tenth with a prefix, a hundredth in SQL.
    fn of(all: u64) -> Self {
        let (prefix, sql) = (all / 10, all / 100);
        Self { exact: all - prefix - sql, prefix, sql }
    }

    fn all(self) -> u64 {
        self.exact + self.prefix + self.sql
    }
}

/// What an event costs in and out.
#[derive(Clone, Copy)]
struct Cost {
    per_second: f64,
    processor_us: f64,
}

/// A gateway under measurement, with the receiver of its one subscription that gets events.
struct Measured<'a> {
    bench: &'a Bench<'a>,
    gateway: Gateway,
    sink: String,
    numbers: Numbers,
}

pub async fn measure(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let numbers = Numbers::of(bench.pick(100_000, 2_000));
    // Created at a time to find the rate.
    let some = bench.pick(2_000, 200);
    let (_sink, sink) = Process::limit("sink", &["sink"])?;
    let mut gateway = Gateway::start_administered(bench, "").await?;
    gateway.subscribe(&sink, TYPE).await?;
    seconds(table, "start after a kill, 1 subscription", gateway.kill_and_restart().await?);
    let mut measured = Measured { bench, gateway, sink, numbers };

    let before = measured.match_events(table, "1 subscription", None).await?;
    let memory = measured.gateway.process.memory()?.now;
    mebibytes(table, "memory with 1 subscription", memory);

    let empty = measured.create(0..some).await?;
    figure(table, "subscriptions created per second, at 0", Aim::None, empty);
    let far = numbers.all() * 2 / 5;
    measured.create(some..far).await?;
    let many = measured.create(far..far + some).await?;
    figure_of(table, &format!("subscriptions created per second, at {far}"), CREATED, many, ("of_empty", many / empty));
    measured.create(far + some..numbers.exact).await?;
    measured.match_events(table, &format!("{} exact", numbers.exact), Some(before)).await?;
    let with_prefix = numbers.exact + numbers.prefix;
    measured.create(numbers.exact..with_prefix).await?;
    measured.match_events(table, &format!("and {} prefix", numbers.prefix), Some(before)).await?;
    measured.create(with_prefix..numbers.all()).await?;
    measured.match_events(table, &format!("and {} sql", numbers.sql), Some(before)).await?;
    let all = measured.create(numbers.all()..numbers.all() + some).await?;
    let text = format!("subscriptions created per second, at {}", numbers.all());
    figure_of(table, &text, Aim::None, all, ("of_empty", all / empty));

    let total = numbers.all() + some;
    let now = measured.gateway.process.memory()?.now;
    mebibytes(table, &format!("memory with {total} subscriptions"), now);
    let each = now.saturating_sub(memory) as f64 / total as f64;
    figure(table, "memory of a subscription, KiB", Aim::None, each);
    let used = measured.gateway.process.processor_time()?;
    tokio::time::sleep(IDLE).await;
    let used = measured.gateway.process.processor_time()?.saturating_sub(used);
    figure(table, "processor time while idle, ms per second", Aim::None, used.as_secs_f64() * 1e3 / IDLE.as_secs_f64());
    let started = measured.gateway.kill_and_restart().await?;
    seconds(table, &format!("start after a kill, {total} subscriptions"), started);
    mebibytes(table, "memory after that start", measured.gateway.process.memory()?.now);
    table.note("created over 16 connections, by an agreement; half of those in SQL name a type, of the others each is evaluated");
    Ok(())
}

impl Measured<'_> {
    /// Creates the subscriptions with these numbers; returns how many per second.
    async fn create(&self, which: std::ops::Range<u64>) -> Result<f64, Failure> {
        let (created, url) = (which.end - which.start, self.gateway.at("/v1/subscriptions"));
        let (port, numbers) = (self.sink.rsplit(':').next().unwrap_or_default().to_owned(), self.numbers);
        let request = move |number| post::json(&url, &subscription(number, &port, numbers));
        let took = post::all(&self.gateway.administrator()?, CONNECTIONS, which, request).await?;
        Ok(rate(created, took))
    }

    /// Adds what an event costs beside these subscriptions, and how much more than before.
    async fn match_events(&self, table: &mut Table, what: &str, before: Option<Cost>) -> Result<Cost, Failure> {
        let cost = self.publish(table).await?;
        let text = format!("events in and out per second, {what}");
        let time = format!("processor time of an event, us, {what}");
        let Some(before) = before else {
            figure(table, &text, Aim::None, cost.per_second);
            figure(table, &time, Aim::None, cost.processor_us);
            return Ok(cost);
        };
        let ratio = cost.per_second / before.per_second;
        figure_of(table, &text, Aim::None, cost.per_second, ("of_one_subscription", ratio));
        figure(table, &time, Aim::None, cost.processor_us);
        let more = cost.processor_us - before.processor_us;
        figure(table, &format!("of it to match, us, {what}"), MATCHED, more);
        Ok(cost)
    }

    /// Publishes events that only the one subscription gets, and waits until it has them.
    async fn publish(&self, table: &mut Table) -> Result<Cost, Failure> {
        let (gateway, client) = (&self.gateway, self.gateway.administrator()?);
        let url = gateway.at(Shape::Structured.path());
        let mut cost = None;
        // The first ones are not counted.
        for events in [self.bench.pick(1_000, 100), self.bench.pick(20_000, 2_000)] {
            let (from, used) = (count(&self.sink).await?, gateway.process.processor_time()?);
            let start = std::time::Instant::now();
            let tally = client.flood(&url, Shape::Structured, TYPE, PUBLISHERS, Until::Count(events)).await;
            note_refusals(table, "events to match", &tally);
            let arrived = arrivals(&self.sink, from, tally.accepted).await?;
            if arrived < tally.accepted {
                return Err(format!("{arrived} of {} events arrived, then nothing more", tally.accepted));
            }
            let (took, now) = (start.elapsed(), gateway.process.processor_time()?);
            let processor_us = now.saturating_sub(used).as_secs_f64() * 1e6 / arrived.max(1) as f64;
            cost = Some(Cost { per_second: rate(arrived, took), processor_us });
        }
        cost.ok_or_else(|| "nothing was measured".to_owned())
    }
}

/// The subscription with this number.
fn subscription(number: u64, port: &str, numbers: Numbers) -> Value {
    let host = number % HOSTS;
    json!({
        "sink": format!("http://127.1.{}.{}:{port}/{number}", host / 250, host % 250 + 1),
        "protocol": "HTTP",
        "filters": [filter(number, numbers)],
        "config": { "kanalen": [KANAAL], "validation": "manual", "agreement": "gemeten" },
    })
}

/// The filter of a subscription: first those that name a value, then those with a prefix, then those in SQL; beyond that they name a
/// value again.
fn filter(number: u64, numbers: Numbers) -> Value {
    let Numbers { exact, prefix, .. } = numbers;
    let kind = format!("nl.overheid.bench.soort-{number}");
    if (exact..exact + prefix).contains(&number) {
        return json!({ "prefix": { "type": format!("{kind}.") } });
    }
    let is_even = number.is_multiple_of(2);
    if (exact + prefix..numbers.all()).contains(&number) {
        let sql = if is_even {
            format!("type = '{kind}' AND EXISTS subject")
        } else {
            format!("type LIKE 'nl.overheid.bench.%' AND subject LIKE '%-{number}'")
        };
        return json!({ "sql": sql });
    }
    if is_even { json!({ "exact": { "type": kind } }) } else { json!({ "exact": { "type": TYPE, "subject": kind } }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_have_the_filters_of_their_number() {
        let numbers = Numbers::of(100_000);
        assert_eq!((numbers.exact, numbers.prefix, numbers.sql, numbers.all()), (89_000, 10_000, 1_000, 100_000));
        for (number, dialect) in [
            (0, "exact"),
            (88_999, "exact"),
            (89_000, "prefix"),
            (98_999, "prefix"),
            (99_000, "sql"),
            (99_999, "sql"),
            (100_000, "exact"),
        ] {
            let filter = filter(number, numbers);
            assert!(filter.get(dialect).is_some(), "{number}: {filter}");
        }
        let sinks = (0..HOSTS).map(|number| subscription(number, "80", numbers)["sink"].to_string());
        let hosts = sinks.filter_map(|sink| Some(sink.split_once(":80")?.0.to_owned()));
        assert_eq!(hosts.collect::<std::collections::BTreeSet<_>>().len() as u64, HOSTS);
    }
}
