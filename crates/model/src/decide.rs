//! The decision function of control: registry and command in, changes or a rejection out.
//!
//! Both adapters of the port `Control` call it, so that they decide alike. It is pure: ids, timestamps and positions
//! are part of the command. Authorization is checked before.

mod approvals;
mod command;
mod rejection;
mod revocations;
mod schemas;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use crate::{
    Kanaal, KanaalName, Registry, Subscription, SubscriptionId, consent::Consent, registry::Change,
    selection::Selection, subscription::Status,
};

pub use self::{command::Command, rejection::Rejection};

/// The changes that a command makes, or why it is rejected.
pub fn decide(registry: &Registry, command: Command) -> Result<Vec<Change>, Rejection> {
    match command {
        Command::CreateKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(_) => Err(Rejection::KanaalExists(kanaal.naam)),
            None => Ok(kanaal_set(registry, kanaal)),
        },
        Command::ChangeKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(now) if now.id == kanaal.id => Ok(kanaal_set(registry, kanaal)),
            _ => Err(Rejection::UnknownKanaal(kanaal.naam)),
        },
        Command::DeleteKanaal(naam) => delete_kanaal(registry, naam),
        Command::CreateSubscription(subscription) => create_subscription(registry, *subscription),
        Command::ChangeSubscription { to, seen } => {
            let now = known(registry, to.id)?;
            if now.changed != seen {
                return Err(Rejection::Conflict(to.id));
            }
            kanalen_exist(registry, &to.selection)?;
            let mut to = *to;
            if to.sink == now.sink && to.validation == now.validation {
                // A handshake, a pause or a 410 may have occurred between reading and changing.
                let had_ended = to.status.end().is_some();
                to.generation = now.generation;
                to.consent = now.consent.clone();
                to.status = now.status.clone();
                // It ended between reading and changing, so that its start was not set anew.
                if to.is_put_off() && !had_ended {
                    return Err(Rejection::Conflict(to.id));
                }
            } else {
                to.generation = now.generation + 1;
            }
            if to.is_put_off() {
                to.status = Status::Active;
            }
            approvals::changes(registry, now, &mut to);
            Ok(vec![Change::Subscription(Arc::new(to))])
        }
        Command::DeleteSubscription(id) => {
            known(registry, id)?;
            let runs = registry.runs().filter(|run| run.subscription == id).map(|run| Change::RunEnded(run.id));
            Ok(runs.chain([Change::SubscriptionDeleted(id)]).collect())
        }
        Command::SetConsent { id, generation, consent } => {
            let now = known(registry, id)?;
            if now.generation != generation || !now.consent.may_become(&consent, &now.validation) {
                return Err(Rejection::OutOfDate(id));
            }
            Ok(changed(now, |subscription| subscription.consent = consent))
        }
        Command::Revalidate { id, at } => Ok(changed(known(registry, id)?, |subscription| {
            subscription.consent = Consent::fresh(at);
            subscription.generation += 1;
            if matches!(subscription.status, Status::Gone { .. } | Status::Suspended { .. }) {
                subscription.status = Status::Active;
            }
        })),
        Command::SetStatus { id, status } => {
            let now = known(registry, id)?;
            match (&now.status, &status) {
                (Status::Gone { .. }, Status::Active | Status::Paused | Status::Suspended { .. }) => {
                    Err(Rejection::Gone(id))
                }
                (Status::Expired { .. }, Status::Active | Status::Paused) => Err(Rejection::Expired(id)),
                // Reported too late to have an effect.
                (Status::Expired { .. }, Status::Suspended { .. } | Status::Expired { .. })
                | (Status::Gone { .. }, Status::Expired { .. }) => Ok(vec![]),
                // The owner may have postponed the expiry meanwhile.
                (_, Status::Expired { at }) if now.expires.is_none_or(|moment| moment > *at) => Ok(vec![]),
                _ => Ok(changed(now, |subscription| subscription.status = status)),
            }
        }
        Command::SetCredential { id, seen, to, at } => {
            let now = known(registry, id)?;
            if now.credential != *seen {
                return Err(Rejection::Conflict(id));
            }
            Ok(changed(now, |subscription| {
                subscription.credential = *to;
                // A client that read the subscription before must not restore the old credential.
                subscription.changed = at.max(subscription.changed + Duration::from_micros(1));
            }))
        }
        Command::DecideApproval { id, seen, approval } => approvals::decide(registry, id, seen, approval),
        Command::DeclareApplicatie(applicatie) => Ok(vec![Change::Applicatie(Arc::new(applicatie))]),
        Command::DeleteApplicatie(client_id) => Ok(vec![Change::ApplicatieDeleted(client_id)]),
        Command::StartRun(run) => {
            known(registry, run.subscription)?;
            Ok(vec![Change::Run(Arc::new(run))])
        }
        Command::EndRun(id) => match registry.run(id) {
            Some(_) => Ok(vec![Change::RunEnded(id)]),
            None => Err(Rejection::UnknownRun(id)),
        },
        Command::RegisterSchema(schema) => match registry.schema(schema.name.as_str()) {
            Some(_) => Err(Rejection::SchemaExists(schema.name)),
            None => schemas::keep(registry, *schema),
        },
        Command::DeclareSchema(schema) => match registry.schema(schema.name.as_str()) {
            Some(present) if present.owner.is_some() => Err(Rejection::SchemaExists(schema.name)),
            _ => schemas::keep(registry, *schema),
        },
        Command::DeleteSchema(name) => match registry.schema(name.as_str()) {
            Some(_) => Ok(vec![Change::SchemaDeleted(name)]),
            None => Err(Rejection::UnknownSchema(name)),
        },
        Command::EndSessions { what, at, until } => revocations::end_sessions(registry, what, at, until),
        Command::UseOnce { what, at, until } => revocations::use_once(registry, what, at, until),
        Command::Declare { revision } if revision < registry.revision() => {
            Err(Rejection::OlderRevision { declared: registry.revision(), given: revision })
        }
        Command::Declare { revision } => Ok(vec![Change::Declared { revision }]),
    }
}

