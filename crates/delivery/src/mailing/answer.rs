//! What follows from the reply to a message.

use model::addressee::AddresseeId;

use super::{
    Cursor, Effect, End, Mailing, Phase, Reply,
    entry::{Entry, Stage},
};

/// Refused messages for this many different addressees, without an accepted one between them, suspend the mailing (CH-143).
pub const REFUSED_IN_A_ROW: usize = 3;

impl Mailing {
    /// Applies the reply to a message that is under way.
    pub(super) fn answered(&mut self, id: AddresseeId, reply: Reply) {
        if self.stage(id) != Some(Stage::Sending) {
            return;
        }
        self.sending -= 1;
        self.set_stage(id, Stage::Ready);
        let (instant, wall) = (self.now.instant, self.now.wall);
        match reply {
            Reply::Untranslatable => {
                self.end_undelivered(id, End::TechnicalFailure);
                return;
            }
            Reply::ProviderFailed { retry_after } => {
                self.gate.failed(retry_after, instant);
                self.forget_intent(id);
                self.ready_first(id);
                return;
            }
            // It does not show that the provider works.
            Reply::Unknown => {}
            Reply::Accepted | Reply::AddresseeFailed | Reply::AddresseeLater | Reply::MessageRefused => {
                self.gate.works(instant);
            }
        }
        if reply == Reply::MessageRefused {
            self.forget_intent(id);
            self.message_refused(id);
            return;
        }
        self.change(id, |entry| entry.count_attempt(wall));
        match reply {
            Reply::Accepted => {
                self.end(id, End::Sent);
                self.end_held();
            }
            Reply::AddresseeFailed => self.end(id, End::PermanentFailure),
            Reply::Unknown => {
                // A repeat in doubt is the second one; a text message is never repeated.
                let was_in_doubt = self.change(id, |entry| std::mem::replace(&mut entry.in_doubt, true));
                if was_in_doubt == Some(true) || self.spec.stores_intent() {
                    self.end(id, End::InDoubt);
                } else {
                    self.retry(id);
                }
            }
            Reply::AddresseeLater | Reply::ProviderFailed { .. } | Reply::MessageRefused | Reply::Untranslatable => {
                self.forget_intent(id);
                self.retry(id);
            }
        }
    }

    /// Puts an addressee on the ladder, or ends it at its top.
    fn retry(&mut self, id: AddresseeId) {
        let Some(entry) = self.entries.get(&id) else { return };
        let since_first = entry.tried.map(|(first, _)| self.now.wall.since(first)).unwrap_or_default();
        match self.settings.ladder.wait(entry.attempts, since_first) {
            Some(wait) => self.wait(id, wait),
            None => self.end_undelivered(id, End::TemporaryFailure),
        }
    }

    /// Holds an addressee whose message was refused; the third of them in a row suspends the mailing, and they go back to the
    /// queue.
    fn message_refused(&mut self, id: AddresseeId) {
        self.set_stage(id, Stage::Held);
        self.held.push(id);
        if self.held.len() < REFUSED_IN_A_ROW && self.phase != Phase::Suspended {
            return;
        }
        for id in std::mem::take(&mut self.held) {
            self.ready_first(id);
        }
        if self.phase == Phase::Active {
            self.enter(Phase::Suspended);
            self.effects.push(Effect::Suspended);
        }
    }

    /// Ends those that are held: messages for others are accepted, or there are no others.
    fn end_held(&mut self) {
        let wall = self.now.wall;
        for id in std::mem::take(&mut self.held) {
            self.change(id, |entry| entry.count_attempt(wall));
            self.end_undelivered(id, End::TechnicalFailure);
        }
    }

    /// Ends those that are held when no other message will show whether theirs is at fault: nobody else has a turn before a
    /// retry is due.
    pub(super) fn end_held_when_alone(&mut self) {
        let is_busy = |entry: &Entry| !matches!(entry.stage, Stage::Held | Stage::Waiting(_));
        if !self.held.is_empty() && self.cursor == Cursor::End && !self.entries.values().any(is_busy) {
            self.end_held();
        }
    }
}
