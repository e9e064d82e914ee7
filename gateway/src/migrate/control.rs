//! Making a registry on the other side, through the commands of control, so that its own rules hold. What is there already
//! is left alone, so it can be done again.

use std::{mem::discriminant, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use model::{Registry, Subscription, decide::Command, registry::Change};
use storage::{Control, Error};

use super::MigrateError;

/// Commands under way at once.
const TOGETHER: usize = 32;
/// How long to wait for somebody who decides, and how often.
const AGAIN: Duration = Duration::from_millis(500);
const TRIES: u32 = 60;

/// Makes what these changes stand for.
///
/// # Errors
/// `Refused` when something of the same name is there that differs; `Interrupted` when nobody decides on changes.
pub async fn make(control: &dyn Control, changes: &[Change]) -> Result<(), MigrateError> {
    control.catch_up().await?;
    // What comes later may need what came before.
    for alike in changes.chunk_by(|one, other| discriminant(one) == discriminant(other)) {
        let each = stream::iter(alike).map(|change| make_one(control, change));
        each.buffer_unordered(TOGETHER).try_collect::<()>().await?;
    }
    let wanted = changes.iter().fold(Registry::default(), |mut wanted, change| {
        wanted.apply(change);
        wanted
    });
    let same = *control.registry().read() == wanted;
    if same { Ok(()) } else { Err(MigrateError::Differs("kanalen, applicaties of abonnementen".to_owned())) }
}

async fn make_one(control: &dyn Control, change: &Change) -> Result<(), MigrateError> {
    let mut tries = 0;
    loop {
        let next = next(&control.registry().read(), change);
        let Some(command) = next else { return Ok(()) };
        let refused = match control.submit(command).await {
            Ok(Ok(_)) => continue,
            Ok(Err(rejection)) => rejection.to_string(),
            Err(Error::Unavailable { reason, .. }) => reason,
            Err(error) => return Err(error.into()),
        };
        if tries == TRIES {
            return Err(MigrateError::Interrupted(refused));
        }
        tries += 1;
        tokio::time::sleep(AGAIN).await;
        control.catch_up().await?;
    }
}

/// The next command on the way to what a change stands for; `None` when it is there.
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
            Some(present) => judgement(present, wanted),
        },
        // A registry as it stands holds no end of anything.
        Change::KanaalDeleted(_)
        | Change::SubscriptionDeleted(_)
        | Change::ApplicatieDeleted(_)
        | Change::RunEnded(_)
        | Change::SchemaDeleted(_) => None,
    }
}

/// A subscription is made without the judgements of owners. Each that is recorded goes behind the others, so all of them
/// are recorded anew, in order: the next behind those that are.
fn judgement(present: &Subscription, wanted: &Subscription) -> Option<Command> {
    if present.approvals == wanted.approvals {
        return None;
    }
    let recorded =
        (0..=wanted.approvals.len()).rev().find(|count| present.approvals.ends_with(&wanted.approvals[..*count]));
    let approval = wanted.approvals.get(recorded?)?.clone();
    Some(Command::Judge { id: present.id, seen: present.changed, approval })
}

#[cfg(test)]
mod tests {
    use model::{
        Kanaal, KanaalName, SubscriptionId, Timestamp,
        approval::{Approval, ApprovalState, Disclosure, Judgement},
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

    /// Whatever the order in which owners judged, and however often it was begun.
    #[test]
    fn a_registry_is_made_by_commands_and_comes_out_as_it_was() {
        let yes =
            || ApprovalState::Approved(Judgement { by: "a".into(), at: Timestamp::from_seconds(3), reason: None });
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
        let mut made = Registry::default();
        let mut commands = 0;
        for change in wanted.to_changes() {
            while let Some(command) = next(&made, &change) {
                decide(&made, command).unwrap().iter().for_each(|change| made.apply(change));
                commands += 1;
                assert!(commands < 20, "{made:?}");
            }
        }
        assert_eq!(made, wanted);
    }
}
