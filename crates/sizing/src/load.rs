//! The load that is sized for, with the range of each member.

use serde::Serialize;
use thiserror::Error;

/// Where events are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// One node with one file.
    Embedded,
    /// Topics on brokers.
    Kafka,
}

/// A load, and the choices that its size depends on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Where events are stored.
    pub storage: Storage,
    /// Events a second in the busiest minutes, 1 to 10,000,000.
    pub events: u64,
    /// Events a second averaged over the retention, 1 to `events`: for disks.
    pub average_events: u64,
    /// Subscriptions with a receiver of their own, 0 to 1,000,000.
    pub subscribers: u64,
    /// The share of all events that one subscription selects, in percent, above 0 to 100.
    pub share_percent: f64,
    /// The size of an event as it is posted in structured mode, in bytes, 100 to 10,000,000.
    pub bytes: u64,
    /// For how long events and deliveries are kept, in days, 1 to 3,650.
    pub retention_days: u64,
    /// Replicas of a topic, 1 to 9. Without effect on the embedded storage.
    pub replicas: u64,
    /// Cores of one node, 1 to 128. Costs were measured with two.
    pub node_cores: u64,
}

impl Load {
    /// A load with the defaults of the other members: all events are selected by each subscription, 30 days, 3 replicas, nodes of 2
    /// cores.
    pub const fn new(storage: Storage, events: u64, subscribers: u64, bytes: u64) -> Self {
        Self {
            storage,
            events,
            average_events: events,
            subscribers,
            share_percent: 100.0,
            bytes,
            retention_days: 30,
            replicas: 3,
            node_cores: 2,
        }
    }

    /// Deliveries a second to one subscription.
    pub fn deliveries_per_subscription(&self) -> f64 {
        self.events as f64 * self.share_percent / 100.0
    }

    /// Deliveries for one event, on average.
    pub fn deliveries_per_event(&self) -> f64 {
        self.subscribers as f64 * self.share_percent / 100.0
    }

    /// Checks the range of every member.
    ///
    /// # Errors
    /// The first member that is out of its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        for (member, value, lowest, highest) in [
            ("events", self.events, 1, 10_000_000),
            ("average-events", self.average_events, 1, self.events),
            ("subscribers", self.subscribers, 0, 1_000_000),
            ("bytes", self.bytes, 100, 10_000_000),
            ("retention-days", self.retention_days, 1, 3_650),
            ("replicas", self.replicas, 1, 9),
            ("node-cores", self.node_cores, 1, 128),
        ] {
            if !(lowest..=highest).contains(&value) {
                return Err(OutOfRange { member, range: format!("{lowest} to {highest}") });
            }
        }
        if self.share_percent > 0.0 && self.share_percent <= 100.0 {
            Ok(())
        } else {
            Err(OutOfRange { member: "share", range: "above 0 to 100 (percent)".to_owned() })
        }
    }
}

/// A member of a load is outside its range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("--{member} is out of its range, which is {range}")]
pub struct OutOfRange {
    /// The member, as the option of the command is named.
    pub member: &'static str,
    /// The lowest and the highest value, in words.
    pub range: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_out_of_range_are_named() {
        let good = Load::new(Storage::Kafka, 1_000, 10, 500);
        assert_eq!(good.check(), Ok(()));
        for (load, member) in [
            (Load { events: 0, ..good.clone() }, "events"),
            (Load { average_events: 1_001, ..good.clone() }, "average-events"),
            (Load { subscribers: 1_000_001, ..good.clone() }, "subscribers"),
            (Load { bytes: 99, ..good.clone() }, "bytes"),
            (Load { retention_days: 0, ..good.clone() }, "retention-days"),
            (Load { replicas: 10, ..good.clone() }, "replicas"),
            (Load { node_cores: 0, ..good.clone() }, "node-cores"),
            (Load { share_percent: 0.0, ..good.clone() }, "share"),
            (Load { share_percent: f64::NAN, ..good.clone() }, "share"),
            (Load { share_percent: 100.5, ..good }, "share"),
        ] {
            let error = load.check().expect_err("out of range");
            assert_eq!(error.member, member);
            assert!(error.to_string().starts_with(&format!("--{member} is out of its range")), "{error}");
        }
    }
}
