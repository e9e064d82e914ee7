//! A sizing as a table for the terminal.

use crate::formula::Sizing;
use crate::load::Storage;

/// The table: a line for each need, then what was not measured.
pub fn table(sizing: &Sizing) -> String {
    let load = &sizing.load;
    let storage = match load.storage {
        Storage::Embedded => "one embedded file",
        Storage::Kafka => "Apache Kafka",
    };
    let mut rows = vec![
        ("storage", storage.to_owned()),
        ("events", format!("{} a second of {} bytes", thousands(load.events as f64), thousands(load.bytes as f64))),
        (
            "deliveries",
            format!(
                "{} a second to {} subscriptions",
                thousands(sizing.deliveries),
                thousands(load.subscribers as f64)
            ),
        ),
    ];
    for group in &sizing.groups {
        let nodes = format!("{} of {} cores, {}", group.nodes, load.node_cores, group.role);
        rows.push(("nodes", format!("{nodes}; {:.2} cores busy", group.busy_cores)));
    }
    for (name, count) in [("partitions", sizing.partitions), ("shards", sizing.shards), ("brokers", sizing.brokers)] {
        rows.extend(count.map(|count| (name, thousands(count as f64))));
    }
    let network = &sizing.network;
    rows.push((
        "network",
        format!(
            "{} Mbit/s from publishers, {} Mbit/s to subscribers",
            rounded(network.publishers),
            rounded(network.subscribers)
        ),
    ));
    if load.storage == Storage::Kafka {
        let (into, out) = (rounded(network.into_brokers), rounded(network.out_of_brokers));
        rows.push(("", format!("{into} Mbit/s into all brokers, {out} Mbit/s out of them")));
    }
    let place = match load.storage {
        Storage::Embedded => "on the node".to_owned(),
        Storage::Kafka => format!("on all brokers, {} replicas", load.replicas),
    };
    rows.push(("disk", format!("{} GB for {} days {place}", rounded(sizing.log_gigabytes), load.retention_days)));
    rows.push(("", format!("{} GB for the index of each node that keeps one", rounded(sizing.index_gigabytes))));
    let mut text: Vec<String> = rows.iter().map(|(name, value)| format!("{name:<12}{value}")).collect();
    text.extend(sizing.notes.iter().map(|note| format!("{:<12}{note}", "note")));
    text.join("\n")
}

/// A number without decimals, with a comma between thousands.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{:.0}", number.max(0.0));
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with two digits that count.
pub(crate) fn rounded(number: f64) -> String {
    if number < 10.0 {
        return format!("{number:.1}");
    }
    let unit = 10_f64.powi(number.log10().floor() as i32 - 1);
    thousands((number / unit).round() * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Load, size};

    #[test]
    fn numbers_are_rounded_and_divided() {
        for (number, whole, short) in
            [(0.0, "0", "0.0"), (9.96, "10", "10.0"), (999.0, "999", "1,000"), (1_234_567.0, "1,234,567", "1,200,000")]
        {
            assert_eq!((thousands(number).as_str(), rounded(number).as_str()), (whole, short));
        }
    }

    #[test]
    fn a_table_has_every_need() {
        let kafka = table(&size(&Load::new(Storage::Kafka, 100_000, 10, 500)));
        for name in ["events", "deliveries", "nodes", "partitions", "shards", "brokers", "network", "disk", "note"] {
            assert!(kafka.lines().any(|line| line.starts_with(name)), "{name} is missing:\n{kafka}");
        }
        let embedded = table(&size(&Load::new(Storage::Embedded, 100, 1, 500)));
        assert!(!embedded.contains("brokers") && !embedded.contains("note"), "{embedded}");
    }

    #[test]
    fn json_has_the_load_and_the_needs() {
        let sizing = serde_json::to_value(size(&Load::new(Storage::Kafka, 100_000, 1, 500))).expect("JSON");
        assert_eq!(sizing["load"]["storage"], "kafka");
        assert!(sizing["groups"][0]["role"] == "ingest" && sizing["brokers"].is_u64(), "{sizing}");
        assert!(sizing["notes"][0].as_str().is_some_and(|note| note.contains("one sink")), "{sizing}");
    }
}
