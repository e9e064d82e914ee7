//! Makes checkpoints, and goes on from the progress that they gave (`model::mailing`).
//!
//! A checkpoint lists only entries that changed, so its size follows from what was done in its interval, not from how many
//! wait for retries. Who is admitted and ends between two checkpoints is in neither.

use std::collections::BTreeSet;

use model::{
    Timestamp,
    addressee::{AddresseeId, Evidence},
    clock::Instant,
    mailing::{Checkpoint, Unsettled},
};

use super::{
    Effect, End, Mailing, Settings,
    entry::{Entry, Stage},
};
use crate::planted::planted;

/// What the next checkpoint has, and whether one is being stored.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    changed: BTreeSet<AddresseeId>,
    ended: Vec<AddresseeId>,
    evidence: Vec<Evidence>,
    /// Addressees whose intent the next checkpoint has.
    intents: Vec<AddresseeId>,
    /// Messages that were sent since the last checkpoint was made.
    sent: usize,
    /// The checkpoint that is being stored.
    storing: Option<Storing>,
    last: Option<Instant>,
    is_dirty: bool,
    is_urgent: bool,
}

#[derive(Debug)]
struct Storing {
    intents: Vec<AddresseeId>,
    /// Messages that were sent between the checkpoint before and this one.
    sent: usize,
}

impl Checkpoints {
    pub fn changed(&mut self, id: AddresseeId) {
        self.changed.insert(id);
        self.is_dirty = true;
    }

    pub fn ended(&mut self, id: AddresseeId, is_listed: bool, evidence: Option<Evidence>) {
        self.changed.remove(&id);
        self.ended.extend((is_listed && !planted!(EndedStaysListed)).then_some(id));
        self.evidence.extend(evidence);
        self.is_dirty = true;
    }

    pub fn walked(&mut self) {
        self.is_dirty = true;
    }

    pub fn intent(&mut self, id: AddresseeId) {
        self.intents.push(id);
        self.store_soon();
    }

    pub fn sent(&mut self) {
        self.sent += 1;
    }

    /// The next checkpoint does not wait for the interval.
    pub fn store_soon(&mut self) {
        (self.is_dirty, self.is_urgent) = (true, true);
    }

    /// Messages that were sent since the last durable checkpoint was made.
    pub fn unstored(&self) -> usize {
        self.sent + self.storing.as_ref().map_or(0, |storing| storing.sent)
    }

    /// Evidence that was not handed over.
    pub fn unrecorded(&self) -> usize {
        self.evidence.len()
    }

    pub fn is_all_stored(&self) -> bool {
        !self.is_dirty && self.storing.is_none()
    }

    /// When the next checkpoint is due; `None` when there is nothing to store, or one is being stored.
    pub fn due_at(&self, settings: &Settings) -> Option<Instant> {
        let at = self.last.map(|last| last + settings.interval).unwrap_or_default();
        (self.is_dirty && self.storing.is_none()).then_some(at)
    }
}

impl Mailing {
    /// Makes a checkpoint when it is due: after the interval, or when something waits for it.
    pub(super) fn store_when_due(&mut self) {
        let Some(due) = self.checkpoints.due_at(&self.settings) else { return };
        let is_full = self.checkpoints.unrecorded() >= self.settings.unstored;
        if due > self.now.instant && !self.checkpoints.is_urgent && !is_full && !self.has_all_ended() {
            return;
        }
        let evidence = std::mem::take(&mut self.checkpoints.evidence);
        let has_evidence = !evidence.is_empty();
        if has_evidence {
            self.effects.push(Effect::Record(evidence));
        }
        let mut changed = Vec::with_capacity(self.checkpoints.changed.len());
        for id in std::mem::take(&mut self.checkpoints.changed) {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.is_listed = true;
                changed.push(unsettled(id, entry, |at| self.now.wall_of(at)));
            }
        }
        self.effects.push(Effect::Store(Checkpoint {
            cursor: self.cursor,
            phase: self.phase,
            counts: self.counts.clone(),
            changed,
            ended: std::mem::take(&mut self.checkpoints.ended),
        }));
        if planted!(EvidenceAfterCheckpoint) && has_evidence {
            let end = self.effects.len();
            self.effects.swap(end - 2, end - 1);
        }
        let intents = std::mem::take(&mut self.checkpoints.intents);
        self.checkpoints.storing = Some(Storing { intents, sent: std::mem::take(&mut self.checkpoints.sent) });
        self.checkpoints.last = Some(self.now.instant);
        (self.checkpoints.is_dirty, self.checkpoints.is_urgent) = (false, false);
    }

    /// The checkpoint is durable: those whose intent it has come next.
    pub(super) fn checkpoint_stored(&mut self) {
        let Some(storing) = self.checkpoints.storing.take() else { return };
        for id in storing.intents.into_iter().rev() {
            if self.stage(id) == Some(Stage::StoringIntent) {
                self.ready_first(id);
            }
        }
    }

    /// Takes up an addressee that is listed. When its message may have been under way and must not be sent twice, it is in
    /// doubt.
    pub(super) fn restore(&mut self, unsettled: Unsettled) {
        let Unsettled { id, digest, attempts, tried, retry_at, in_doubt, intent } = unsettled;
        let entry = Entry { attempts, tried, in_doubt, is_listed: true, ..Entry::new(digest) };
        self.entries.insert(id, entry);
        self.counts.open += 1;
        match retry_at {
            _ if intent && !planted!(IntentIsForgotten) => self.end(id, End::InDoubt),
            Some(at) => {
                let due = self.now.instant_within(at, self.settings.ladder.until);
                self.set_stage(id, Stage::Waiting(due));
                self.waiting.insert((due, id));
            }
            None => self.ready.push_back(id),
        }
    }
}

fn unsettled(id: AddresseeId, entry: &Entry, wall_of: impl Fn(Instant) -> Timestamp) -> Unsettled {
    let retry_at = match entry.stage {
        Stage::Waiting(due) => Some(wall_of(due)),
        Stage::Ready | Stage::StoringIntent | Stage::Checking | Stage::Sending | Stage::Held => None,
    };
    Unsettled {
        id,
        digest: entry.digest,
        attempts: entry.attempts,
        tried: entry.tried,
        retry_at,
        in_doubt: entry.in_doubt,
        intent: entry.intent,
    }
}
