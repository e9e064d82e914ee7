//! Records that nobody can read: counted, kept aside as dead letters of no subscription, and passed over.
//!
//! Shared by the shards of a node, which all read the same logs. Whoever may write to a topic can fill it with such
//! records, so a node keeps only so many in an hour; all are counted, and all stand in the log.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics::counter;
use model::{KanaalName, Partition, Position, Timestamp};
use storage::{Error, Journal, journal::DeadLetter, log::Stored};
use translator::record::Unreadable;

use crate::metrics::UNREADABLE;

/// Records that are remembered, so that each is counted and kept once though many read it.
const REMEMBERED: usize = 4_096;
/// Most records kept aside in an hour.
const KEPT: u32 = 1_000;
const HOUR: Duration = Duration::from_hours(1);

/// What a node has put aside.
#[derive(Default)]
pub(super) struct Aside(Mutex<State>);

#[derive(Default)]
struct State {
    known: VecDeque<(KanaalName, Partition, Position)>,
    kept: u32,
    since: Timestamp,
}

impl Aside {
    /// Counts a record and keeps it aside, unless that was done already.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be kept now; then it must be read again.
    pub async fn put(
        &self,
        journal: &dyn Journal,
        (kanaal, partition): (&KanaalName, Partition),
        stored: Stored,
        error: &Unreadable,
        now: Timestamp,
    ) -> Result<(), Error> {
        let place = (kanaal.clone(), partition, stored.position);
        if self.lock().known.contains(&place) {
            return Ok(());
        }
        let position = stored.position.0;
        let keeps = self.lock().has_room(now);
        if keeps {
            let letter = DeadLetter::unreadable((kanaal.clone(), partition), stored, &error.to_string(), now);
            match journal.bury(vec![letter]).await {
                Ok(()) => {}
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => tracing::error!(kanaal = kanaal.as_str(), position, %error, "a record is not kept aside"),
            }
        }
        if self.lock().note(place, keeps) {
            counter!(UNREADABLE).increment(1);
            let partition = partition.0;
            tracing::warn!(kanaal = kanaal.as_str(), partition, position, %error, keeps, "a record is passed over");
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&mut self, now: Timestamp) -> bool {
        if now.since(self.since) >= HOUR {
            (self.since, self.kept) = (now, 0);
        }
        self.kept < KEPT
    }

    /// Remembers a record; `false` when somebody else has done so meanwhile.
    fn note(&mut self, place: (KanaalName, Partition, Position), kept: bool) -> bool {
        if self.known.contains(&place) {
            return false;
        }
        self.kept += u32::from(kept);
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back(place);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_kept_in_an_hour_and_each_counts_once() {
        let mut state = State::default();
        let start = Timestamp::from_seconds(1_000_000);
        let place = |position| (KanaalName::new("zaken").unwrap(), Partition(0), Position(position));
        for position in 0..u64::from(KEPT) {
            assert!(state.has_room(start));
            assert!(state.note(place(position), true));
        }
        assert!(!state.note(place(5), true));
        assert!(!state.has_room(start + HOUR / 2));
        assert!(state.note(place(9_999), false));
        assert!(state.has_room(start + HOUR));
        for position in 10_000..10_000 + REMEMBERED as u64 {
            assert!(state.note(place(position), false));
        }
        assert_eq!(state.known.len(), REMEMBERED);
        assert!(state.note(place(5), false), "the oldest are forgotten");
    }
}
