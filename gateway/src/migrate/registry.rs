//! Writes the registry of the source to the target by commands of `Control`, so that the rules of `model::decide` apply.
//! Resources that exist already are not changed, so an interrupted run can be repeated.

use std::{mem::discriminant, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use model::{
    Registry, Subscription,
    decide::Command,
    registry::Change,
    revocation::{Revocation, Revoked},
};
use storage::{Control, Error};

use super::MigrateError;

/// Commands submitted concurrently.
const CONCURRENT_COMMANDS: usize = 32;
/// The wait between two attempts while no node decides on commands, and the number of attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
const MAX_RETRIES: u32 = 60;

/// Submits the commands that lead to these changes.
///
/// # Errors
/// `Differs` when the target holds a resource of the same name with other contents; `Interrupted` when no node accepts
/// commands for 30 seconds.
pub async fn apply(control: &dyn Control, changes: &[Change]) -> Result<(), MigrateError> {
    control.catch_up().await?;
    // A change may depend on changes of an earlier kind.
    for alike in changes.chunk_by(|one, other| discriminant(one) == discriminant(other)) {
        let each = stream::iter(alike).map(|change| apply_one(control, change));
        each.buffer_unordered(CONCURRENT_COMMANDS).try_collect::<()>().await?;
    }
    let wanted = changes.iter().fold(Registry::default(), |mut wanted, change| {
        wanted.apply(change);
        wanted
    });
    let same = *control.registry().read() == wanted;
    if same { Ok(()) } else { Err(MigrateError::Differs("kanalen, applicaties of abonnementen".to_owned())) }
}

async fn apply_one(control: &dyn Control, change: &Change) -> Result<(), MigrateError> {
    let mut tries = 0;
    loop {
        let next = next(&control.registry().read(), change);
        let Some(command) = next else { return Ok(()) };
        let refused = match control.submit(&model::Actor::command_line(), command).await {
            Ok(Ok(_)) => continue,
            Ok(Err(rejection)) => rejection.to_string(),
            Err(Error::Unavailable { reason, .. }) => reason,
            Err(error) => return Err(error.into()),
        };
        if tries == MAX_RETRIES {
            return Err(MigrateError::Interrupted(refused));
        }
        tries += 1;
        tokio::time::sleep(RETRY_INTERVAL).await;
        control.catch_up().await?;
    }
}

/// The next command that leads to a change; `None` when the registry has it already.
fn next(registry: &Registry, change: &Change) -> Option<Command> {
    match change {
        Change::Kanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(_) => None,
            None => Some(Command::CreateKanaal((**kanaal).clone())),
        },
        Change::Applicatie(own) => match registry.applicatie(&own.client_id) {
            Some(_) => None,
            None => Some(Command::DeclareApplicatie((**own).clone())),
        },
        Change::Schema(schema) => match registry.schema(schema.name.as_str()) {
            Some(_) => None,
            None => Some(Command::RegisterSchema(Box::new((**schema).clone()))),
        },
        Change::Run(run) => match registry.run(run.id) {
            Some(_) => None,
            None => Some(Command::StartRun((**run).clone())),
        },
        Change::Declared { revision } => {
            (registry.revision() != *revision).then_some(Command::Declare { revision: *revision })
        }
        Change::Subscription(wanted) => match registry.subscription(wanted.id) {
            None => Some(Command::CreateSubscription(Box::new((**wanted).clone()))),
            Some(present) => decision(present, wanted),
        },
        Change::Revocation(own) => match registry.revocation(&own.what) {
            Some(_) => None,
            None => Some(revoke(own)),
        },
        // A snapshot of a registry holds no deletions.
        Change::KanaalDeleted(_)
        | Change::SubscriptionDeleted(_)
        | Change::ApplicatieDeleted(_)
        | Change::RunEnded(_)
        | Change::SchemaDeleted(_)
        | Change::RevocationForgotten(_) => None,
    }
}

fn revoke(own: &Revocation) -> Command {
    let Revocation { what, at, until } = own.clone();
    match what {
        Revoked::Person { .. } | Revoked::Session(_) | Revoked::ProviderSession { .. } => {
            Command::EndSessions { what, at, until }
        }
        Revoked::LoginLink(_) | Revoked::LogoutToken { .. } | Revoked::Form(_) => Command::UseOnce { what, at, until },
    }
}

/// The next decision of an owner to record. A subscription is created without decisions, and each recorded decision is
/// appended behind the others; so all of them are recorded again, in order.
fn decision(present: &Subscription, wanted: &Subscription) -> Option<Command> {
    if present.approvals == wanted.approvals {
        return None;
    }
    let recorded =
        (0..=wanted.approvals.len()).rev().find(|count| present.approvals.ends_with(&wanted.approvals[..*count]));
    let approval = wanted.approvals.get(recorded?)?.clone();
    Some(Command::DecideApproval { id: present.id, seen: present.changed, approval })
}

#[cfg(test)]
mod tests {
    use model::{
        Kanaal, KanaalName, SubscriptionId, Timestamp,
        approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
        decide::decide,
        run::{Run, RunId, RunSelection},
        selection::{NativeSelection, Selection},
    };
    use storage::suite::sample;
    use uuid::Uuid;

    use super::*;

    fn kanaal(naam: &str, approval: bool) -> Kanaal {
        Kanaal {
            approval,
            ..Kanaal::new(Uuid::from_u128(1), KanaalName::new(naam).unwrap(), Timestamp::from_seconds(1))
        }
    }

    fn approval(naam: &str, state: ApprovalState) -> Approval {
        let disclose = Some(Disclosure { attributes: None, data: false });
        Approval { kanaal: KanaalName::new(naam).unwrap(), state, disclose }
    }

    /// Independent of the order in which owners decided, and of interruptions.
    #[test]
    fn commands_reproduce_the_registry() {
        let yes = || {
            ApprovalState::Approved(ApprovalDecision { by: "a".into(), at: Timestamp::from_seconds(3), reason: None })
        };
        let selection = Selection::Native(NativeSelection::default());
        let approvals = vec![approval("b", yes()), approval("c", yes()), approval("a", ApprovalState::Awaiting)];
        let subscription = Subscription { selection, approvals, ..sample::subscription(7, &[]) };
        let what = RunSelection::Replay(vec![]);
        let run = Run {
            id: RunId(Uuid::from_u128(9)),
            subscription: SubscriptionId(Uuid::from_u128(7)),
            what,
            asked_by: "x".into(),
            created: Timestamp::from_seconds(5),
        };
        let mut wanted = Registry::default();
        for change in [
            Change::Kanaal(kanaal("a", true).into()),
            Change::Kanaal(kanaal("b", true).into()),
            Change::Kanaal(kanaal("c", false).into()),
            Change::Applicatie(sample::applicatie("open-zaak").into()),
            Change::Subscription(subscription.into()),
            Change::Run(run.into()),
            Change::Schema(sample::schema("zaak").into()),
            Change::Declared { revision: 4 },
        ] {
            wanted.apply(&change);
        }
        let mut target = Registry::default();
        let mut commands = 0;
        for change in wanted.to_changes() {
            while let Some(command) = next(&target, &change) {
                decide(&target, command).unwrap().iter().for_each(|change| target.apply(change));
                commands += 1;
                assert!(commands < 20, "{target:?}");
            }
        }
        assert_eq!(target, wanted);
    }
}
