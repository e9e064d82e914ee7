//! Which feeds have trouble, for readiness and logs. No text here is from a feed, and none has a URL, which may hold a secret.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::Timestamp;

use crate::metrics;

/// The trouble of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When it began in this process.
    pub since: Timestamp,
    /// What it is.
    pub reason: String,
}

/// The feeds that have trouble.
#[derive(Debug, Default)]
pub struct Reports(Mutex<BTreeMap<String, Trouble>>);

impl Reports {
    /// The feeds that have trouble, by name.
    pub fn troubles(&self) -> BTreeMap<String, Trouble> {
        self.lock().clone()
    }

    /// Notes the result of a poll; logs it when it is another one than before.
    pub(crate) fn note(&self, feed: &str, trouble: Option<String>, now: Timestamp) {
        metrics::set_failing(feed, trouble.is_some());
        let mut troubles = self.lock();
        let before = troubles.get(feed);
        match trouble {
            None if before.is_some() => {
                troubles.remove(feed);
                tracing::info!(feed, "the feed is read again");
            }
            Some(reason) if before.is_none_or(|before| before.reason != reason) => {
                tracing::warn!(feed, reason, "the feed has trouble");
                let since = before.map_or(now, |before| before.since);
                troubles.insert(feed.to_owned(), Trouble { since, reason });
            }
            None | Some(_) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
