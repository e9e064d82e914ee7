//! Lists the subscriptions that get events of a kanaal, for its owner.

use std::sync::Arc;

use model::{Actor, Kanaal, KanaalName, Subscription, approval::ApprovalState};

use crate::{Error, Management};

/// Which approval of the kanaal subscriptions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalFilter {
    /// The owner has not decided.
    Awaiting,
    /// The owner agreed.
    Approved,
    /// The owner did not agree.
    Rejected,
    /// The kanaal asked for no approval.
    None,
}

impl Management {
    /// The subscriptions that cover a kanaal of the actor, oldest first.
    ///
    /// [`Error::NotFound`] when there is no such kanaal; [`Error::Forbidden`] when the actor does not answer for it.
    pub fn list_subscriptions_of_kanaal(
        &self,
        actor: &Actor,
        naam: &str,
        filter: Option<ApprovalFilter>,
    ) -> Result<(Arc<Kanaal>, Vec<Arc<Subscription>>), Error> {
        let kanaal = self.find_own_kanaal(actor, naam)?;
        let matches = |subscription: &&Arc<Subscription>| {
            subscription.selection.covers(&kanaal.naam)
                && filter.is_none_or(|filter| filter == approval(subscription, &kanaal.naam))
        };
        let mut found: Vec<_> = self.registry.read().subscriptions().filter(matches).cloned().collect();
        found.sort_by_key(|subscription| (subscription.created, subscription.id));
        Ok((kanaal, found))
    }
}

fn approval(subscription: &Subscription, naam: &KanaalName) -> ApprovalFilter {
    match subscription.approval(naam).map(|entry| &entry.state) {
        None => ApprovalFilter::None,
        Some(ApprovalState::Awaiting) => ApprovalFilter::Awaiting,
        Some(ApprovalState::Approved(_)) => ApprovalFilter::Approved,
        Some(ApprovalState::Rejected(_)) => ApprovalFilter::Rejected,
    }
}
