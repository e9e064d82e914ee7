//! The decision function of control: state and command in, changes or a rejection out.
//!
//! Both adapters of the port `Control` call it, so they decide alike. It is pure: ids, moments and
//! positions come inside the command. Rights are checked before, by the gateway.

use std::sync::Arc;

use crate::{
    Kanaal, KanaalName, Registry, Subscription, SubscriptionId, Timestamp,
    applicatie::Applicatie,
    consent::Consent,
    registry::Change,
    run::{Run, RunId},
    selection::Selection,
    subscription::Status,
};

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a kanaal; its name must be free.
    CreateKanaal(Kanaal),
    /// Replace what can change of a kanaal; the one with that name must exist and keep its id.
    ChangeKanaal(Kanaal),
    /// Delete a kanaal that no subscription names.
    DeleteKanaal(KanaalName),
    /// Make a subscription; the kanalen it names must exist.
    CreateSubscription(Box<Subscription>),
    /// Replace a subscription, if it is still as `seen` (the `changed` moment its changer read).
    ChangeSubscription {
        /// The new state.
        to: Box<Subscription>,
        /// When the state that the changer read was made.
        seen: Timestamp,
    },
    /// Delete a subscription.
    DeleteSubscription(SubscriptionId),
    /// Record the outcome of a consent step; ignored for another generation than the current one.
    SetConsent {
        /// Whose.
        id: SubscriptionId,
        /// The generation that the step belongs to.
        generation: u64,
        /// The outcome.
        consent: Consent,
    },
    /// Ask the sink again: consent starts over, and a gone or suspended subscription is active again.
    Revalidate {
        /// Whose.
        id: SubscriptionId,
        /// When.
        at: Timestamp,
    },
    /// Pause, resume, suspend or end a subscription.
    SetStatus {
        /// Whose.
        id: SubscriptionId,
        /// The new status.
        status: Status,
    },
    /// Declare an applicatie, or replace it.
    DeclareApplicatie(Applicatie),
    /// Withdraw an applicatie.
    DeleteApplicatie(String),
    /// Start a run.
    StartRun(Run),
    /// End a run.
    EndRun(RunId),
    /// Take note that configuration of this revision was declared.
    Declare {
        /// The revision.
        revision: u64,
    },
}

/// Why a command was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A kanaal with this name exists.
    #[error("a kanaal named {0} exists")]
    KanaalExists(KanaalName),
    /// There is no such kanaal.
    #[error("there is no kanaal named {0}")]
    UnknownKanaal(KanaalName),
    /// The kanaal is named by this subscription.
    #[error("kanaal {naam} is used by subscription {by}")]
    KanaalInUse {
        /// The kanaal.
        naam: KanaalName,
        /// One of its users.
        by: SubscriptionId,
    },
    /// A subscription with this id exists.
    #[error("subscription {0} exists")]
    SubscriptionExists(SubscriptionId),
    /// There is no such subscription.
    #[error("there is no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// Somebody else changed it since it was read.
    #[error("subscription {0} was changed by somebody else")]
    Conflict(SubscriptionId),
    /// The step belongs to an earlier sink or origin.
    #[error("the consent step of subscription {0} is out of date")]
    OutOfDate(SubscriptionId),
    /// The status cannot change that way (a subscription that is gone needs a new handshake).
    #[error("subscription {0} is gone: its sink must consent again first")]
    Gone(SubscriptionId),
    /// There is no such run.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// Configuration of a newer revision was declared.
    #[error("configuration revision {declared} was declared before; {given} is older")]
    OlderRevision {
        /// The newest one.
        declared: u64,
        /// The one given.
        given: u64,
    },
}

/// Decides a command: the changes it makes, or why it makes none.
pub fn decide(registry: &Registry, command: Command) -> Result<Vec<Change>, Rejection> {
    match command {
        Command::CreateKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(_) => Err(Rejection::KanaalExists(kanaal.naam)),
            None => Ok(vec![Change::Kanaal(Arc::new(kanaal))]),
        },
        Command::ChangeKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(now) if now.id == kanaal.id => Ok(vec![Change::Kanaal(Arc::new(kanaal))]),
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
            Ok(vec![Change::Subscription(Arc::new(*to))])
        }
        Command::DeleteSubscription(id) => {
            known(registry, id)?;
            let runs = registry.runs().filter(|run| run.subscription == id).map(|run| Change::RunEnded(run.id));
            Ok(runs.chain([Change::SubscriptionDeleted(id)]).collect())
        }
        Command::SetConsent { id, generation, consent } => {
            let now = known(registry, id)?;
            if now.generation != generation {
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
                _ => Ok(changed(now, |subscription| subscription.status = status)),
            }
        }
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
    match registry.subscriptions().find(|subscription| subscription.selection.names(&naam)) {
        Some(user) => Err(Rejection::KanaalInUse { naam, by: user.id }),
        None => Ok(vec![Change::KanaalDeleted(naam)]),
    }
}

fn create_subscription(registry: &Registry, subscription: Subscription) -> Result<Vec<Change>, Rejection> {
    if registry.subscription(subscription.id).is_some() {
        return Err(Rejection::SubscriptionExists(subscription.id));
    }
    kanalen_exist(registry, &subscription.selection)?;
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
