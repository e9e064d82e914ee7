//! The page `docs/sizing.md`, which `cargo xtask codegen` writes.

use crate::check::checks;
use crate::costs;
use crate::formula::{Role, Sizing, embedded_in, embedded_out, index, size};
use crate::load::{Load, Storage};
use crate::text::{rounded, thousands};

/// The loads of the table: events a second.
const EVENTS: [u64; 3] = [1_000, 10_000, 100_000];

/// The load of a column of the table: 20 subscriptions that select a tenth of the events each.
fn example(storage: Storage, events: u64) -> Load {
    Load { share_percent: 10.0, average_events: events / 10, ..Load::new(storage, events, 20, 500) }
}

/// The page, in Markdown.
pub fn page() -> String {
    [
        "# Sizing\n\nWritten by `cargo xtask codegen` from `crates/sizing`. What a load needs, computed from measured costs.".to_owned(),
        format!(
            "The costs are those of [performance.md](performance.md): {}. Real nodes do not share their cores with the load, and \
             other processors differ: measure yours with `cargo xtask bench`, and compute with `gateway size`:",
            costs::MACHINE
        ),
        COMMAND.to_owned(),
        "## 1,000, 10,000 and 100,000 events a second".to_owned(),
        "At the busiest, of 500 bytes, to 20 subscriptions that select 10 % of them each, so two deliveries an event. A tenth of that on \
         average, kept for 30 days. Nodes of two cores, three replicas."
            .to_owned(),
        table(Storage::Kafka),
        "On one embedded file, where a single node does everything:".to_owned(),
        table(Storage::Embedded),
        "## The formula".to_owned(),
        formula(),
        "## Checked against two measured points".to_owned(),
        checked(),
        "## What it leaves out".to_owned(),
        LEFT_OUT.to_owned(),
    ]
    .join("\n\n")
}

const COMMAND: &str = "```
gateway size --events 10000 --subscribers 20 --share 10 --bytes 500 --kafka --average-events 1000
gateway size --events 1000 --subscribers 5 --bytes 800 --json
```

`--events` are those a second at the busiest, `--average-events` those over the whole retention (the same unless given), `--share` the \
percentage of the events that one subscription selects (100), `--retention-days` for how long events are kept (30), `--replicas` those of a topic (3), `--node-cores` the cores of a node (2).";

const LEFT_OUT: &str = "- **The processor of brokers** was not measured alone; their number follows from replicas and network.
- **Memory** of a node depends on what is under way rather than on the rate: see the figures in [performance.md](performance.md).
- **Failing subscribers**: each attempt costs as much as a delivery. A backlog is delivered beside what comes in.
- **Synchronised writes**: an event is answered after the disk has it. A slow disk bounds one connection, not many.
- **More than two cores** of one node were not measured. The formula takes twice the cores for twice the work.";

/// A table with a column for each number of events.
fn table(storage: Storage) -> String {
    let sizings = EVENTS.map(|events| size(&example(storage, events)));
    let mut lines = vec![line("events a second", &sizings, |sizing| thousands(sizing.load.events as f64))];
    lines.push("|---|---:|---:|---:|".to_owned());
    lines.push(line("deliveries a second", &sizings, |sizing| thousands(sizing.deliveries)));
    match storage {
        Storage::Embedded => lines.push(line("cores of the node", &sizings, |sizing| {
            let busy: f64 = sizing.groups.iter().map(|group| group.busy_cores).sum();
            format!("{:.0}", (busy / costs::IN_USE).ceil())
        })),
        Storage::Kafka => {
            for role in [Role::All, Role::Ingest, Role::Deliver, Role::Beheer] {
                lines.push(line(&format!("nodes, {role}"), &sizings, |sizing| of_role(sizing, role)));
            }
            lines.push(line("cores busy, all nodes", &sizings, |sizing| {
                format!("{:.1}", sizing.groups.iter().map(|group| group.busy_cores).sum::<f64>())
            }));
            let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
            lines.push(line("partitions, all kanalen", &sizings, |sizing| count(sizing.partitions)));
            lines.push(line("shards", &sizings, |sizing| count(sizing.shards)));
            lines.push(line("brokers", &sizings, |sizing| count(sizing.brokers)));
        }
    }
    lines.push(line("network in / out, Mbit/s", &sizings, |sizing| {
        format!("{} / {}", rounded(sizing.network.publishers), rounded(sizing.network.subscribers))
    }));
    if storage == Storage::Kafka {
        lines.push(line("network of all brokers in / out, Mbit/s", &sizings, |sizing| {
            format!("{} / {}", rounded(sizing.network.into_brokers), rounded(sizing.network.out_of_brokers))
        }));
    }
    let place = if storage == Storage::Kafka { "disk of all brokers, GB" } else { "disk, events, GB" };
    lines.push(line(place, &sizings, |sizing| rounded(sizing.log_gigabytes)));
    lines.push(line("disk, the index of a node, GB", &sizings, |sizing| rounded(sizing.index_gigabytes)));
    for (number, sizing) in sizings.iter().enumerate() {
        let events = thousands(EVENTS[number] as f64);
        for (place, note) in sizing.notes.iter().enumerate() {
            let start = if number == 0 && place == 0 { "" } else { "\n" };
            lines.push(format!("{start}At {events} events a second: {note}."));
        }
    }
    // The first note is a paragraph of its own.
    let table = lines.iter().position(|line| !line.starts_with('|')).unwrap_or(lines.len());
    let (rows, notes) = lines.split_at(table);
    let notes: Vec<&str> = notes.iter().map(|note| note.trim_start()).collect();
    if notes.is_empty() { rows.join("\n") } else { format!("{}\n\n{}", rows.join("\n"), notes.join("\n\n")) }
}

fn line(name: &str, sizings: &[Sizing], value: impl Fn(&Sizing) -> String) -> String {
    let values: Vec<String> = sizings.iter().map(value).collect();
    format!("| {name} | {} |", values.join(" | "))
}

fn of_role(sizing: &Sizing, role: Role) -> String {
    let found = sizing.groups.iter().find(|group| group.role == role);
    found.map_or_else(|| "–".to_owned(), |group| group.nodes.to_string())
}

fn formula() -> String {
    let costs = [
        (
            "an event in, embedded",
            format!("{:.1} µs", embedded_in()),
            "event and delivery together, without the delivery",
        ),
        (
            "a delivery, embedded",
            format!("{:.1} µs", embedded_out()),
            "both cores for the deliveries to ten sinks: an upper bound",
        ),
        ("an event in, Kafka", format!("{:.0} µs", costs::KAFKA_IN.value), "a node with role `ingest` alone"),
        ("a delivery, Kafka", format!("{:.0} µs", costs::KAFKA_OUT.value), "to ten sinks"),
        ("an event in one index, Kafka", format!("{:.0} µs", index()), "all roles, without what `ingest` alone costs"),
    ];
    let rows: Vec<String> = costs.iter().map(|(what, cost, from)| format!("| {what} | {cost} | {from} |")).collect();
    let of_partition = costs::KAFKA_IN_RATE.value / costs::KAFKA_IN_PARTITIONS * costs::IN_USE;
    let formulas = format!(
        "```
