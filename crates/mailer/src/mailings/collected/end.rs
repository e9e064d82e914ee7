//! How a mail with collected events ends: each event that was in it, or was left out, once, with its evidence.

use std::sync::Arc;

use model::{
    Timestamp,
    addressee::{Addressee, Digest, Evidence, Message, Outcome},
    mailing::MailingId,
};
use storage::audience::{Collected, CollectedEnd, Outgoing, StoredOutgoing};

use super::{super::MailingParts, collect::mail_id};
use crate::mailings::store::until_durable;

/// The events of a mail that end with this attempt.
pub(super) struct Ends {
    digest: Digest,
    addressee: model::addressee::AddresseeId,
    mailings: Vec<MailingId>,
    evidence: Vec<Evidence>,
}

impl Ends {
    pub fn new(addressee: &Addressee) -> Self {
        Self { digest: addressee.digest, addressee: addressee.id, mailings: Vec::new(), evidence: Vec::new() }
    }

    /// An event ends in this way; `tried` when it was in a mail.
    pub fn add(&mut self, event: &Collected, outcome: (Outcome, Timestamp), tried: Option<(u32, Timestamp)>) {
        self.mailings.push(event.mailing);
        self.evidence.push(Evidence {
            event: event.start.event.clone(),
            digest: self.digest,
            addressee: Some(self.addressee),
            accepted: event.start.accepted,
            tried,
            outcome: Some(outcome),
            read: None,
        });
    }

    /// The mailing of an event was stopped: it ends as it does for those whom the mailing had not reached, without evidence.
    pub fn leave_out(&mut self, event: &Collected) {
        self.mailings.push(event.mailing);
    }

    /// Stores it. What waits behind it is due at `next`.
    pub async fn store(self, parts: &Arc<MailingParts>, due: &StoredOutgoing, next: Timestamp) {
        // Nothing waits for a mail without events.
        let last = self.mailings.iter().max().copied().unwrap_or(MailingId(0));
        let next = Outgoing {
            id: mail_id("next", self.addressee, last),
            message: Message::Collected,
            secret: None,
            created: next,
        };
        let end = CollectedEnd { id: due.outgoing.id, mailings: self.mailings, evidence: self.evidence, next };
        until_durable(parts, || parts.audience.settle_collected(end.clone())).await;
    }
}
