//! Which destinations get HTTP/1.1 although they offer HTTP/2: those of the settings, and those that answered HTTP/2 with
//! HTTP_1_1_REQUIRED (RFC 9113 section 7). What was learned is bounded and expires.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use http::uri::Authority;
use tokio::time::Instant;

/// How long HTTP/1.1 is used before HTTP/2 is tried again.
const KEPT: Duration = Duration::from_hours(24);
/// Most destinations that are remembered.
const MAX_LEARNED: usize = 1_024;

/// Destinations that get only HTTP/1.1, with the time at which that ends.
#[derive(Debug, Default)]
pub(crate) struct Http1Only {
    configured: HashSet<String>,
    learned: Mutex<HashMap<Authority, Instant>>,
    /// Whether anything was ever learned; spares requests the lock.
    any: AtomicBool,
}

impl Http1Only {
    /// With these destinations of the settings, `host` or `host:port` as in the URL.
    pub fn new(configured: impl IntoIterator<Item = String>) -> Self {
        let configured = configured.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { configured, ..Self::default() }
    }

    /// Whether requests to this URL use HTTP/1.1. The clock is read only if anything was ever learned.
    pub fn contains(&self, url: &Uri, now: impl FnOnce() -> Instant) -> bool {
        let Some(authority) = url.authority() else { return false };
        if !self.configured.is_empty() && self.configured.contains(&authority.as_str().to_ascii_lowercase()) {
            return true;
        }
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.get(authority).is_some_and(|at| now().duration_since(*at) < KEPT)
    }

    /// Remembers the destination of this URL.
    pub fn learn(&self, url: &Uri, now: Instant) {
        let Some(authority) = url.authority() else { return };
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if learned.len() >= MAX_LEARNED && !learned.contains_key(authority) {
            let oldest = learned.iter().min_by_key(|(_, at)| **at).map(|(authority, _)| authority.clone());
            oldest.map(|oldest| learned.remove(&oldest));
        }
        learned.insert(authority.clone(), now);
        self.any.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b3_what_was_learned_is_bounded_and_expires() {
        let start = Instant::now();
        let at = |number: usize| start + Duration::from_millis(number as u64);
        let only = Http1Only::new(["Old.example:8443".to_owned()]);
        let url = |text: &str| text.parse::<Uri>().unwrap();
        assert!(only.contains(&url("https://old.example:8443/x"), || start));
        assert!(!only.contains(&url("https://old.example/"), || start));
        for number in 0..=MAX_LEARNED {
            only.learn(&url(&format!("https://h{number}.example/")), at(number));
        }
        assert!(!only.contains(&url("https://h0.example/"), || start), "the oldest made room");
        assert!(only.contains(&url("https://H1.example/y?z"), || start));
        assert_eq!(only.learned.lock().unwrap().len(), MAX_LEARNED);
        assert!(!only.contains(&url("https://h1.example/"), || at(1) + KEPT));
    }
}
