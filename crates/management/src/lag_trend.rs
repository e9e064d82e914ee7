//! How the records that this node has not read yet changed over the last hour, by partition: a sample a minute, kept in memory.
//!
//! Not the events that wait for one subscription; those are in its status.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{KanaalName, Partition, Timestamp};

use crate::Management;

/// The time between two samples.
const INTERVAL: Duration = Duration::from_mins(1);

/// The samples that are kept: an hour.
const SAMPLES: usize = 60;

/// Most partitions of a sample: those that are furthest behind. The others count as read.
const MAX_PARTITIONS: usize = 1_000;

/// How many samples ago the present lag is compared with.
const COMPARED: usize = 5;

/// The samples of this node.
#[derive(Debug, Default)]
pub struct LagSamples(Mutex<VecDeque<Sample>>);

type Sample = (Timestamp, HashMap<(KanaalName, Partition), u64>);

/// Whether the lag grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More waits than before.
    Up,
    /// Less waits than before.
    Down,
    /// As much waits as before.
    Level,
}

/// The lag of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLag {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The partition.
    pub partition: Partition,
    /// Records that are not read now.
    pub lag: u64,
    /// How it changed since the oldest of the last 5 samples, and when that was; `None` without samples.
    pub change: Option<(Direction, Timestamp)>,
    /// The samples of the last hour, oldest first, and the present.
    pub samples: Vec<u64>,
}

impl LagSamples {
    /// Keeps a sample.
    fn add(&self, now: Timestamp, mut partitions: Vec<(KanaalName, Partition, u64)>) {
        partitions.retain(|(_, _, lag)| *lag > 0);
        if partitions.len() > MAX_PARTITIONS {
            partitions.sort_by_key(|(_, _, lag)| std::cmp::Reverse(*lag));
            partitions.truncate(MAX_PARTITIONS);
        }
        let lags = partitions.into_iter().map(|(kanaal, partition, lag)| ((kanaal, partition), lag)).collect();
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while samples.len() >= SAMPLES {
            samples.pop_front();
        }
        samples.push_back((now, lags));
    }

    /// The present lag of partitions beside the samples.
    fn trend(&self, partitions: Vec<(KanaalName, Partition, u64)>) -> Vec<PartitionLag> {
        let samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let compared = samples.iter().rev().take(COMPARED).next_back();
        let trend = |(kanaal, partition, lag): (KanaalName, Partition, u64)| {
            let key = (kanaal, partition);
            let of = |(_, lags): &Sample| lags.get(&key).copied().unwrap_or_default();
            let change = compared.map(|sample| {
                let direction = match lag.cmp(&of(sample)) {
                    std::cmp::Ordering::Greater => Direction::Up,
                    std::cmp::Ordering::Less => Direction::Down,
                    std::cmp::Ordering::Equal => Direction::Level,
                };
                (direction, sample.0)
            });
            let samples = samples.iter().map(of).chain([lag]).collect();
            PartitionLag { kanaal: key.0, partition, lag, change, samples }
        };
        partitions.into_iter().map(trend).collect()
    }
}

impl Management {
    /// Takes a sample a minute, until it is dropped.
    pub async fn watch_lag(self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.sample_lag();
        }
    }

    /// Takes a sample now.
    pub fn sample_lag(&self) {
        self.lag_samples.add(self.clock.now(), self.engine.totals().partitions);
    }

    /// The partitions of a kanaal that this node reads, ascending, at most `most`, and how many there are.
    pub fn lag_of_kanaal(&self, kanaal: &KanaalName, most: usize) -> (Vec<PartitionLag>, usize) {
        let mut partitions = self.engine.totals().partitions;
        partitions.retain(|(naam, _, _)| naam == kanaal);
        partitions.sort_by_key(|(_, partition, _)| *partition);
        let all = partitions.len();
        partitions.truncate(most);
        (self.lag_samples.trend(partitions), all)
    }

    /// The partitions that are furthest behind, most first, at most `most`; those that are read or were read are left out, unless
    /// a sample of the last hour had them.
    pub fn slowest_partitions(&self, most: usize) -> Vec<PartitionLag> {
        let mut trend = self.lag_samples.trend(self.engine.totals().partitions);
        trend.retain(|own| own.samples.iter().any(|lag| *lag > 0));
        trend.sort_by(|a, b| b.lag.cmp(&a.lag).then_with(|| (&a.kanaal, a.partition).cmp(&(&b.kanaal, b.partition))));
        trend.truncate(most);
        trend
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn partitions(lags: [u64; 2]) -> Vec<(KanaalName, Partition, u64)> {
        let naam = KanaalName::new("zaken").unwrap();
        lags.into_iter().zip(0..).map(|(lag, number)| (naam.clone(), Partition(number), lag)).collect()
    }

    #[test]
    fn the_present_is_compared_with_five_minutes_ago() {
        let samples = LagSamples::default();
        let none = samples.trend(partitions([3, 0]));
        assert_eq!((none[0].change, none[0].samples.as_slice()), (None, &[3][..]));
        for (minute, lag) in [(0, 100), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)] {
            samples.add(NOW + INTERVAL * minute, partitions([lag, 0]));
        }
        for (lag, direction) in [(3, Direction::Up), (2, Direction::Level), (1, Direction::Down)] {
            let trend = samples.trend(partitions([lag, 0]));
            assert_eq!(trend[0].change, Some((direction, NOW + INTERVAL)), "{lag}");
            assert_eq!(trend[0].samples, [100, 2, 3, 4, 5, 6, lag]);
            assert_eq!(trend[1].change.map(|(direction, _)| direction), Some(Direction::Level));
        }
    }

    #[test]
    fn samples_and_their_partitions_are_bounded() {
        let samples = LagSamples::default();
        let naam = KanaalName::new("zaken").unwrap();
        for minute in 0..70 {
            let many = (0..1_500).map(|number| (naam.clone(), Partition(number), u64::from(number))).collect();
            samples.add(NOW + INTERVAL * minute, many);
        }
        let kept = samples.0.lock().unwrap();
        assert_eq!((kept.len(), kept[0].0), (SAMPLES, NOW + INTERVAL * 10));
        assert!(kept.iter().all(|(_, lags)| lags.len() == MAX_PARTITIONS));
    }
}
