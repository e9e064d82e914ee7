//! The walk: which chunk is read when, and which of its addressees are admitted.

use std::{collections::btree_map::Entry as Place, time::Duration};

use model::{
    Timestamp,
    addressee::{Addressee, State},
};

use super::{Candidate, Chunk, Cursor, Effect, End, FilterResult, Mailing, Phase, Reading, Skip, Spec, entry::Entry};
use crate::planted::planted;

/// The wait after a chunk that could not be read.
const READ_AGAIN: Duration = Duration::from_secs(5);

/// When somebody subscribed, also one who left since: with the confirmation, or with the request when the address was changed later,
/// because the confirmation is that of the new address then.
pub(super) fn subscribed(addressee: &Addressee) -> Option<Timestamp> {
    let confirmation = match &addressee.state {
        State::Confirmed { confirmation, .. } => confirmation,
        State::Unconfirmed { .. } | State::Ended { .. } => addressee.left()?.1,
    };
    Some(if addressee.generation > 1 { addressee.created } else { confirmation.at })
}

impl Mailing {
    /// Reads the next chunk when there is room for it.
    pub(super) fn read_next_chunk(&mut self) {
        let is_due = match self.reading {
            Reading::Idle => true,
            Reading::UnderWay => false,
            Reading::Failed(until) => until <= self.now.instant,
        };
        let Cursor::After(after) = self.cursor else { return };
        let chunk = self.settings.chunk();
        let in_window = self.entries.len() - self.waiting.len();
        let has_room = in_window + chunk <= self.settings.window.max(2)
            && self.waiting.len() < self.settings.waiting.max(1)
            && self.checkpoints.unrecorded() < self.settings.unstored.max(1);
        let is_walking = match self.phase {
            Phase::Active if !self.is_paused => true,
            // They end as expired.
            Phase::Active | Phase::Suspended => self.is_expired(),
            Phase::Stopped => false,
        };
        if is_due && (has_room || planted!(WalkDoesNotWait)) && is_walking {
            self.reading = Reading::UnderWay;
            self.effects.push(Effect::Read { after, limit: chunk });
        }
    }

    pub(super) fn chunk_failed(&mut self) {
        if self.reading == Reading::UnderWay {
            self.reading = Reading::Failed(self.now.instant + READ_AGAIN);
        }
    }

    /// Admits the addressees of a chunk, or counts why not. One that is open already has changed its address and is met again.
    pub(super) fn chunk_read(&mut self, mut chunk: Chunk) {
        if self.reading != Reading::UnderWay {
            return;
        }
        self.reading = Reading::Idle;
        if self.phase == Phase::Stopped {
            return;
        }
        self.spec.choose(&mut chunk.addressees, self.now.wall);
        for candidate in &chunk.addressees {
            let addressee = &candidate.addressee;
            if let Place::Vacant(vacant) = self.entries.entry(addressee.id) {
                self.counts.candidates += 1;
                let skip = skip(candidate, &self.spec, self.now.wall);
                let skip = skip.or_else(|| (!self.spec.is_for(&addressee.digest)).then_some(Skip::Trial));
                if let Some(skip) = skip {
                    self.counts.count(End::Skipped(skip), 1);
                } else {
                    self.counts.open += 1;
                    let is_collected = addressee.is_collected() && !self.spec.is_obligatory;
                    vacant.insert(Entry { is_collected, ..Entry::new(addressee.digest) });
                    if !planted!(AdmittedIsNotListed) {
                        self.checkpoints.changed(addressee.id);
                    }
                    self.ready.push_back(addressee.id);
                }
            }
        }
        self.counts.candidates += u64::from(chunk.damaged);
        self.counts.count(End::Skipped(Skip::Damaged), u64::from(chunk.damaged));
        self.cursor = chunk.next.map_or(Cursor::End, |next| Cursor::After(Some(next)));
        self.checkpoints.walked();
    }
}

/// Why an addressee of the walk is not admitted.
fn skip(candidate: &Candidate, spec: &Spec, now: Timestamp) -> Option<Skip> {
    let addressee = &candidate.addressee;
    let result = |id| spec.filters.get(&id).copied().unwrap_or(FilterResult::Differs);
    let filter = addressee.filter.map_or(FilterResult::Matches, result);
    if !spec.may_get(addressee, now) {
        Some(Skip::NotConfirmed)
    } else if subscribed(addressee).is_none_or(|at| at > spec.accepted) && !planted!(LateSubscriberIsSentTo) {
        Some(Skip::SubscribedLater)
    } else {
        match (filter, candidate.sender) {
            (FilterResult::Failed, _) | (FilterResult::Matches, FilterResult::Failed) => Some(Skip::FilterError),
            (FilterResult::Differs, _) => Some(Skip::Filter),
            (FilterResult::Matches, FilterResult::Differs) => Some(Skip::SenderFilter),
            (FilterResult::Matches, FilterResult::Matches) => None,
        }
    }
}
