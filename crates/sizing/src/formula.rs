//! The formula: from a load to what it needs. Its text for people is in `page`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::costs;
use crate::load::{Load, Storage};
use crate::text::thousands;

/// Microseconds in a second.
const SECOND: f64 = 1e6;
const DAY: f64 = 86_400.0;

/// What the nodes of a group do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    All,
    /// Takes events in.
    Ingest,
    /// Delivers.
    Deliver,
    /// Serves the other routes and keeps the index.
    Beheer,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all roles",
            Self::Ingest => "ingest",
            Self::Deliver => "deliver",
            Self::Beheer => "beheer",
        })
    }
}

/// Nodes with the same roles.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Their roles.
    pub role: Role,
    /// How many, with the one that may be unavailable.
    pub nodes: u64,
    /// The cores that the work keeps busy, of all of them together.
    pub busy_cores: f64,
}

/// What passes over networks, in megabits a second.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// From publishers to nodes.
    pub publishers: f64,
    /// From nodes to subscribers.
    pub subscribers: f64,
    /// Into all brokers together, replicas included.
    pub into_brokers: f64,
    /// Out of all brokers together: to replicas, to nodes with deliver, and to the indexes.
    pub out_of_brokers: f64,
}

/// What the formula cannot promise, because it was not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// More events than the one writer of the embedded file should take.
    Writer {
        /// Events a second that it should take at most.
        most: u64,
    },
    /// A sink would get more than one sink got when it was measured.
    Sink {
        /// Deliveries a second that it would get.
        deliveries: u64,
        /// The most that one got.
        most: u64,
    },
    /// More events than an index got when it was measured.
    Index {
        /// The most that one got, events a second.
        most: u64,
    },
    /// The node needs more cores than it has.
    Cores {
        /// How many it needs.
        needed: u64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousands = |number: &u64| thousands(*number as f64);
        match self {
            Self::Writer { most } => {
                let most = thousands(most);
                write!(f, "one thread writes the embedded file: take Kafka (--kafka) above {most} events a second")
            }
            Self::Sink { deliveries, most } => write!(
                f,
                "a subscription gets {} deliveries a second, and the most that one sink got was {}: use batches, or several \
                 subscriptions with filters",
                thousands(deliveries),
                thousands(most)
            ),
            Self::Index { most } => write!(
                f,
                "the index of a node with beheer got at most {} events a second when it was measured: searches may be behind",
                thousands(most)
            ),
            Self::Cores { needed } => {
                write!(f, "one node needs {needed} cores: the work of one node cannot be divided, so give it more")
            }
        }
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a load needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizing {
    /// The load.
    pub load: Load,
    /// Deliveries a second.
    pub deliveries: f64,
    /// The nodes.
    pub groups: Vec<Group>,
    /// Partitions of all kanalen together; on Kafka.
    pub partitions: Option<u64>,
    /// `kafka.shards`; on Kafka.
    pub shards: Option<u64>,
    /// Brokers; on Kafka.
    pub brokers: Option<u64>,
    /// In megabits a second.
    pub network: Network,
    /// What is stored in logs, in gigabytes of 10^9 bytes: on the disk of the node, or of all brokers together, replicas included.
    pub log_gigabytes: f64,
    /// The index, in the same unit, on each node that keeps one.
    pub index_gigabytes: f64,
    /// What was not measured.
    pub notes: Vec<Note>,
}

/// Computes what a load needs.
pub fn size(load: &Load) -> Sizing {
    match load.storage {
        Storage::Embedded => embedded(load),
        Storage::Kafka => kafka(load),
    }
}

/// Processor time of a delivery on the embedded storage, in microseconds: at most both cores of the machine for all of them.
pub(crate) fn embedded_out() -> f64 {
    costs::MACHINE_CORES * SECOND / costs::EMBEDDED_OUT.value
}

/// Processor time of an event in on the embedded storage: what the delivery leaves of both together.
pub(crate) fn embedded_in() -> f64 {
    costs::EMBEDDED_IN_AND_OUT.value - embedded_out()
}

/// Processor time of an event in the index of one node.
pub(crate) fn index() -> f64 {
    costs::KAFKA_IN_ALL_ROLES.value - costs::KAFKA_IN.value
}

/// The cores that work keeps busy, of so many a second with so many microseconds each.
pub(crate) fn busy(per_second: f64, microseconds: f64) -> f64 {
    per_second * microseconds / SECOND
}

fn embedded(load: &Load) -> Sizing {
    let (events, deliveries) = (load.events as f64, load.events as f64 * load.deliveries_per_event());
    let busy_cores = busy(events, embedded_in()) + busy(deliveries, embedded_out());
    let mut notes = Vec::new();
    let most = costs::EMBEDDED_IN.value * costs::IN_USE;
    if events > most {
        notes.push(Note::Writer { most: most as u64 });
    }
    note_sink(load, costs::EMBEDDED_ONE_SINK.value, &mut notes);
    note_cores(load, busy_cores, &mut notes);
    let stored = load.bytes as f64 + costs::EMBEDDED_LOG.value;
    Sizing {
        deliveries,
        groups: vec![Group { role: Role::All, nodes: 1, busy_cores }],
        partitions: None,
        shards: None,
        brokers: None,
        network: network(load, deliveries, 0.0, 0.0),
        log_gigabytes: kept(load, stored),
        index_gigabytes: kept_index(load),
        notes,
        load: load.clone(),
    }
}

fn kafka(load: &Load) -> Sizing {
    let (events, deliveries) = (load.events as f64, load.events as f64 * load.deliveries_per_event());
    let mut notes = Vec::new();
    note_sink(load, costs::KAFKA_ONE_SINK.value, &mut notes);
    if events > costs::KAFKA_IN_ALL_ROLES_RATE.value {
        notes.push(Note::Index { most: costs::KAFKA_IN_ALL_ROLES_RATE.value as u64 });
    }
    let ingest = busy(events, costs::KAFKA_IN.value);
    let deliver = busy(deliveries, costs::KAFKA_OUT.value);
    let each_index = busy(events, index());
    let together = ingest + deliver + 2.0 * each_index;
    let groups = if together / costs::IN_USE <= load.node_cores as f64 {
        // One of the two can do all of it.
        vec![Group { role: Role::All, nodes: 2, busy_cores: together }]
    } else {
        note_cores(load, each_index, &mut notes);
        vec![
            Group { role: Role::Ingest, nodes: nodes(load, ingest), busy_cores: ingest },
            Group { role: Role::Deliver, nodes: nodes(load, deliver), busy_cores: deliver },
            Group { role: Role::Beheer, nodes: 2, busy_cores: 2.0 * each_index },
        ]
    };
    let with =
        |role| groups.iter().filter(move |group| [role, Role::All].contains(&group.role)).map(|group| group.nodes);
    let (delivering, indexes): (u64, u64) = (with(Role::Deliver).sum(), with(Role::Beheer).sum());
    let replicas = load.replicas as f64;
    let stored = load.bytes as f64 + costs::KAFKA_LOG.value;
    let (log, outcomes) = (events * stored, deliveries * costs::KAFKA_OUTCOME.value);
    let into = (log + outcomes) * replicas;
    let out = log * (replicas - 1.0 + (delivering + indexes) as f64) + outcomes * (replicas - 1.0 + indexes as f64);
    let network = network(load, deliveries, into, out);
    let carried = network.into_brokers.max(network.out_of_brokers) / (costs::BROKER_MEGABITS * costs::IN_USE);
    let of_partition = costs::KAFKA_IN_RATE.value / costs::KAFKA_IN_PARTITIONS * costs::IN_USE;
    let outcomes_of_event = load.deliveries_per_event() * costs::KAFKA_OUTCOME.value;
    Sizing {
        deliveries,
        partitions: Some(((events / of_partition).ceil() as u64).max(3)),
        shards: Some((2 * delivering).max(8)),
        brokers: Some((carried.ceil() as u64).max(load.replicas)),
        network,
        log_gigabytes: kept(load, stored + outcomes_of_event) * replicas,
        index_gigabytes: kept_index(load),
        groups,
        notes,
        load: load.clone(),
    }
}

/// Nodes for work that keeps so many cores busy, and one more.
fn nodes(load: &Load, busy_cores: f64) -> u64 {
    (busy_cores / costs::IN_USE / load.node_cores as f64).ceil().max(1.0) as u64 + 1
}

fn note_sink(load: &Load, most: f64, notes: &mut Vec<Note>) {
    let deliveries = load.deliveries_per_subscription();
    if load.subscribers > 0 && deliveries > most {
        notes.push(Note::Sink { deliveries: deliveries as u64, most: most as u64 });
    }
}

/// Notes a node that cannot do its work with the cores that it has.
fn note_cores(load: &Load, busy_cores: f64, notes: &mut Vec<Note>) {
    let needed = (busy_cores / costs::IN_USE).ceil() as u64;
    if needed > load.node_cores {
        notes.push(Note::Cores { needed });
    }
}

/// What passes over networks; the brokers in bytes a second.
fn network(load: &Load, deliveries: f64, into_brokers: f64, out_of_brokers: f64) -> Network {
    let (events, bytes) = (load.events as f64, load.bytes as f64);
    Network {
        publishers: megabits(events * (bytes + costs::POST_HEADERS)),
        subscribers: megabits(deliveries * (bytes + costs::DELIVERY_HEADERS.value)),
        into_brokers: megabits(into_brokers),
        out_of_brokers: megabits(out_of_brokers),
    }
}

fn megabits(bytes: f64) -> f64 {
    bytes * 8.0 / 1e6
}

/// Gigabytes kept of so many bytes for each event.
fn kept(load: &Load, bytes: f64) -> f64 {
    load.average_events as f64 * bytes * DAY * load.retention_days as f64 / 1e9
}

fn kept_index(load: &Load) -> f64 {
    kept(load, costs::INDEX_EVENT.value + load.deliveries_per_event() * costs::INDEX_DELIVERY.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
    }

    #[test]
    fn cores_follow_the_costs() {
        // A delivery an event: the measured processor time of both together.
        let load = Load::new(Storage::Embedded, 1_000, 1, 500);
        let sizing = size(&load);
        assert!(close(sizing.groups[0].busy_cores, 1_000.0 * costs::EMBEDDED_IN_AND_OUT.value / 1e6));
        assert_eq!((sizing.groups[0].nodes, &sizing.notes[..]), (1, &[][..]));
        // Twice the events and the deliveries cost twice as much; no subscriber costs less.
        let twice = size(&Load { events: 2_000, average_events: 2_000, ..load.clone() });
        assert!(close(twice.groups[0].busy_cores, 2.0 * sizing.groups[0].busy_cores));
        assert!(close(twice.log_gigabytes, 2.0 * sizing.log_gigabytes));
        let none = size(&Load { subscribers: 0, ..load });
        assert!(none.groups[0].busy_cores < sizing.groups[0].busy_cores && close(none.network.subscribers, 0.0));
    }

    #[test]
    fn nodes_carry_the_work_when_one_is_gone() {
        for events in [10, 1_000, 10_000, 100_000, 1_000_000] {
            for subscribers in [0, 1, 20, 1_000] {
                let load = Load { share_percent: 10.0, ..Load::new(Storage::Kafka, events, subscribers, 500) };
                let sizing = size(&load);
                for Group { role, nodes, busy_cores } in &sizing.groups {
                    assert!(*nodes >= 2, "{load:?}: {role} has {nodes} nodes");
                    let carried = (nodes - 1) as f64 * load.node_cores as f64 * costs::IN_USE;
                    let is_noted = sizing.notes.iter().any(|note| matches!(note, Note::Cores { .. }));
                    let each = if *role == Role::Beheer { busy_cores / 2.0 } else { *busy_cores };
                    assert!(each <= carried + 1e-9 || (*role == Role::Beheer && is_noted), "{load:?}: {role}");
                }
                let delivering = sizing.groups.iter().find(|group| [Role::All, Role::Deliver].contains(&group.role));
                assert!(sizing.shards >= delivering.map(|group| group.nodes), "a shard for each node: {sizing:?}");
                assert!(sizing.brokers >= Some(load.replicas) && sizing.partitions >= Some(3));
            }
        }
    }

    #[test]
    fn what_was_not_measured_is_noted() {
        for (load, expected) in [
            (Load::new(Storage::Embedded, 100_000, 0, 500), "take Kafka (--kafka) above 15,699 events"),
            (
                Load::new(Storage::Embedded, 60_000, 1, 500),
                "60,000 deliveries a second, and the most that one sink got was 54,593",
            ),
            (Load::new(Storage::Embedded, 10_000, 100, 500), "one node needs "),
            (Load::new(Storage::Kafka, 20_000, 1, 500), "a subscription gets 20,000"),
            (Load::new(Storage::Kafka, 20_000, 0, 500), "at most 7,910 events a second"),
        ] {
            let notes: Vec<String> = size(&load).notes.iter().map(ToString::to_string).collect();
            assert!(notes.iter().any(|note| note.contains(expected)), "{load:?}: {notes:?}");
        }
    }

    #[test]
    fn brokers_follow_replicas_and_size() {
        let load = Load::new(Storage::Kafka, 100_000, 10, 500);
        let (three, one) = (size(&load), size(&Load { replicas: 1, ..load.clone() }));
        assert!(close(three.log_gigabytes, 3.0 * one.log_gigabytes), "{three:?} {one:?}");
        assert!(three.network.into_brokers > 2.9 * one.network.into_brokers);
        let large = size(&Load { bytes: 50_000, ..load });
        assert!(large.brokers > three.brokers, "{large:?}");
        // The average is for disks alone.
        let calm = size(&Load { average_events: 10_000, ..three.load.clone() });
        assert!(close(calm.log_gigabytes * 10.0, three.log_gigabytes) && calm.brokers == three.brokers);
    }
}
