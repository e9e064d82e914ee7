//! Messages that have to be sent (CH-21): who left gets them as well, and nobody twice because of that.

use std::collections::HashMap;

use model::{
    Timestamp,
    addressee::{Addressee, Digest, State},
};

use super::{Candidate, Spec, admit::subscribed};

impl Spec {
    /// Whether an addressee may get the message now (I9).
    pub(super) fn may_get(&self, addressee: &Addressee, now: Timestamp) -> bool {
        let found = if self.is_obligatory { addressee.obliged(now) } else { addressee.sendable(now) };
        found.is_some()
    }

    /// Leaves out those that are no candidates, since the walk of such a mailing meets addressees in every state. Who left and
    /// subscribed again has several of one digest, which are in the same chunk: the confirmed ones count, else those that were left last.
    pub(super) fn choose(&self, addressees: &mut Vec<Candidate>, now: Timestamp) {
        if !self.is_obligatory {
            return;
        }
        let mut chosen: HashMap<Digest, (bool, Timestamp)> = HashMap::new();
        for addressee in addressees.iter().map(|candidate| &candidate.addressee) {
            if subscribed(addressee).is_some_and(|at| at <= self.accepted) && self.may_get(addressee, now) {
                let own = rank(addressee);
                chosen.entry(addressee.digest).and_modify(|best| *best = own.max(*best)).or_insert(own);
            }
        }
        addressees.retain(|candidate| {
            let addressee = &candidate.addressee;
            let is_best = || chosen.get(&addressee.digest) == Some(&rank(addressee));
            matches!(addressee.state, State::Confirmed { .. }) || (self.may_get(addressee, now) && is_best())
        });
    }
}

/// Confirmed ones before those that left, and of these the last.
fn rank(addressee: &Addressee) -> (bool, Timestamp) {
    addressee.left().map_or((true, Timestamp::default()), |(at, _)| (false, at))
}
