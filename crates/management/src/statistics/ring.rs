//! Counts per minute of the last 24 hours, in a bounded number of rows. It knows no clock and no storage.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use model::{KanaalName, SubscriptionId, Timestamp};

/// The minutes that are kept.
pub const MINUTES: i64 = 24 * 60;

/// Most rows that are kept, of about 100 bytes each. Beyond it the oldest minutes are dropped.
const MAX_ROWS: usize = 250_000;

const MINUTE_MILLIS: i64 = 60_000;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Series {
    /// Everything.
    All,
    /// The events of a kanaal and their deliveries to any subscription.
    Kanaal(KanaalName),
    /// The deliveries of a subscription.
    Subscription(SubscriptionId),
}

/// The number of classes of answers.
pub const CLASSES: usize = 5;

/// Counts of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were accepted.
    pub accepted: u32,
    /// Deliveries that the sink accepted.
    pub delivered: u32,
    /// Deliveries that ended as a dead letter.
    pub failed: u32,
    /// Deliveries that ended in another way: a duplicate, expired, or with their subscription.
    pub other: u32,
    /// Requests to sinks by the first digit of the status of their answer, 1 and 2 (together) to 5, and those without an answer.
    pub attempts: [u32; CLASSES],
}

impl Counts {
    /// Adds other counts.
    pub fn add(&mut self, more: &Self) {
        for (sum, more) in [
            (&mut self.accepted, more.accepted),
            (&mut self.delivered, more.delivered),
            (&mut self.failed, more.failed),
            (&mut self.other, more.other),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (sum, more) in self.attempts.iter_mut().zip(more.attempts) {
            *sum = sum.saturating_add(more);
        }
    }
}

/// The number of a minute since 1970.
pub fn minute_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(MINUTE_MILLIS)
}

/// The start of a minute.
pub fn start_of(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute.saturating_mul(MINUTE_MILLIS))
}

/// The counts of one minute by series; series without counts are absent.
pub type Rows = HashMap<Series, Counts>;

/// The counts of the last 24 hours.
#[derive(Debug)]
pub struct Ring {
    minutes: BTreeMap<i64, Arc<Rows>>,
    rows: usize,
    /// The first minute that is known completely.
    since: i64,
}

impl Ring {
    /// Empty; counts from `start` on are complete.
    pub fn new(start: Timestamp) -> Self {
        Self { minutes: BTreeMap::new(), rows: 0, since: minute_of(start) + 1 }
    }

    /// Adds counts of a moment. They are ignored when the moment is not in the 24 hours before `now`.
    pub fn add(&mut self, series: Series, at: Timestamp, counts: &Counts, now: Timestamp) {
        let (minute, present) = (minute_of(at), minute_of(now));
        // A clock that was set forward must not make the present look old.
        if minute > present + 1 || minute <= present - MINUTES {
            return;
        }
        self.drop_before(present - MINUTES + 1);
        let rows = Arc::make_mut(self.minutes.entry(minute).or_default());
        let before = rows.len();
        rows.entry(series).or_default().add(counts);
        self.rows += rows.len() - before;
        while self.rows > MAX_ROWS {
            let Some((minute, _)) = self.minutes.first_key_value() else { return };
            self.drop_before(minute + 1);
        }
    }

    fn drop_before(&mut self, first: i64) {
        while let Some(oldest) = self.minutes.first_entry().filter(|oldest| *oldest.key() < first) {
            self.since = self.since.max(oldest.key() + 1);
            self.rows -= oldest.remove().len();
        }
    }

    /// The first minute that is known completely, at `now`.
    pub fn since(&self, now: Timestamp) -> i64 {
        self.since.max(minute_of(now) - MINUTES + 1)
    }

    /// The minutes from `first` on that have counts. Costs one pointer per minute.
    pub fn snapshot(&self, first: i64) -> Vec<(i64, Arc<Rows>)> {
        self.minutes.range(first..).map(|(minute, rows)| (*minute, Arc::clone(rows))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn accepted(number: u32) -> Counts {
        Counts { accepted: number, ..Counts::default() }
    }

    #[test]
    fn counts_of_a_minute_are_added_and_kept_for_24_hours() {
        let mut ring = Ring::new(NOW);
        for (seconds, number) in [(0, 1), (59, 2), (60, 4), (30, 8)] {
            let at = NOW + Duration::from_secs(seconds);
            ring.add(Series::All, at, &accepted(number), at);
        }
        let found = |ring: &Ring| -> Vec<(i64, u32)> {
            ring.snapshot(0).iter().map(|(minute, rows)| (*minute, rows[&Series::All].accepted)).collect()
        };
        let first = minute_of(NOW);
        assert_eq!(found(&ring), [(first, 11), (first + 1, 4)]);
        assert_eq!(ring.since(NOW), first + 1, "the minute of the start is not complete");
        let later = NOW + Duration::from_hours(24);
        ring.add(Series::All, later, &accepted(1), later);
        assert_eq!(found(&ring), [(first + 1, 4), (first + MINUTES, 1)]);
        assert_eq!(ring.since(later), first + 1);
    }

    #[test]
    fn moments_outside_the_last_24_hours_are_ignored() {
        let mut ring = Ring::new(NOW);
        ring.add(Series::All, NOW - Duration::from_hours(24), &accepted(1), NOW);
        ring.add(Series::All, NOW + Duration::from_mins(2), &accepted(1), NOW);
        assert!(ring.snapshot(0).is_empty());
    }

    #[test]
    fn the_number_of_rows_is_bounded_and_what_was_dropped_is_known() {
        let mut ring = Ring::new(NOW);
        let per_minute = 100_000;
        for minute in 0..4_u32 {
            let at = NOW + Duration::from_mins(u64::from(minute));
            for number in 0..per_minute {
                let series = Series::Subscription(SubscriptionId(Uuid::from_u128(number)));
                ring.add(series, at, &accepted(1), at);
            }
        }
        let kept: usize = ring.snapshot(0).iter().map(|(_, rows)| rows.len()).sum();
        assert!(kept <= MAX_ROWS && ring.rows == kept, "{kept}");
        let last = NOW + Duration::from_mins(3);
        assert_eq!(ring.since(last), minute_of(NOW) + 2);
    }
}
