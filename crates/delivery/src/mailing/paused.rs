//! A pause of the kanaal (CH-132): nothing starts until it is over, and nothing is lost.

use super::{Mailing, Phase};

impl Mailing {
    /// Whether messages may start.
    pub(super) fn may_start(&self) -> bool {
        self.phase == Phase::Active && !self.is_paused
    }

    /// Begins or ends a pause.
    pub(super) fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Takes back the intents whose messages were not sent: nothing goes out in the pause, and who has an intent would be in doubt
    /// after a restart. Those whose intent is being stored follow when that is done.
    pub(super) fn withdraw_intents_in_pause(&mut self) {
        if !self.is_paused {
            return;
        }
        while let Some(id) = self.intended.pop_back() {
            self.forget_intent(id);
            self.ready.push_front(id);
        }
    }
}
