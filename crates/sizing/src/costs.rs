//! The measured costs that the formula uses, and what is assumed beside them. Each measured figure names its row in
//! `docs/performance.md`; a test finds it there. When that page is measured anew, change the figures here, and run
//! `cargo xtask codegen`, which writes `docs/sizing.md`.

/// A measured figure, and where `docs/performance.md` has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The figure, in the unit that its constant states.
    pub value: f64,
    /// A text of its row.
    pub row: &'static str,
    /// The figure in that row, as it is written there.
    pub written: &'static str,
}

const fn measured(value: f64, row: &'static str, written: &'static str) -> Measured {
    Measured { value, row, written }
}

/// The machine of the figures.
pub const MACHINE: &str =
    "one machine with two cores, which client, sinks, gateway and broker shared; events of 500 bytes";
/// The cores of that machine.
pub const MACHINE_CORES: f64 = 2.0;

/// Embedded: processor time of an event in and one delivery of it, in microseconds.
pub const EMBEDDED_IN_AND_OUT: Measured =
    measured(60.0, "| in and out at once, one subscriber", "60 µs of CPU per event");
/// Embedded: events a second in, at 64 connections. One thread writes the file, so it is a bound for the node.
pub const EMBEDDED_IN: Measured = measured(31_399.0, "| structured CloudEvents in, 1 / 16 / 64", "/ 31,399 per second");
/// Embedded: deliveries a second to one sink.
pub const EMBEDDED_ONE_SINK: Measured = measured(54_593.0, "| deliveries out of a backlog, to one sink", "54,593 /");
/// Embedded: deliveries a second to ten sinks, with both cores of the machine in use.
pub const EMBEDDED_OUT: Measured =
    measured(61_567.0, "| deliveries out of a backlog, to one sink", "/ 61,567 per second");

/// Kafka: processor time of an event in at a node with the role ingest alone, 64 connections, in microseconds.
pub const KAFKA_IN: Measured = measured(87.0, "| structured in by a node with role `ingest` alone", "/ 87 µs");
/// Kafka: events a second in at such a node, which wrote to three partitions.
pub const KAFKA_IN_RATE: Measured =
    measured(11_389.0, "| structured in by a node with role `ingest` alone", "/ 11,389 |");
/// The partitions of that measurement.
pub const KAFKA_IN_PARTITIONS: f64 = 3.0;
/// Kafka: processor time of an event in at a node with all roles, 64 connections, in microseconds. What it costs more than with the role
/// ingest alone is the index of beheer.
pub const KAFKA_IN_ALL_ROLES: Measured =
    measured(133.0, "| structured CloudEvents in, all roles on the node", "/ 133 µs");
/// Kafka: events a second in at such a node.
pub const KAFKA_IN_ALL_ROLES_RATE: Measured =
    measured(7_910.0, "| structured CloudEvents in, all roles on the node", "/ 7,910 |");
/// Kafka: processor time of a delivery to one of ten sinks, in microseconds.
pub const KAFKA_OUT: Measured = measured(98.0, "| the same to ten sinks, one node / three nodes", "98 / 121 µs each");
/// Kafka: deliveries a second to one sink.
pub const KAFKA_ONE_SINK: Measured =
    measured(12_331.0, "| deliveries out of a backlog of 50,000 to one sink", "12,331 per second");

/// Embedded: bytes of an event in `gateway.sqlite` beyond those that were posted.
pub const EMBEDDED_LOG: Measured = measured(197.0, "| an event in `gateway.sqlite`", "197 bytes");
/// Bytes of an event in the index, `journal.sqlite`.
pub const INDEX_EVENT: Measured = measured(391.0, "| an event in `journal.sqlite`", "391 bytes");
/// Bytes of a delivery in the index.
pub const INDEX_DELIVERY: Measured = measured(93.0, "| a delivery in `journal.sqlite`", "93 bytes");
/// Kafka: bytes of an event in the topic of its kanaal beyond those that were posted.
pub const KAFKA_LOG: Measured = measured(87.0, "| an event in the topic of its kanaal", "87 bytes");
/// Kafka: bytes of a delivery in the topic of outcomes.
pub const KAFKA_OUTCOME: Measured = measured(76.0, "| a delivery in the topic `outcomes`", "76 bytes");
/// Bytes of the headers of a delivery on the network, which come with the event as it was posted.
pub const DELIVERY_HEADERS: Measured = measured(227.0, "| the headers of a delivery", "227 bytes");

/// Assumed: bytes of the headers of a request that posts an event, with a token.
pub const POST_HEADERS: f64 = 500.0;
/// Assumed: the share of cores and networks that is in use at the busiest. The rest is for peaks within a second, and for the work of a
/// node that is gone.
pub const IN_USE: f64 = 0.5;
/// Assumed: what the network of a broker carries each way, in megabits a second.
pub const BROKER_MEGABITS: f64 = 1_000.0;

/// Every measured figure above.
pub const ALL: [Measured; 16] = [
    EMBEDDED_IN_AND_OUT,
    EMBEDDED_IN,
    EMBEDDED_ONE_SINK,
    EMBEDDED_OUT,
    KAFKA_IN,
    KAFKA_IN_RATE,
    KAFKA_IN_ALL_ROLES,
    KAFKA_IN_ALL_ROLES_RATE,
    KAFKA_OUT,
    KAFKA_ONE_SINK,
    EMBEDDED_LOG,
    INDEX_EVENT,
    INDEX_DELIVERY,
    KAFKA_LOG,
    KAFKA_OUTCOME,
    DELIVERY_HEADERS,
];

/// Not used by the formula, but compared with it: processor time of a notificatie in at a node with the role ingest alone, in
/// microseconds, and how many a second.
pub const CHECKED_IN: [Measured; 2] = [
    measured(93.0, "| notifications in by the same |", "/ 93 µs"),
    measured(11_352.0, "| notifications in by the same |", "/ 11,352 |"),
];
/// The same of deliveries to ten sinks by three nodes.
pub const CHECKED_OUT: [Measured; 2] = [
    measured(121.0, "| the same to ten sinks, one node / three nodes", "/ 121 µs each"),
    measured(9_038.0, "| the same to ten sinks, one node / three nodes", "/ 9,038 per second"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measured_figure_is_in_its_row_of_the_page_about_performance() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md"));
        let page = page.expect("docs/performance.md");
        for Measured { value, row, written } in ALL.into_iter().chain(CHECKED_IN).chain(CHECKED_OUT) {
            let found = page.lines().any(|line| line.contains(row) && line.contains(written));
            assert!(
                found,
                "docs/performance.md has no row with {row:?} and {written:?}: change crates/sizing/src/costs.rs"
            );
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            assert!(digits.contains(&value.to_string()), "{value} is not the figure of {written:?}");
        }
    }
}
