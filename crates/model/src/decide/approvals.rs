//! When a subscription needs the approval of the owner of a kanaal, and when one lapses. Pure, as all of `decide`;
//! what an approval is stands in [`crate::approval`].

use std::sync::Arc;

use super::{Rejection, changed, known};
use crate::{
    Kanaal, KanaalName, Registry, Subscription, SubscriptionId, Timestamp,
    approval::{Approval, ApprovalState},
    registry::Change,
};

/// Brings the approvals of a subscription that is made in line with the kanalen as they are.
pub(super) fn made(registry: &Registry, subscription: &mut Subscription) {
    subscription.approvals.clear();
    for kanaal in registry.kanalen() {
        require(kanaal, subscription);
    }
}

/// The same of a subscription that changes. Another sink or selection is another request: what was judged before is
/// judged again, by kanalen that ask for it.
pub(super) fn changes(registry: &Registry, now: &Subscription, to: &mut Subscription) {
    to.approvals.clone_from(&now.approvals);
    let other_request = now.sink != to.sink || now.selection != to.selection;
    let selection = &to.selection;
    to.approvals.retain(|entry| selection.covers(&entry.kanaal));
    for entry in &mut to.approvals {
        let asks = registry.kanaal(entry.kanaal.as_str()).is_some_and(|kanaal| kanaal.approval);
        if other_request && asks {
            entry.state = ApprovalState::Awaiting;
        }
    }
    for kanaal in registry.kanalen() {
        require(kanaal, to);
    }
}

/// What a kanaal that is made or changed does to subscriptions: one that asks for approval holds everybody who has none,
/// one that does not lets go of who waited.
pub(super) fn of_kanaal(registry: &Registry, kanaal: &Kanaal) -> Vec<Change> {
    let affected = |subscription: &&Arc<Subscription>| match subscription.approval(&kanaal.naam) {
        Some(entry) => !kanaal.approval && is_idle(entry),
        None => kanaal.approval && subscription.selection.covers(&kanaal.naam),
    };
    let change = |subscription: &Arc<Subscription>| {
        changed(subscription, |subscription| {
            subscription.approvals.retain(|entry| entry.kanaal != kanaal.naam || kanaal.approval || !is_idle(entry));
            require(kanaal, subscription);
        })
    };
    registry.subscriptions().filter(affected).flat_map(change).collect()
}

/// A kanaal that is deleted leaves no approval behind: another one of its name is another one's.
pub(super) fn forget_kanaal(registry: &Registry, naam: &KanaalName) -> Vec<Change> {
    let named = registry.subscriptions().filter(|subscription| subscription.approval(naam).is_some());
    named.flat_map(|own| changed(own, |own| own.approvals.retain(|entry| entry.kanaal != *naam))).collect()
}

/// Records what the owner of a kanaal decided about a subscription as it was `seen`.
pub(super) fn judge(
    registry: &Registry,
    id: SubscriptionId,
    seen: Timestamp,
    approval: Approval,
) -> Result<Vec<Change>, Rejection> {
    let now = known(registry, id)?;
    if registry.kanaal(approval.kanaal.as_str()).is_none() {
        return Err(Rejection::UnknownKanaal(approval.kanaal));
    }
    if !now.selection.covers(&approval.kanaal) {
        return Err(Rejection::NotCovered { id, naam: approval.kanaal });
    }
    if now.changed != seen {
        return Err(Rejection::Conflict(id));
    }
    Ok(changed(now, |subscription| {
        subscription.approvals.retain(|entry| entry.kanaal != approval.kanaal);
        subscription.approvals.push(approval);
    }))
}

/// Whether an entry only waits and says nothing else.
fn is_idle(entry: &Approval) -> bool {
    entry.state == ApprovalState::Awaiting && entry.disclose.is_none()
}

fn require(kanaal: &Kanaal, subscription: &mut Subscription) {
    let missing =
        kanaal.approval && subscription.selection.covers(&kanaal.naam) && subscription.approval(&kanaal.naam).is_none();
    if missing {
        let kanaal = kanaal.naam.clone();
        subscription.approvals.push(Approval { kanaal, state: ApprovalState::Awaiting, disclose: None });
    }
}
