//! The end of a mailing before all were sent to: its event expired (CH-100), or it was stopped (CH-94). Messages under way
//! are waited for; their replies end their addressees.

use model::addressee::AddresseeId;

use super::{End, Mailing, Phase, Skip};

impl Mailing {
    /// Whether no message is sent any more.
    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Stopped || self.is_expired()
    }

    pub(super) fn is_expired(&self) -> bool {
        self.spec.expires.is_some_and(|at| at <= self.now.wall)
    }

    /// Ends everybody to whom nothing is under way, when it is over.
    pub(super) fn end_when_over(&mut self) {
        if !self.is_over() {
            return;
        }
        let is_stopped = self.phase == Phase::Stopped;
        let idle: Vec<(AddresseeId, bool)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.is_idle())
            .map(|(id, entry)| (*id, entry.attempts > 0))
            .collect();
        for (id, was_tried) in idle {
            let end = match (is_stopped, was_tried) {
                (true, false) => End::Skipped(Skip::Stopped),
                (true, true) => End::TemporaryFailure,
                (false, _) => End::Expired,
            };
            self.end_undelivered(id, end);
        }
        self.held.clear();
    }
}
