//! The metrics of delivery: their names, the counters of a shard, and the gauges of all shards of a node.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use model::{Clock, KanaalName, Partition, Timestamp, outcome::Outcome};

use crate::{
    channel::Class,
    invariants::Violation,
    machine::{Counts, ShardStatus},
};

/// Deliveries that ended, by `outcome`.
pub const DELIVERIES: &str = "gateway_deliveries_total";
/// Records that ended for a subscription without being read, wanted or not, by `outcome`: retention removed them, or
/// the subscription ended.
pub const PASSED_OVER: &str = "gateway_passed_over_records_total";
/// Requests to sinks, by `class` of their answer.
pub const ATTEMPTS: &str = "gateway_attempts_total";
/// Seconds from acceptance of an event to the answer of the sink that accepted it.
pub const DELIVERY_SECONDS: &str = "gateway_delivery_seconds";
/// Records that the shared readers have not read yet.
pub const LAG_EVENTS: &str = "gateway_lag_events";
/// Subscriptions with an own cursor: they are not level with a shared reader.
pub const LAGGING: &str = "gateway_lagging_subscriptions";
/// Deliveries that were read and are not settled.
pub const UNSETTLED: &str = "gateway_unsettled_deliveries";
/// Seconds since the oldest of them was appended.
pub const OLDEST_SECONDS: &str = "gateway_oldest_unsettled_seconds";
/// Requests to sinks under way.
pub const IN_FLIGHT: &str = "gateway_requests_in_flight";
/// Payload bytes held for deliveries.
pub const WINDOW_BYTES: &str = "gateway_window_bytes";
/// Gauge: sinks in outage.
pub const OUTAGES: &str = "gateway_sink_outages";
/// Records that hold no readable event; they are quarantined and skipped.
pub const UNREADABLE: &str = "gateway_unreadable_records_total";
/// Checkpoints that were stored or refused.
pub const CHECKPOINTS: &str = "gateway_checkpoints_total";
/// Seconds for which progress has waited to be stored; of the shard where it waits longest.
pub const CHECKPOINT_AGE: &str = "gateway_checkpoint_age_seconds";
/// Records of a partition that are not read yet, by `kanaal` and `partition`; of the slowest shard.
pub const PARTITION_LAG: &str = "gateway_partition_lag_events";
/// Shards that this node delivers.
pub const SHARDS_OWNED: &str = "gateway_shards_owned";
/// Shards that came to this node or left it, by `change`.
pub const OWNERSHIP: &str = "gateway_shard_changes_total";
/// Checkpoints that were refused because another node has the shard.
pub const FENCED: &str = "gateway_fenced_checkpoints_total";
/// Invariants that did not hold, by `id`; anything but zero is a defect.
pub const INVARIANT_VIOLATIONS: &str = "gateway_invariant_violations_total";

/// The counters of a shard, looked up once.
pub(crate) struct ShardCounters {
    outcomes: Vec<Counter>,
    passed_over: Vec<Counter>,
    attempts: Vec<Counter>,
    seconds: Histogram,
}

fn passed_over(outcome: Outcome) -> Counter {
    counter!(PASSED_OVER, "outcome" => outcome.label())
}

impl ShardCounters {
    pub fn new() -> Self {
        Self {
            outcomes: Outcome::ALL.iter().map(|outcome| counter!(DELIVERIES, "outcome" => outcome.label())).collect(),
            passed_over: [Outcome::Expired, Outcome::Ended].map(passed_over).into(),
            attempts: Class::LABELS.iter().map(|class| counter!(ATTEMPTS, "class" => *class)).collect(),
            seconds: histogram!(DELIVERY_SECONDS),
        }
    }

    /// Adds the counts of a machine; logs each violated invariant.
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
        for Violation { invariant, detail } in counts.violations {
            tracing::error!(?invariant, detail, "an invariant is violated");
            counter!(INVARIANT_VIOLATIONS, "id" => format!("{invariant:?}")).increment(1);
        }
    }
}

/// The status of all shards of this node, added up and shown as gauges.
pub(crate) struct Gauges {
    /// A row for each task that delivers a shard, by its number.
    rows: Mutex<HashMap<u64, Row>>,
    next: AtomicU64,
    /// Partitions that have a gauge.
    partitions: Mutex<BTreeSet<(KanaalName, Partition)>>,
    lag: Gauge,
    lagging: Gauge,
    unsettled: Gauge,
    oldest: Gauge,
    in_flight: Gauge,
    bytes: Gauge,
    outages: Gauge,
    checkpoint_age: Gauge,
    owned: Gauge,
}

/// The status of all shards of a node, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sums over the shards; the oldest delivery and the longest wait for a checkpoint of any of them.
    pub status: ShardStatus,
    /// Each partition with its records that are not read yet, of the slowest shard.
    pub partitions: Vec<(KanaalName, Partition, u64)>,
}

