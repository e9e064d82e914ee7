//! Which address a request was about, by the id that was answered to it. A repeated request is answered with a new id that no
//! addressee has, and whoever made it types the code for that id. In memory, for as long as a code is valid; after a restart
//! the link in the message still works.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{
    KanaalName,
    addressee::{AddresseeId, Digest},
    clock::Instant,
};

/// As long as a code is valid.
const KEPT: Duration = Duration::from_mins(10);
/// Most ids that are kept; beyond it, new ones are not.
const CAPACITY: usize = 100_000;

/// The ids of the last minutes.
#[derive(Default)]
pub(crate) struct Answered(Mutex<HashMap<AddresseeId, (Digest, KanaalName, Instant)>>);

impl Answered {
    /// Keeps what an id was answered to.
    pub(crate) fn note(&self, id: AddresseeId, (digest, kanaal): (Digest, KanaalName), now: Instant) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= CAPACITY {
            kept.retain(|_, (_, _, until)| *until > now);
        }
        if kept.len() < CAPACITY {
            kept.insert(id, (digest, kanaal, now + KEPT));
        }
    }

    /// What an id was answered to; `None` when that is too long ago.
    pub(crate) fn find(&self, id: AddresseeId, now: Instant) -> Option<(Digest, KanaalName)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (digest, kanaal, until) = kept.get(&id)?;
        (*until > now).then(|| (*digest, kanaal.clone()))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ch_45_an_id_is_known_as_long_as_a_code_is_valid() {
        let (answered, start) = (Answered::default(), Instant::from_micros(10_000_000));
        let (id, other) = (AddresseeId(Uuid::from_u128(1)), AddresseeId(Uuid::from_u128(2)));
        let what = (Digest([1; 32]), KanaalName::new("weg").expect("a name"));
        answered.note(id, what.clone(), start);
        assert_eq!(answered.find(id, start + Duration::from_secs(599)), Some(what));
        assert_eq!(answered.find(id, start + KEPT), None);
        assert_eq!(answered.find(other, start), None);
    }
}
