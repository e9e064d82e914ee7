//! Rejects a subscription: the owner of a kanaal does not let it have events of the kanaal. A subscription that names
//! the kanaal then gets nothing; one to all kanalen goes on without it.

use std::sync::Arc;

use model::{
    Actor, Kanaal, Subscription,
    approval::{ApprovalDecision, ApprovalState},
};

use super::approve::{ApprovalTarget, check_reason};
use crate::{Error, Management};

impl Management {
    /// Rejects a subscription to a kanaal of the actor, with a reason for the subscriber; returns both as they are now.
    /// What was disclosed before is kept for a later approval.
    ///
    /// Errors are those of [`Management::approve_subscription`].
    pub async fn reject_subscription(
        &self,
        actor: &Actor,
        target: &ApprovalTarget,
        reason: String,
    ) -> Result<(Arc<Kanaal>, Arc<Subscription>), Error> {
        check_reason(Some(&reason))?;
        self.decide_approval(actor, target, |disclosed, at| {
            (ApprovalState::Rejected(ApprovalDecision { by: actor.to_string(), at, reason: Some(reason) }), disclosed)
        })
        .await
    }
}