type Row = (ShardStatus, Vec<(KanaalName, Partition, u64)>);

impl Default for Gauges {
    fn default() -> Self {
        Self {
            rows: Mutex::default(),
            next: AtomicU64::default(),
            partitions: Mutex::default(),
            lag: gauge!(LAG_EVENTS),
            lagging: gauge!(LAGGING),
            unsettled: gauge!(UNSETTLED),
            oldest: gauge!(OLDEST_SECONDS),
            in_flight: gauge!(IN_FLIGHT),
            bytes: gauge!(WINDOW_BYTES),
            outages: gauge!(OUTAGES),
            checkpoint_age: gauge!(CHECKPOINT_AGE),
            owned: gauge!(SHARDS_OWNED),
        }
    }
}

impl Gauges {
    fn rows(&self) -> MutexGuard<'_, HashMap<u64, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The part of one task that delivers a shard.
    pub fn of_task(self: &Arc<Self>, clock: Arc<dyn Clock>) -> TaskGauges {
        TaskGauges { row: self.next.fetch_add(1, Ordering::Relaxed), gauges: Arc::clone(self), clock }
    }

    /// The status of all shards as last reported.
    pub fn totals(&self) -> Totals {
        let rows = self.rows();
        let mut status = ShardStatus::default();
        for (own, _) in rows.values() {
            status.in_flight += own.in_flight;
            status.unsettled += own.unsettled;
            status.bytes += own.bytes;
            status.behind += own.behind;
            status.lagging += own.lagging;
            status.outages += own.outages;
            status.oldest = [status.oldest, own.oldest].into_iter().flatten().min();
            status.checkpoint_age = status.checkpoint_age.max(own.checkpoint_age);
        }
        let partitions = lags(&rows).into_iter().map(|((kanaal, partition), lag)| (kanaal, partition, lag));
        Totals { status, partitions: partitions.collect() }
    }

    /// Counts that a shard was gained or lost, by `change`.
    pub fn count_ownership_change(change: &'static str) {
        counter!(OWNERSHIP, "change" => change).increment(1);
    }

    fn add_up(&self, now: Timestamp) {
        let rows = self.rows();
        let all = || rows.values().map(|(status, _)| status);
        self.owned.set(rows.len() as f64);
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
        let age = all().map(|status| status.checkpoint_age).max().unwrap_or_default();
        self.checkpoint_age.set(age.as_secs_f64());
        let oldest = all().filter_map(|status| status.oldest).min();
        self.oldest.set(oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64()));
        let lags = lags(&rows);
        let mut known = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(lags.keys().cloned());
        for (kanaal, partition) in known.iter() {
            let lag = lags.get(&(kanaal.clone(), *partition)).copied().unwrap_or_default();
            let labels = [("kanaal", kanaal.as_str().to_owned()), ("partition", partition.0.to_string())];
            gauge!(PARTITION_LAG, &labels).set(lag as f64);
        }
    }
}

/// The part of the gauges that one task reports. It is removed with the task and not when the shard is lost: a task that was aborted
/// may still report on another thread.
pub(crate) struct TaskGauges {
    gauges: Arc<Gauges>,
    row: u64,
    clock: Arc<dyn Clock>,
}

impl TaskGauges {
    /// Updates the gauges with the status of the shard.
    pub fn set(&self, status: ShardStatus, partitions: Vec<(KanaalName, Partition, u64)>, now: Timestamp) {
        self.gauges.rows().insert(self.row, (status, partitions));
        self.gauges.add_up(now);
    }
}

impl Drop for TaskGauges {
    fn drop(&mut self) {
        self.gauges.rows().remove(&self.row);
        self.gauges.add_up(self.clock.now());
    }
}

/// The records of each partition that are not read yet, of the slowest shard.
fn lags(rows: &HashMap<u64, Row>) -> BTreeMap<(KanaalName, Partition), u64> {
    let mut lags = BTreeMap::new();
    for (kanaal, partition, lag) in rows.values().flat_map(|(_, partitions)| partitions) {
        let slowest: &mut u64 = lags.entry((kanaal.clone(), *partition)).or_default();
        *slowest = (*slowest).max(*lag);
    }
    lags
}

#[cfg(test)]
mod tests {
    use model::clock::SystemClock;

    use super::*;

    #[test]
    fn what_a_task_reported_ends_with_it_also_when_another_has_its_shard() {
        let gauges = Arc::new(Gauges::default());
        let task = || gauges.of_task(Arc::new(SystemClock::default()));
        let report = |task: &TaskGauges, in_flight| {
            task.set(ShardStatus { in_flight, ..ShardStatus::default() }, Vec::new(), Timestamp::default());
        };
        let (aborted, next) = (task(), task());
        report(&next, 2);
        report(&aborted, 5);
        drop(aborted);
        assert_eq!(gauges.totals().status.in_flight, 2);
        drop(next);
        assert_eq!(gauges.totals(), Totals::default());
    }
}
