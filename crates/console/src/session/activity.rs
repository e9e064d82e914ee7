//! When this node saw the last request of each session: a bounded table in memory.
//!
//! A session is in the browser, so after a restart the table fills again with the next requests. It is not needed to accept a
//! session, and other nodes have tables of their own.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::{Timestamp, revocation::Revoked};
use uuid::Uuid;

use super::Session;
use crate::settings::LIFETIME;

/// Most sessions in the table. Beyond it the one that was not used for longest is dropped.
const CAPACITY: usize = 2_000;

/// The table.
#[derive(Debug, Default)]
pub struct Activity(Mutex<HashMap<Uuid, Seen>>);

#[derive(Debug, Clone)]
struct Seen {
    last: Timestamp,
    revocations: Vec<Revoked>,
}

impl Activity {
    /// Notes a request of a session at `now`.
    pub fn note(&self, session: &Session, now: Timestamp) {
        let mut table = self.table();
        if let Some(seen) = table.get_mut(&session.id) {
            seen.last = seen.last.max(now);
            return;
        }
        if table.len() >= CAPACITY {
            table.retain(|_, seen| now < seen.last + LIFETIME);
            let oldest = table.iter().min_by_key(|(_, seen)| seen.last).map(|(id, _)| *id);
            if let Some(oldest) = oldest.filter(|_| table.len() >= CAPACITY) {
                table.remove(&oldest);
            }
        }
        table.insert(session.id, Seen { last: now, revocations: session.revocations().collect() });
    }

    /// When this node saw the last request of a session; `None` when it saw none.
    pub fn last(&self, id: Uuid) -> Option<Timestamp> {
        self.table().get(&id).map(|seen| seen.last)
    }

    /// What ends a session when it is revoked, as far as this node knows.
    pub fn revocations(&self, id: Uuid) -> Vec<Revoked> {
        self.table().get(&id).map(|seen| seen.revocations.clone()).unwrap_or_default()
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Uuid, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Grants, Role, clock::SystemRandom};

    use super::*;
    use crate::session::LoggedInBy;

    #[test]
    fn the_table_is_bounded_and_drops_what_was_not_used_for_longest() {
        let (activity, start) = (Activity::default(), Timestamp::from_seconds(1_800_000_000));
        let session = || {
            let person = ("i".to_owned(), "s".to_owned(), "n".to_owned());
            Session::start(person, Grants::of(Role::Lezer), LoggedInBy::Link, start, &SystemRandom)
        };
        let (first, second) = (session(), session());
        activity.note(&first, start);
        activity.note(&second, start + Duration::from_micros(1));
        for _ in 2..CAPACITY {
            activity.note(&session(), start + Duration::from_secs(1));
        }
        activity.note(&first, start + Duration::from_secs(2));
        activity.note(&session(), start + Duration::from_secs(3));
        assert_eq!(activity.last(first.id), Some(start + Duration::from_secs(2)));
        assert_eq!((activity.last(second.id), activity.table().len()), (None, CAPACITY));
        assert_eq!(activity.revocations(first.id).len(), 2);
    }
}
