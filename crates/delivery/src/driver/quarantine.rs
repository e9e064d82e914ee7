//! The quarantine for records that hold no readable event: they are counted, stored as dead letters of no subscription,
//! and skipped.
//!
//! The shards of a node share it, because they all read the same logs. Anybody with write access to a topic can fill it
//! with such records, so a node stores a bounded number per hour; all are counted, and all remain in the log.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics::counter;
use model::{
    KanaalName, Partition, Position,
    clock::{Instant, Now},
};
use storage::{Error, Journal, journal::DeadLetter, log::Stored};
use translator::record::Unreadable;

use crate::metrics::UNREADABLE;

/// Most records remembered, so that each is counted and stored once although every shard reads it.
const REMEMBERED: usize = 4_096;
/// Most records stored in an hour.
const STORED_PER_HOUR: u32 = 1_000;
const HOUR: Duration = Duration::from_hours(1);

/// The records that a node quarantined.
#[derive(Default)]
pub(super) struct Quarantine(Mutex<Known>);

#[derive(Default)]
struct Known {
    records: VecDeque<(KanaalName, Partition, Position)>,
    stored: u32,
    since: Option<Instant>,
}

impl Quarantine {
    /// Counts a record and stores it, unless that was done already or the hour is full.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be stored now; then it must be read again.
    pub async fn put(
        &self,
        journal: &dyn Journal,
        (kanaal, partition): (&KanaalName, Partition),
        stored: Stored,
        error: &Unreadable,
        now: Now,
    ) -> Result<(), Error> {
        let place = (kanaal.clone(), partition, stored.position);
        if self.lock().records.contains(&place) {
            return Ok(());
        }
        let position = stored.position.0;
        // Storage gives its own reason for a record that it cannot read any more.
        let reason = stored.record.damage().map_or_else(|| error.to_string(), str::to_owned);
        let stores = self.lock().has_room(now.instant);
        if stores {
            let letter = DeadLetter::unreadable((kanaal.clone(), partition), stored, &reason, now.wall);
            match journal.store_dead_letters(vec![letter]).await {
                Ok(()) => {}
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    let kanaal = kanaal.as_str();
                    tracing::error!(kanaal, position, %error, "an unreadable record cannot be quarantined");
                }
            }
        }
        if self.lock().remember(place, stores) {
            counter!(UNREADABLE).increment(1);
            let (kanaal, partition) = (kanaal.as_str(), partition.0);
            tracing::warn!(kanaal, partition, position, reason, stored = stores, "an unreadable record is skipped");
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn has_room(&mut self, now: Instant) -> bool {
        if self.since.is_none_or(|since| now.since(since) >= HOUR) {
            (self.since, self.stored) = (Some(now), 0);
        }
        self.stored < STORED_PER_HOUR
    }

    /// Remembers a record; `false` when another shard did so meanwhile.
    fn remember(&mut self, place: (KanaalName, Partition, Position), stored: bool) -> bool {
        if self.records.contains(&place) {
            return false;
        }
        self.stored += u32::from(stored);
        if self.records.len() == REMEMBERED {
            self.records.pop_front();
        }
        self.records.push_back(place);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_number_is_stored_in_an_hour_and_each_counts_once() {
        let mut state = Known::default();
        let start = Instant::from_micros(1_000_000);
        let place = |position| (KanaalName::new("zaken").unwrap(), Partition(0), Position(position));
        for position in 0..u64::from(STORED_PER_HOUR) {
            assert!(state.has_room(start));
            assert!(state.remember(place(position), true));
        }
        assert!(!state.remember(place(5), true));
        assert!(!state.has_room(start + HOUR / 2));
        assert!(state.remember(place(9_999), false));
        assert!(state.has_room(start + HOUR));
        for position in 10_000..10_000 + REMEMBERED as u64 {
            assert!(state.remember(place(position), false));
        }
        assert_eq!(state.records.len(), REMEMBERED);
        assert!(state.remember(place(5), false), "the oldest are forgotten");
    }
}
