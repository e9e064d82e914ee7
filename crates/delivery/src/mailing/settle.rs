//! The end of an addressee: exactly one, with its evidence.

use model::addressee::{AddresseeId, Evidence, Outcome};

use super::{
    End, Mailing,
    entry::{Entry, Stage},
};
use crate::planted::planted;

impl Mailing {
    /// Ends an addressee to which nothing is under way.
    pub(super) fn end(&mut self, id: AddresseeId, end: End) {
        self.forget_intent(id);
        let Some(entry) = self.entries.remove(&id) else { return };
        if let Stage::Waiting(due) = entry.stage {
            self.waiting.remove(&(due, id));
        }
        self.counts.open -= 1;
        self.counts.count(end, if planted!(EndIsCountedTwice) && end == End::PermanentFailure { 2 } else { 1 });
        let evidence = end.outcome().map(|outcome| self.evidence(id, &entry, outcome));
        self.checkpoints.ended(id, entry.is_listed, evidence);
    }

    /// Ends an addressee to which nothing more is sent: when an attempt is in doubt, that is its end.
    pub(super) fn end_undelivered(&mut self, id: AddresseeId, end: End) {
        let in_doubt = self.entries.get(&id).is_some_and(|entry| entry.in_doubt);
        self.end(id, if in_doubt { End::InDoubt } else { end });
    }

    fn evidence(&self, id: AddresseeId, entry: &Entry, outcome: Outcome) -> Evidence {
        Evidence {
            event: self.spec.event.clone(),
            digest: entry.digest,
            addressee: Some(id),
            accepted: self.spec.accepted,
            tried: entry.tried.map(|(_, last)| (entry.attempts, last)),
            outcome: Some((outcome, self.now.wall)),
            read: None,
        }
    }
}
