//! The granted rate as GCRA with burst 1 (CE-WHV-20, I6): a request may start when the previous one is at least one
//! emission interval ago.
//!
//! The interval is 1 % longer than the granted rate requires, because a sink counts when requests arrive, not when they
//! start. The 1 % also makes up for [`TOLERANCE`]: a request may start two milliseconds early, so that the resolution
//! of timers does not slow high rates down.

use std::time::Duration;

use model::{clock::Instant, consent::Rate};

use crate::planted::planted;

/// How early a request may start.
const TOLERANCE: Duration = Duration::from_millis(2);

/// The pace of one sink: when its next request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval: Option<Duration>,
    /// The theoretical arrival time of the next request.
    next: Option<Instant>,
}

impl Pace {
    /// No rate was granted and no request was made yet.
    pub const UNLIMITED: Self = Self { interval: None, next: None };

    /// Sets the rate. The earliest start of the next request stays as it was computed.
    pub fn set_rate(&mut self, rate: Rate) {
        self.interval = match rate {
            Rate::Unlimited => None,
            Rate::PerMinute(number) => Some(Duration::from_nanos(60_600_000_000 / u64::from(number.get()))),
        };
    }

    /// Continues after a restart: no request starts before `stored` or before one interval after `now`, because
    /// requests made just before a crash are not known.
    pub fn resume(&mut self, now: Instant, stored: Option<Instant>) {
        if planted!(RestartForgetsPace) {
            return;
        }
        let cautious = self.interval.map(|interval| now + interval);
        self.next = self.next.max(stored).max(cautious);
    }

    /// When the next request may start; `None` when it may start now.
    pub fn wait_until(&self, now: Instant) -> Option<Instant> {
        let earliest = self.next_allowed()? - TOLERANCE;
        (now < earliest).then_some(earliest)
    }

    /// Counts a request that starts.
    pub fn count_request(&mut self, now: Instant) {
        if let Some(interval) = self.interval {
            let idle_is_lost = |next: Instant| if planted!(IdleTimeBecomesBurst) { next } else { next.max(now) };
            self.next = Some(self.next.map_or(now, idle_is_lost) + interval);
        }
    }

    /// The theoretical arrival time of the next request, for a checkpoint; `None` without a rate.
    pub fn next_allowed(&self) -> Option<Instant> {
        self.next.filter(|_| self.interval.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn second(number: i64) -> Instant {
        Instant::from_micros(number * 1_000_000)
    }

    fn starts(rate: u32, seconds: i64, tick: Duration) -> Vec<Instant> {
        let mut pace = Pace::UNLIMITED;
        pace.set_rate(Rate::PerMinute(NonZeroU32::new(rate).unwrap()));
        let (mut now, mut starts) = (second(1_000), Vec::new());
        while now < second(1_000 + seconds) {
            while pace.wait_until(now).is_none() {
                pace.count_request(now);
                starts.push(now);
            }
            now = now + tick;
        }
        starts
    }

    #[test]
    fn no_window_of_a_minute_holds_more_than_granted_ce_whv_20() {
        for (rate, tick) in [(1, 100), (7, 33), (60, 1), (600, 1), (100_000, 1)] {
            let starts = starts(rate, 150, Duration::from_millis(tick));
            let minute = Duration::from_mins(1);
            let mut first = 0;
            for (at, start) in starts.iter().enumerate() {
                while starts[first] + minute < *start {
                    first += 1;
                }
                assert!(at + 1 - first <= rate as usize, "{rate}: {} from {first} to {at}", at + 1 - first);
            }
            assert!(starts.len() * 10 >= rate as usize * 23, "{rate} is nearly reached: {}", starts.len());
        }
    }

    #[test]
    fn there_is_no_burst_ce_whv_20() {
        let starts = starts(60, 30, Duration::from_millis(10));
        assert!(starts.windows(2).all(|pair| pair[1].since(pair[0]) >= Duration::from_secs(1)));
    }

    #[test]
    fn a_restart_waits_one_interval_i6() {
        let mut pace = Pace::UNLIMITED;
        pace.set_rate(Rate::PerMinute(NonZeroU32::new(60).unwrap()));
        let now = second(5);
        pace.resume(now, None);
        assert_eq!(pace.wait_until(now), Some(Instant::from_micros(6_008_000)));
        pace.set_rate(Rate::Unlimited);
        assert_eq!(pace.wait_until(now), None);
    }
}
