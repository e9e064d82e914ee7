//! The names of all metrics of delivery, and the meters behind those that are counted often.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use model::{KanaalName, Partition, outcome::Outcome};
use storage::progress::Shard;

use crate::{
    answer::Class,
    machine::{Counts, ShardStatus},
};

/// Deliveries that ended, by `outcome`.
pub const DELIVERIES: &str = "gateway_deliveries_total";
/// Records that a subscription never got to see, wanted or not, by `outcome`: retention overtook it, or it ended.
pub const PASSED_OVER: &str = "gateway_passed_over_records_total";
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
/// Records of a partition that are not read yet, by `kanaal` and `partition`; of the slowest shard.
pub const PARTITION_LAG: &str = "gateway_partition_lag_events";
/// Shards that this node delivers.
pub const SHARDS_OWNED: &str = "gateway_shards_owned";
/// Shards that came to this node or left it, by `change`.
pub const OWNERSHIP: &str = "gateway_shard_changes_total";
/// Checkpoints that were refused because another node has the shard.
pub const FENCED: &str = "gateway_fenced_checkpoints_total";
/// Promises broken, by `id`; never anything but zero.
pub const INVARIANT_VIOLATIONS: &str = "gateway_invariant_violations_total";

/// Meters that are looked up once.
pub(crate) struct Meters {
    outcomes: Vec<Counter>,
    passed_over: Vec<Counter>,
    attempts: Vec<Counter>,
    seconds: Histogram,
}

fn passed_over(outcome: Outcome) -> Counter {
    counter!(PASSED_OVER, "outcome" => outcome.label())
}

impl Meters {
    pub fn new() -> Self {
        Self {
            outcomes: Outcome::ALL.iter().map(|outcome| counter!(DELIVERIES, "outcome" => outcome.label())).collect(),
            passed_over: [Outcome::Expired, Outcome::Ended].map(passed_over).into(),
            attempts: Class::LABELS.iter().map(|class| counter!(ATTEMPTS, "class" => *class)).collect(),
            seconds: histogram!(DELIVERY_SECONDS),
        }
    }

    /// Adds what was counted.
    pub fn add(&self, counts: Counts) {
        let [.., expired, ended] = counts.passed_over;
        let outcomes = self.outcomes.iter().zip(counts.outcomes);
        let passed_over = self.passed_over.iter().zip([expired, ended]);
        for (meter, count) in outcomes.chain(passed_over).chain(self.attempts.iter().zip(counts.attempts)) {
            if count > 0 {
                meter.increment(count);
            }
        }
        for latency in counts.delivered {
            self.seconds.record(latency.as_secs_f64());
        }
    }
}

/// How all shards of this node are doing together; shown as gauges.
pub(crate) struct Board {
    shards: Mutex<HashMap<Shard, Row>>,
    /// Partitions that have a gauge.
    partitions: Mutex<BTreeSet<(KanaalName, Partition)>>,
    lag: Gauge,
    lagging: Gauge,
    unsettled: Gauge,
    oldest: Gauge,
    in_flight: Gauge,
    bytes: Gauge,
    outages: Gauge,
    owned: Gauge,
}

type Row = (ShardStatus, Vec<(KanaalName, Partition, u64)>);

impl Default for Board {
    fn default() -> Self {
        Self {
            shards: Mutex::default(),
            partitions: Mutex::default(),
            lag: gauge!(LAG_EVENTS),
            lagging: gauge!(LAGGING),
            unsettled: gauge!(UNSETTLED),
            oldest: gauge!(OLDEST_SECONDS),
            in_flight: gauge!(IN_FLIGHT),
            bytes: gauge!(WINDOW_BYTES),
            outages: gauge!(OUTAGES),
            owned: gauge!(SHARDS_OWNED),
        }
    }
}

impl Board {
    fn shards(&self) -> MutexGuard<'_, HashMap<Shard, Row>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts that a shard came or went.
    pub fn ownership(change: &'static str) {
        counter!(OWNERSHIP, "change" => change).increment(1);
    }

    /// Shows how a shard is doing.
    pub fn show(
        &self,
        shard: Shard,
        status: ShardStatus,
        partitions: Vec<(KanaalName, Partition, u64)>,
        now: model::Timestamp,
    ) {
        self.shards().insert(shard, (status, partitions));
        self.add_up(now);
    }

    /// A shard is not here any more.
    pub fn clear(&self, shard: Shard, now: model::Timestamp) {
        self.shards().remove(&shard);
        self.add_up(now);
    }

    fn add_up(&self, now: model::Timestamp) {
        let shards = self.shards();
        let all = || shards.values().map(|(status, _)| status);
        self.owned.set(shards.len() as f64);
        self.lag.set(all().map(|status| status.behind).sum::<u64>() as f64);
        for (gauge, count) in [
            (&self.lagging, all().map(|status| status.lagging).sum::<usize>()),
            (&self.unsettled, all().map(|status| status.unsettled).sum()),
            (&self.in_flight, all().map(|status| status.in_flight).sum()),
            (&self.bytes, all().map(|status| status.bytes).sum()),
            (&self.outages, all().map(|status| status.outages).sum()),
        ] {
            gauge.set(count as f64);
        }
        let oldest = all().filter_map(|status| status.oldest).min();
        self.oldest.set(oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64()));
        let mut lags: BTreeMap<(KanaalName, Partition), u64> = BTreeMap::new();
        for (kanaal, partition, lag) in shards.values().flat_map(|(_, partitions)| partitions) {
            let slowest = lags.entry((kanaal.clone(), *partition)).or_default();
            *slowest = (*slowest).max(*lag);
        }
        let mut shown = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        shown.extend(lags.keys().cloned());
        for (kanaal, partition) in shown.iter() {
            let lag = lags.get(&(kanaal.clone(), *partition)).copied().unwrap_or_default();
            let labels = [("kanaal", kanaal.as_str().to_owned()), ("partition", partition.0.to_string())];
            gauge!(PARTITION_LAG, &labels).set(lag as f64);
        }
    }
}