fn delete_kanaal(registry: &Registry, naam: KanaalName) -> Result<Vec<Change>, Rejection> {
    if registry.kanaal(naam.as_str()).is_none() {
        return Err(Rejection::UnknownKanaal(naam));
    }
    if let Some(user) = registry.subscriptions().find(|subscription| subscription.selection.names(&naam)) {
        return Err(Rejection::KanaalInUse { naam, by: user.id });
    }
    let mut changes = approvals::forget_kanaal(registry, &naam);
    changes.push(Change::KanaalDeleted(naam));
    Ok(changes)
}

fn kanaal_set(registry: &Registry, kanaal: Kanaal) -> Vec<Change> {
    let held = approvals::of_kanaal(registry, &kanaal);
    [Change::Kanaal(Arc::new(kanaal))].into_iter().chain(held).collect()
}

fn create_subscription(registry: &Registry, mut subscription: Subscription) -> Result<Vec<Change>, Rejection> {
    if registry.subscription(subscription.id).is_some() {
        return Err(Rejection::SubscriptionExists(subscription.id));
    }
    if let Some(key) = &subscription.create_key
        && let Some(made) = registry.subscription_created_with(&subscription.owner, &key.key)
    {
        return Err(Rejection::CreateKeyTaken(made.id));
    }
    kanalen_exist(registry, &subscription.selection)?;
    approvals::made(registry, &mut subscription);
    Ok(vec![Change::Subscription(Arc::new(subscription))])
}

fn kanalen_exist(registry: &Registry, selection: &Selection) -> Result<(), Rejection> {
    let named: Vec<&KanaalName> = match selection {
        Selection::Native(native) => native.kanalen.iter().collect(),
        Selection::Abonnement(abonnement) => abonnement.kanalen.iter().map(|entry| &entry.naam).collect(),
    };
    match named.into_iter().find(|naam| registry.kanaal(naam.as_str()).is_none()) {
        Some(unknown) => Err(Rejection::UnknownKanaal(unknown.clone())),
        None => Ok(()),
    }
}

fn known(registry: &Registry, id: SubscriptionId) -> Result<&Arc<Subscription>, Rejection> {
    registry.subscription(id).ok_or(Rejection::UnknownSubscription(id))
}

fn changed(now: &Arc<Subscription>, change: impl FnOnce(&mut Subscription)) -> Vec<Change> {
    let mut next = Subscription::clone(now);
    change(&mut next);
    if next == **now { vec![] } else { vec![Change::Subscription(Arc::new(next))] }
}
