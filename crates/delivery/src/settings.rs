//! The bounds and intervals of the engine. They are fixed at start.

use std::time::Duration;

/// Bounds and intervals of the engine. Together they bound its memory (I8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Most unsettled deliveries of one subscription that have not failed; at least 1. With those that failed, and mostly wait
    /// for a retry without their payload, [`Settings::unsettled`].
    pub window: usize,
    /// Payload bytes that the window of one subscription holds before it stops reading.
    pub window_bytes: usize,
    /// Payload bytes that all windows together hold before each of them is cut to a few events.
    pub total_bytes: usize,
    /// Most requests of one subscription under way, unless it asks for less; at least 1.
    pub in_flight: usize,
    /// Most requests under way of all subscriptions together. Beyond it, a sink with none under way may still start one.
    pub in_flight_total: usize,
    /// Most records of one read.
    pub fetch_records: usize,
    /// Most bytes of one read (a single record may be larger).
    pub fetch_bytes: usize,
    /// Most concurrent reads of the shared readers.
    pub shared_fetches: usize,
    /// Most concurrent reads for single subscriptions: catching up, retries and runs.
    pub other_fetches: usize,
    /// Time between two checkpoints. A checkpoint covers the events that were read before the previous checkpoint, so
    /// after a crash at most the deliveries settled in the last two intervals are repeated.
    pub checkpoint_interval: Duration,
    /// How long a sink may fail before its subscriptions are suspended.
    pub outage_limit: Duration,
    /// How many records of a partition the duplicates window spans.
    pub duplicates: usize,
    /// The wait before a failed operation on storage is tried again.
    pub storage_retry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: 1_000,
            window_bytes: 1024 * 1024,
            total_bytes: 256 * 1024 * 1024,
            in_flight: 64,
            in_flight_total: 4_096,
            fetch_records: 512,
            fetch_bytes: 1024 * 1024,
            shared_fetches: 32,
            other_fetches: 16,
            checkpoint_interval: Duration::from_millis(100),
            outage_limit: Duration::from_hours(72),
            duplicates: 10_000,
            storage_retry: Duration::from_secs(1),
        }
    }
}

/// How many times as many deliveries as the window may be unsettled.
const FAILED_WINDOWS: usize = 10;

impl Settings {
    /// Most unsettled deliveries of one subscription.
    pub const fn unsettled(&self) -> usize {
        self.window.saturating_mul(FAILED_WINDOWS)
    }

    /// The settings of one shard of `shards`: the bounds of a node are divided by that number, and are at least 1.
    pub(crate) fn per_shard(&self, shards: u32) -> Self {
        let part = |whole: usize| (whole / shards.max(1) as usize).max(1);
        Self {
            total_bytes: part(self.total_bytes),
            in_flight_total: part(self.in_flight_total),
            shared_fetches: part(self.shared_fetches),
            other_fetches: part(self.other_fetches),
            ..self.clone()
        }
    }
}
