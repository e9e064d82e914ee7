//! Turns: whose state is read next, and the message that follows from it.

use std::time::Duration;

use model::addressee::{Addressee, AddresseeId};

use super::{
    Effect, End, Mailing, Skip,
    entry::{Entry, Stage},
};
use crate::planted::planted;

/// The wait after a state that could not be read. It holds up this addressee only, and takes no attempt.
const CHECK_AGAIN: Duration = Duration::from_secs(5);

impl Mailing {
    /// Changes an entry, which a checkpoint then lists.
    pub(super) fn change<T>(&mut self, id: AddresseeId, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let result = self.entries.get_mut(&id).map(change);
        if result.is_some() {
            self.checkpoints.changed(id);
        }
        result
    }

    pub(super) fn stage(&self, id: AddresseeId) -> Option<Stage> {
        self.entries.get(&id).map(|entry| entry.stage)
    }

    pub(super) fn set_stage(&mut self, id: AddresseeId, stage: Stage) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.stage = stage;
        }
    }

    /// Puts an addressee in front of the queue: it has waited for its turn before.
    pub(super) fn ready_first(&mut self, id: AddresseeId) {
        self.set_stage(id, Stage::Ready);
        let has_intent = self.entries.get(&id).is_some_and(|entry| entry.intent);
        if has_intent { self.intended.push_front(id) } else { self.ready.push_front(id) }
    }

    /// Puts an addressee on the ladder until then.
    pub(super) fn wait(&mut self, id: AddresseeId, wait: Duration) {
        let due = self.now.instant + wait;
        if self.change(id, |entry| entry.stage = Stage::Waiting(due)).is_some() {
            self.waiting.insert((due, id));
        }
    }

    /// The intent to send is over: the reply is known, or nothing is sent.
    pub(super) fn forget_intent(&mut self, id: AddresseeId) {
        if self.change(id, |entry| std::mem::take(&mut entry.intent)) == Some(true) {
            self.with_intent -= 1;
        }
    }

    pub(super) fn queue_due_retries(&mut self) {
        while let Some(&(due, id)) = self.waiting.first()
            && due <= self.now.instant
        {
            self.waiting.pop_first();
            self.set_stage(id, Stage::Ready);
            if planted!(LaterRepliesAreLost) {
                continue;
            }
            self.ready.push_back(id);
        }
    }

    /// Starts as many turns as gate, slots and bounds allow.
    pub(super) fn start_sends(&mut self) {
        while let Some(&id) = self.intended.front().or(self.ready.front()) {
            let Some(entry) = self.entries.get(&id).filter(|entry| entry.stage == Stage::Ready) else {
                self.pop_turn();
                continue;
            };
            let (has_intent, is_collected) = (entry.intent, entry.is_collected);
            if !self.may_start() || self.gate.is_closed(self.now.instant) {
                return;
            }
            if self.spec.stores_intent() && !has_intent && !planted!(IntentIsNotStored) {
                if self.with_intent >= self.gate.slots() {
                    return;
                }
                self.with_intent += 1;
                self.change(id, |entry| (entry.intent, entry.stage) = (true, Stage::StoringIntent));
                self.checkpoints.intent(id);
            } else {
                let has_slot = self.checking + self.sending < self.gate.slots() && self.checking < self.gate.checks();
                if !has_slot || !self.gate.is_open(self.now.instant) || !self.may_send(self.checking) {
                    return;
                }
                self.checking += 1;
                self.set_stage(id, Stage::Checking);
                self.effects.push(Effect::Check { id, is_collected });
            }
            self.pop_turn();
        }
    }

    fn pop_turn(&mut self) {
        if self.intended.pop_front().is_none() {
            self.ready.pop_front();
        }
    }

    /// Whether the bound on what is not stored allows one message more beside those that may follow soon.
    fn may_send(&mut self, soon: usize) -> bool {
        let may = planted!(UnstoredIsUnbounded) || self.checkpoints.unstored() + soon < self.settings.unstored.max(1);
        if !may {
            self.checkpoints.store_soon();
        }
        may
    }

    /// The state was read: the message goes out now, or not at all in this turn.
    pub(super) fn state_read(&mut self, id: AddresseeId, addressee: Option<Box<Addressee>>) {
        if self.stage(id) != Some(Stage::Checking) {
            return;
        }
        self.checking -= 1;
        self.set_stage(id, Stage::Ready);
        let Some(addressee) =
            addressee.filter(|addressee| planted!(StateIsNotRead) || self.spec.may_get(addressee, self.now.wall))
        else {
            self.end(id, End::Skipped(Skip::Ended));
            return;
        };
        if !self.spec.is_for(&addressee.digest) {
            self.end(id, End::Skipped(Skip::Trial));
            return;
        }
        let is_stopped = (self.is_over() || !self.may_start()) && !planted!(StopIsIgnored);
        let is_late = is_stopped || !self.gate.is_open(self.now.instant);
        if is_late || !self.may_send(0) {
            self.ready_first(id);
            return;
        }
        self.gate.count_send(self.now.instant);
        self.checkpoints.sent();
        self.sending += 1;
        let attempt = self.change(id, |entry| {
            (entry.digest, entry.stage) = (addressee.digest, Stage::Sending);
            entry.attempts + 1
        });
        self.effects.push(Effect::Send { addressee, attempt: attempt.unwrap_or(1) });
    }

    /// The event was collected for the addressee: it is no part of the mailing any more.
    pub(super) fn collected(&mut self, id: AddresseeId) {
        if self.stage(id) == Some(Stage::Checking) {
            self.checking -= 1;
            self.set_stage(id, Stage::Ready);
            self.end(id, End::Skipped(Skip::Collected));
        }
    }

    pub(super) fn check_failed(&mut self, id: AddresseeId) {
        if self.stage(id) == Some(Stage::Checking) {
            self.checking -= usize::from(!planted!(CheckLosesItsSlot));
            self.forget_intent(id);
            self.wait(id, CHECK_AGAIN);
        }
    }
}
