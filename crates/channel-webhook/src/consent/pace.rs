//! The pace of handshakes and probes per host, so that many subscriptions to one host do not flood it before it consented.
//! Deliveries are not counted: they have the rate that the sink granted.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::Uri;

const SECOND: Duration = Duration::from_secs(1);
/// Most hosts whose pace is known at a time; beyond it, those without waiting requests are forgotten.
const CAPACITY: usize = 10_000;

/// The pace of all hosts: at most `rate` requests at once, and then `rate` a second. Times are those of a clock that is never
/// set, since any moment.
pub(super) struct HostPace {
    interval: Duration,
    /// By host, when its next request may start if the burst is used up.
    next: Mutex<HashMap<String, Duration>>,
}

impl HostPace {
    /// At most so many requests a second to one host.
    pub fn new(rate: NonZeroU32) -> Self {
        Self { interval: SECOND / rate.get(), next: Mutex::default() }
    }

    /// Reserves the next request to the host of `url`, and returns how long it has to wait.
    pub fn reserve(&self, url: &str, now: Duration) -> Duration {
        self.reserve_within(url, now, Duration::MAX).unwrap_or_default()
    }

    /// The same, unless it has to wait for longer than `longest`; then nothing is reserved, and `Err` has the wait.
    pub fn reserve_within(&self, url: &str, now: Duration, longest: Duration) -> Result<Duration, Duration> {
        let Some(host) = url.parse::<Uri>().ok().and_then(|url| Some(url.host()?.to_ascii_lowercase())) else {
            return Ok(Duration::ZERO);
        };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CAPACITY {
            next.retain(|_, moment| *moment > now);
        }
        let at = next.get(&host).copied().unwrap_or(now).max(now);
        // The first ones of a second may start at once.
        let burst = SECOND.saturating_sub(self.interval);
        let wait = at.saturating_sub(now).saturating_sub(burst);
        if wait > longest {
            return Err(wait);
        }
        next.insert(host, at + self.interval);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d10_requests_to_one_host_are_paced_and_others_do_not_wait() {
        let pace = HostPace::new(NonZeroU32::new(10).unwrap());
        let tenths = |tenths: u32| SECOND / 10 * tenths;
        let waits: Vec<Duration> = (0..3_000).map(|_| pace.reserve("https://h.example/a", SECOND)).collect();
        assert_eq!(waits.iter().filter(|wait| wait.is_zero()).count(), 10);
        for window in waits.windows(11).skip(10) {
            assert_eq!(window[10], window[0] + SECOND);
        }
        assert_eq!(pace.reserve("https://H.example:81/b", SECOND), tenths(2_991), "ports do not count");
        assert_eq!(pace.reserve("https://other.example/", SECOND), Duration::ZERO);
        assert_eq!(pace.reserve_within("https://h.example/", SECOND, SECOND), Err(tenths(2_992)));
        assert_eq!(pace.reserve("https://h.example/", SECOND), tenths(2_992), "nothing was reserved");
        let later = Duration::from_secs(400);
        assert_eq!(pace.reserve("https://h.example/", later), Duration::ZERO, "a pause gives the burst again");
    }
}
