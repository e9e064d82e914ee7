//! When a subscription needs the approval of the owner of a kanaal, and when an approval lapses. Pure, like all of
//! `decide`; approvals themselves are defined in [`crate::approval`].

use std::sync::Arc;

use super::{Rejection, changed, known};
use crate::{
    Kanaal, KanaalName, Registry, Subscription, SubscriptionId, Timestamp,
    approval::{Approval, ApprovalState},
    registry::Change,
};

/// Sets the approvals of a new subscription as its kanalen require.
pub(super) fn made(registry: &Registry, subscription: &mut Subscription) {
    subscription.approvals.clear();
    for kanaal in registry.kanalen() {
        require(kanaal, subscription);
    }
}

/// Sets the approvals of a changed subscription. With another sink or selection it is a new request, and kanalen that
/// require approval must approve it again.
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

/// The effect of a new or changed kanaal on subscriptions: if it requires approval, subscriptions without one must
/// wait; if it does not, waiting ones are released.
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

/// Removes the approvals for a deleted kanaal: a later kanaal with the same name is another one.
pub(super) fn forget_kanaal(registry: &Registry, naam: &KanaalName) -> Vec<Change> {
    let named = registry.subscriptions().filter(|subscription| subscription.approval(naam).is_some());
    named.flat_map(|own| changed(own, |own| own.approvals.retain(|entry| entry.kanaal != *naam))).collect()
}

/// Stores the decision of the owner of a kanaal about a subscription that is unchanged since `seen`.
pub(super) fn decide(
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

/// Whether an entry only waits for approval.
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
