//! When each client was last accepted and how many of its tokens were refused in the last 24 hours, for operators. Kept in memory
//! since the node started; nothing is decided by it.
//!
//! Only declared applicaties get an entry, so the number is bounded by configuration. A refused token is counted for the applicatie
//! that it names, which is not verified.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use compact_str::CompactString;
use model::Timestamp;

/// The hours that refused tokens are counted for.
const HOURS: i64 = 24;

const HOUR_MILLIS: i64 = 3_600_000;

/// Most clients with an entry. Beyond it, which takes many changes of declared applicaties, all entries are forgotten.
const CAPACITY: usize = 10_000;

/// What is known of every client.
#[derive(Debug, Default)]
pub struct Usage(RwLock<HashMap<CompactString, Arc<Client>>>);

#[derive(Debug)]
struct Client {
    /// Milliseconds since 1970; `i64::MIN` for never.
    last_used: AtomicI64,
    /// Each hour since 1970 with its number of refused tokens, at the hour modulo 24.
    refused: Mutex<[(i64, u32); HOURS as usize]>,
}

impl Default for Client {
    fn default() -> Self {
        Self { last_used: AtomicI64::new(i64::MIN), refused: Mutex::default() }
    }
}

impl Usage {
    /// Notes that a token of a client was accepted at `now`. Costs a read lock and one relaxed store.
    pub fn used(&self, client_id: &str, now: Timestamp) {
        self.client(client_id).last_used.store(now.as_millis(), Ordering::Relaxed);
    }

    /// Counts a refused token that names a client.
    pub fn refused(&self, client_id: &str, now: Timestamp) {
        let client = self.client(client_id);
        let hour = now.as_millis().div_euclid(HOUR_MILLIS);
        let mut refused = client.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let place = &mut refused[hour.rem_euclid(HOURS) as usize];
        *place = if place.0 == hour { (hour, place.1.saturating_add(1)) } else { (hour, 1) };
    }

    /// When a token of a client was last accepted; `None` for not since the start.
    pub fn last_used(&self, client_id: &str) -> Option<Timestamp> {
        let at = self.found(client_id)?.last_used.load(Ordering::Relaxed);
        (at != i64::MIN).then(|| Timestamp::from_millis(at))
    }

    /// The number of refused tokens of a client in the last 24 hours, by whole hours.
    pub fn refused_last_day(&self, client_id: &str, now: Timestamp) -> u64 {
        let Some(client) = self.found(client_id) else { return 0 };
        let hour = now.as_millis().div_euclid(HOUR_MILLIS);
        let refused = client.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = refused.iter().filter(|(of, _)| (hour - HOURS + 1..=hour).contains(of));
        recent.map(|(_, count)| u64::from(*count)).sum()
    }

    fn found(&self, client_id: &str) -> Option<Arc<Client>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(client_id).cloned()
    }

    fn client(&self, client_id: &str) -> Arc<Client> {
        if let Some(client) = self.found(client_id) {
            return client;
        }
        let mut clients = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CAPACITY {
            clients.clear();
        }
        Arc::clone(clients.entry(CompactString::new(client_id)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn refused_tokens_are_counted_for_24_hours() {
        let usage = Usage::default();
        let now = Timestamp::from_seconds(1_800_000_000);
        let after = |hours| now + Duration::from_hours(hours);
        for at in [0, 0, 1, 23] {
            usage.refused("zaken", after(at));
        }
        for (hours, count) in [(0, 2), (23, 4), (24, 2), (25, 1), (46, 1), (47, 0)] {
            assert_eq!(usage.refused_last_day("zaken", after(hours)), count, "{hours}");
        }
        assert_eq!((usage.refused_last_day("other", now), usage.last_used("zaken")), (0, None));
        usage.used("zaken", now);
        assert_eq!(usage.last_used("zaken"), Some(now));
    }

    #[test]
    fn the_number_of_clients_is_bounded() {
        let usage = Usage::default();
        for number in 0..=CAPACITY {
            usage.refused(&number.to_string(), Timestamp::default());
        }
        assert_eq!(usage.0.read().unwrap().len(), 1);
    }
}
