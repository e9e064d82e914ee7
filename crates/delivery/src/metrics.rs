//! The names of all metrics of delivery, and the meters behind those that are counted often.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use model::outcome::Outcome;

use crate::{
    answer::Class,
    machine::{Counts, ShardStatus},
};

/// Deliveries that ended, by `outcome`.
pub const DELIVERIES: &str = "gateway_deliveries_total";
/// Requests to sinks, by `class` of their answer.
pub const ATTEMPTS: &str = "gateway_attempts_total";
/// Seconds from acceptance to arrival.
pub const DELIVERY_SECONDS: &str = "gateway_delivery_seconds";
/// Records that the shared readers have not read yet.
pub const LAG_EVENTS: &str = "gateway_lag_events";
/// Subscriptions with a mark of their own.
pub const LAGGING: &str = "gateway_lagging_subscriptions";
/// Deliveries that were read and are not settled.
pub const UNSETTLED: &str = "gateway_unsettled_deliveries";
/// Seconds since the oldest of them was appended.
pub const OLDEST_SECONDS: &str = "gateway_oldest_unsettled_seconds";
/// Requests to sinks under way.
pub const IN_FLIGHT: &str = "gateway_requests_in_flight";
/// Payload bytes held for deliveries.
pub const WINDOW_BYTES: &str = "gateway_window_bytes";
/// Sinks that are failing.
pub const OUTAGES: &str = "gateway_sink_outages";
/// Records that hold no event that can be read; they are kept aside and passed over.
pub const UNREADABLE: &str = "gateway_unreadable_records_total";
/// Checkpoints written.
pub const CHECKPOINTS: &str = "gateway_checkpoints_total";
/// Promises broken, by `id`; never anything but zero.
pub const INVARIANT_VIOLATIONS: &str = "gateway_invariant_violations_total";

/// Meters that are looked up once.
pub(crate) struct Meters {
    outcomes: Vec<Counter>,
    attempts: Vec<Counter>,
    seconds: Histogram,
    lag: Gauge,
    lagging: Gauge,
    unsettled: Gauge,
    oldest: Gauge,
    in_flight: Gauge,
    bytes: Gauge,
    outages: Gauge,
}

impl Meters {
    pub fn new() -> Self {
        Self {
            outcomes: Outcome::ALL.iter().map(|outcome| counter!(DELIVERIES, "outcome" => outcome.label())).collect(),
            attempts: Class::LABELS.iter().map(|class| counter!(ATTEMPTS, "class" => *class)).collect(),
            seconds: histogram!(DELIVERY_SECONDS),
            lag: gauge!(LAG_EVENTS),
            lagging: gauge!(LAGGING),
            unsettled: gauge!(UNSETTLED),
            oldest: gauge!(OLDEST_SECONDS),
            in_flight: gauge!(IN_FLIGHT),
            bytes: gauge!(WINDOW_BYTES),
            outages: gauge!(OUTAGES),
        }
    }

    /// Adds what was counted.
    pub fn add(&self, counts: Counts) {
        for (meter, count) in self.outcomes.iter().zip(counts.outcomes).chain(self.attempts.iter().zip(counts.attempts))
        {
            if count > 0 {
                meter.increment(count);
            }
        }
        for latency in counts.delivered {
            self.seconds.record(latency.as_secs_f64());
        }
    }

    /// Shows how the shard is doing.
    pub fn show(&self, status: &ShardStatus, now: model::Timestamp) {
        self.lag.set(status.behind as f64);
        self.lagging.set(status.lagging as f64);
        self.unsettled.set(status.unsettled as f64);
        self.oldest.set(status.oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64()));
        self.in_flight.set(status.in_flight as f64);
        self.bytes.set(status.bytes as f64);
        self.outages.set(status.outages as f64);
    }
}