deliveries      = events × subscriptions × share
busy cores      = events × cost in + deliveries × cost of a delivery + nodes with beheer × events × cost of the index
cores           = busy cores ÷ {in_use}
nodes of a role = cores ÷ cores of a node, rounded up, and one that may be unavailable; two with beheer
                  two nodes with all roles when one of them can do everything
partitions      = events ÷ {of_partition}, at least 3: a third of what a node wrote to three partitions, × {in_use}
shards          = 2 × nodes with deliver, at least 8
network         = events × (bytes + {post}) from publishers, deliveries × (bytes + {delivery}) to subscribers
into brokers    = (events × (bytes + {log}) + deliveries × {outcome}) × replicas
out of brokers  = events × (bytes + {log}) × (replicas - 1 + nodes with deliver + nodes with beheer)
                  + deliveries × {outcome} × (replicas - 1 + nodes with beheer)
brokers         = the larger of both ÷ ({megabits} Mbit/s × {in_use}), at least the replicas
disk, embedded  = average events × (bytes + {embedded}) × seconds of the retention
disk, brokers   = average events × (bytes + {log} + deliveries of an event × {outcome}) × seconds of the retention × replicas
disk, index     = average events × ({index_event} + deliveries of an event × {index_delivery}) × seconds of the retention
```",
        in_use = costs::IN_USE,
        of_partition = thousands(of_partition),
        post = costs::POST_HEADERS,
        delivery = costs::DELIVERY_HEADERS.value,
        log = costs::KAFKA_LOG.value,
        outcome = costs::KAFKA_OUTCOME.value,
        megabits = thousands(costs::BROKER_MEGABITS),
        embedded = costs::EMBEDDED_LOG.value,
        index_event = costs::INDEX_EVENT.value,
        index_delivery = costs::INDEX_DELIVERY.value,
    );
    format!(
        "| processor time of | measured | how |\n|---|---:|---|\n{}\n\n{formulas}\n\nAssumed, not measured: {} of cores and networks are \
         in use at the busiest, a broker has a network of {} Mbit/s each way, a request has {} bytes of headers. An embedded node should \
         take at most {} of the {} events a second that it took.",
        rows.join("\n"),
        percent(costs::IN_USE),
        thousands(costs::BROKER_MEGABITS),
        costs::POST_HEADERS,
        percent(costs::IN_USE),
        thousands(costs::EMBEDDED_IN.value),
    )
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn checked() -> String {
    let rows: Vec<String> = checks()
        .iter()
        .map(|check| {
            let (rate, measured, computed) = (thousands(check.per_second), check.measured, check.computed);
            format!("| {} | {rate} | {measured:.2} | {computed:.2} | {:+.0} % |", check.what, check.deviation_percent())
        })
        .collect();
    format!(
        "Two rows of [performance.md](performance.md) that the formula does not use. Busy cores, before the division by {}:\n\n\
         | what | per second | measured | formula | deviation |\n|---|---:|---:|---:|---:|\n{}",
        costs::IN_USE,
        rows.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_as_the_code_computes_it() {
        let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sizing.md"));
        assert_eq!(file.expect("docs/sizing.md").trim_end(), page(), "run `cargo xtask codegen`");
    }
}
