//! Approves a subscription: the owner of a kanaal lets it have events of the kanaal, or parts of them (data
//! minimisation). Approving again changes what is disclosed.

use std::sync::Arc;

use model::{
    Actor, Kanaal, Subscription, SubscriptionId, Timestamp,
    approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
    decide::Command,
};

use crate::{Error, Management, Precondition, Resource};

/// Longest reason of a decision, in characters.
pub const MAX_REASON: usize = 1_000;

/// The subscription that is decided about, and for which kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalTarget {
    /// The name of the kanaal.
    pub kanaal: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The state of the subscription that the decision is about.
    pub expected: Precondition,
}

/// What of each event is disclosed from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisclosureRequest {
    /// What was disclosed before.
    Keep,
    /// Everything.
    Everything,
    /// Only this.
    Only(Disclosure),
}

impl Management {
    /// Approves a subscription to a kanaal of the actor, with a reason of at most [`MAX_REASON`] characters for the
    /// subscriber; returns both as they are now.
    ///
    /// [`Error::NotFound`] when there is no such kanaal or no such subscription to it; [`Error::Forbidden`] when the
    /// actor does not answer for the kanaal; [`Error::PreconditionFailed`] when the subscription was changed.
    pub async fn approve_subscription(
        &self,
        actor: &Actor,
        target: &ApprovalTarget,
        disclosure: DisclosureRequest,
        reason: Option<String>,
    ) -> Result<(Arc<Kanaal>, Arc<Subscription>), Error> {
        check_reason(reason.as_deref())?;
        self.decide_approval(actor, target, |disclosed, at| {
            let disclose = match disclosure {
                DisclosureRequest::Keep => disclosed,
                DisclosureRequest::Everything => None,
                DisclosureRequest::Only(disclosure) => Some(disclosure),
            };
            (ApprovalState::Approved(ApprovalDecision { by: actor.to_string(), at, reason }), disclose)
        })
        .await
    }

    /// Records a decision about a subscription to a kanaal of the actor. `decide` gets what is disclosed now and the
    /// time, and returns the new state and what is disclosed from now on.
    pub(super) async fn decide_approval(
        &self,
        actor: &Actor,
        target: &ApprovalTarget,
        decide: impl FnOnce(Option<Disclosure>, Timestamp) -> (ApprovalState, Option<Disclosure>),
    ) -> Result<(Arc<Kanaal>, Arc<Subscription>), Error> {
        const NONE: Error = Error::NotFound(Resource::KanaalSubscription);
        let kanaal = self.find_own_kanaal(actor, &target.kanaal)?;
        let id = target.subscription;
        let present = self.registry.read().subscription(id).cloned().ok_or(NONE)?;
        if !present.selection.covers(&kanaal.naam) {
            return Err(NONE);
        }
        target.expected.check(present.changed, self.settings.require_precondition)?;
        let (state, disclose) = decide(present.disclosure(&kanaal.naam).cloned(), self.clock.now());
        let approval = Approval { kanaal: kanaal.naam.clone(), state, disclose };
        self.control.submit(actor, Command::DecideApproval { id, seen: present.changed, approval }).await??;
        let decided = self.registry.read().subscription(id).cloned().ok_or(NONE)?;
        Ok((kanaal, decided))
    }
}

/// A reason is read by people: not empty, and bounded.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), Error> {
    match reason {
        Some(reason) if reason.is_empty() || reason.chars().nth(MAX_REASON).is_some() => {
            Err(Error::invalid("reason", format!("must be a text of 1 to {MAX_REASON} characters")))
        }
        _ => Ok(()),
    }
}
