//! Cases of the port Control.

use std::{sync::Arc, time::Duration};

use model::{
    Kanaal, PayloadSchema, Registry, Subscription, Timestamp,
    approval::Approval,
    decide::{Command, Rejection, decide},
    profile::{Mode, Rules},
    registry::Change,
    revocation::Revoked,
    schema::PayloadCheck,
    subscription::Status,
};
use uuid::Uuid;

use super::{
    Harness, reopen,
    sample::{
        applicatie, approved_subscription, closed_kanaal, expired, granted, kanaal, name, run, schema, subscription,
    },
};
use crate::Control;

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! control_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            control,
            $harness,
            accepted_changes_are_in_the_registry,
            rejections_change_nothing,
            decisions_are_those_of_the_decision_function,
            one_of_many_makes_a_kanaal,
            one_of_many_changes_a_subscription,
            reopening_keeps_the_registry,
            changes_arrive_in_order_after_they_were_folded,
            a_registry_that_caught_up_has_what_was_accepted,
        );
    };
}

async fn accept(control: &dyn Control, command: Command) -> Vec<Change> {
    control.submit(&model::Actor::gateway(), command).await.expect("a decision").expect("accepted")
}

/// When an accepted command returns, this node's registry contains its changes.
pub async fn accepted_changes_are_in_the_registry(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let zaken = kanaal(1, "zaken");
    let changes = accept(&*store.control, Command::CreateKanaal(zaken.clone())).await;
    assert_eq!(changes, [Change::Kanaal(Arc::new(zaken.clone()))]);
    let registry = store.control.registry();
    assert_eq!(registry.read().kanaal("zaken").map(|kanaal| (**kanaal).clone()), Some(zaken));
    accept(&*store.control, Command::DeleteKanaal(name("zaken"))).await;
    assert!(registry.read().kanaal("zaken").is_none());
    harness.close(store).await;
}

/// A rejected command leaves the registry unchanged.
pub async fn rejections_change_nothing(harness: &mut dyn Harness) {
    let store = harness.open().await;
    accept(&*store.control, Command::CreateKanaal(kanaal(1, "zaken"))).await;
    let before = store.control.registry().read().clone();
    for (command, rejection) in [
        (Command::CreateKanaal(kanaal(2, "zaken")), Rejection::KanaalExists(name("zaken"))),
        (Command::DeleteKanaal(name("weg")), Rejection::UnknownKanaal(name("weg"))),
        (
            Command::CreateSubscription(Box::new(subscription(5, &["zaken", "weg"]))),
            Rejection::UnknownKanaal(name("weg")),
        ),
    ] {
        assert_eq!(store.control.submit(&model::Actor::gateway(), command).await.expect("a decision"), Err(rejection));
    }
    assert_eq!(*store.control.registry().read(), before);
    harness.close(store).await;
}

/// Commands on every kind of object, some of which are rejected.
pub fn commands() -> Vec<Command> {
    let wanted = subscription(10, &["zaken"]);
    let (id, at) = (wanted.id, Timestamp::from_seconds(3_000));
    let mut moved = wanted.clone();
    moved.sink = model::Sink::Webhook("https://elders.example.com/".into());
    moved.changed = at;
    let mut changed = kanaal(1, "zaken");
    changed.retention_seconds = None;
    vec![
        Command::CreateKanaal(kanaal(1, "zaken")),
        Command::CreateKanaal(kanaal(2, "besluiten")),
        Command::CreateKanaal(kanaal(3, "zaken")),
        Command::ChangeKanaal(changed),
        Command::DeclareApplicatie(applicatie("open-zaak")),
        Command::DeclareApplicatie(applicatie("weg")),
        Command::DeleteApplicatie("weg".into()),
        Command::CreateSubscription(Box::new(wanted.clone())),
        Command::CreateSubscription(Box::new(wanted.clone())),
        Command::SetConsent { id, generation: 1, consent: granted(at) },
        Command::SetConsent { id, generation: 0, consent: granted(at) },
        Command::ChangeSubscription { to: Box::new(moved.clone()), seen: wanted.changed },
        Command::ChangeSubscription { to: Box::new(moved), seen: wanted.changed },
        Command::SetStatus { id, status: Status::Paused },
        Command::SetStatus { id, status: Status::Gone { at } },
        Command::SetStatus { id, status: Status::Active },
        Command::Revalidate { id, at },
        Command::StartRun(run(20, id)),
        Command::StartRun(run(21, id)),
        Command::EndRun(run(20, id).id),
        Command::EndRun(run(22, id).id),
        Command::DeleteKanaal(name("zaken")),
        Command::DeleteKanaal(name("besluiten")),
        Command::Declare { revision: 7 },
        Command::Declare { revision: 6 },
    ]
}

/// Commands that do not exist in version 1 of the stored forms.
pub fn commands_of_version_2() -> Vec<Command> {
    let rules = Rules { mode: Some(Mode::Strict), ..Rules::default() };
    let strict = Kanaal { rules, payloads: PayloadCheck::Warn, ..kanaal(1, "streng") };
    let declared = |uri: &str| PayloadSchema { uri: uri.into(), owner: None, ..schema("besluit") };
    vec![
        Command::CreateKanaal(strict.clone()),
        Command::ChangeKanaal(Kanaal { payloads: PayloadCheck::Reject, ..strict }),
        Command::RegisterSchema(Box::new(schema("zaak"))),
        Command::RegisterSchema(Box::new(schema("zaak"))),
        Command::RegisterSchema(Box::new(PayloadSchema { types: vec![], ..renamed("anders", &schema("zaak")) })),
        Command::DeclareSchema(Box::new(declared("urn:x:1"))),
        Command::DeclareSchema(Box::new(declared("urn:x:2"))),
        Command::DeclareSchema(Box::new(schema("zaak"))),
        Command::DeleteSchema(schema("zaak").name),
        Command::DeleteSchema(schema("zaak").name),
    ]
}

/// Commands about ended sessions and used links.
pub fn commands_of_revocation() -> Vec<Command> {
    let at = Timestamp::from_seconds;
    let person = Revoked::Person { issuer: "https://provider.example".into(), subject: "8 %\u{e9}".into() };
    let session = Revoked::ProviderSession { issuer: "https://provider.example".into(), session: "s-1".into() };
    let token = Revoked::LogoutToken { issuer: "https://provider.example".into(), id: "t-1".into() };
    let link = Revoked::LoginLink(Uuid::from_u128(60));
    vec![
        Command::EndSessions { what: person.clone(), at: at(1_000), until: at(2_000) },
        Command::EndSessions { what: person, at: at(900), until: at(1_900) },
        Command::EndSessions { what: session, at: at(1_000), until: at(2_000) },
        Command::UseOnce { what: link.clone(), at: at(1_100), until: at(1_400) },
        Command::UseOnce { what: link, at: at(1_200), until: at(1_400) },
        Command::UseOnce { what: token, at: at(1_500), until: at(1_800) },
    ]
}

/// The use of a form.
pub fn form_command() -> Command {
    let at = Timestamp::from_seconds;
    Command::UseOnce { what: Revoked::Form(Uuid::from_u128(61)), at: at(1_600), until: at(30_700) }
}

fn renamed(naam: &str, schema: &PayloadSchema) -> PayloadSchema {
    PayloadSchema { name: self::schema(naam).name, ..schema.clone() }
}

/// Commands about approval, disclosure, expiry and keys.
pub fn commands_of_approval() -> Vec<Command> {
    let (approved, expired) = (approved_subscription(), expired());
    let (id, at) = (approved.id, Timestamp::from_seconds(1_300));
    let approval = Approval { kanaal: name("besluiten"), ..approved.approvals[0].clone() };
    let decide_at = |seen: Timestamp| Command::DecideApproval { id, seen, approval: approval.clone() };
    vec![
        Command::CreateKanaal(Kanaal { approval: true, ..kanaal(2, "besluiten") }),
        Command::CreateSubscription(Box::new(approved.clone())),
        Command::CreateSubscription(Box::new(Subscription { id: expired.id, ..approved.clone() })),
        decide_at(approved.changed),
        decide_at(Timestamp::from_seconds(1)),
        Command::CreateKanaal(closed_kanaal()),
        Command::ChangeKanaal(Kanaal { approval: false, ..closed_kanaal() }),
        Command::CreateSubscription(Box::new(Subscription { status: Status::Active, ..expired.clone() })),
        Command::SetStatus { id: expired.id, status: Status::Expired { at } },
        Command::SetStatus { id: expired.id, status: Status::Active },
    ]
}

/// Every decision is the one that `model::decide` makes on the state so far.
pub async fn decisions_are_those_of_the_decision_function(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut expected = Registry::default();
    for command in commands()
        .into_iter()
        .chain(commands_of_version_2())
        .chain(commands_of_approval())
        .chain(commands_of_revocation())
    {
        let decision = decide(&expected, command.clone());
        decision.iter().flatten().for_each(|change| expected.apply(change));
        assert_eq!(
            store.control.submit(&model::Actor::gateway(), command.clone()).await.expect("a decision"),
            decision,
            "{command:?}"
        );
        assert_eq!(*store.control.registry().read(), expected, "{command:?}");
    }
    harness.close(store).await;
}

/// Of 200 concurrent commands that create the same kanaal one succeeds; the others are rejected because it exists.
pub async fn one_of_many_makes_a_kanaal(harness: &mut dyn Harness) {
    let store = harness.open().await;
    for naam in ["zaken", "besluiten"] {
        let attempt = |number: u128| {
            let control = store.control.clone();
            tokio::spawn(async move {
                control.submit(&model::Actor::gateway(), Command::CreateKanaal(kanaal(number, naam))).await
            })
        };
        let attempts: Vec<_> = (0..200).map(attempt).collect();
        let mut winners = Vec::new();
        for attempt in attempts {
            match attempt.await.expect("an attempt").expect("a decision") {
                Ok(changes) => winners.push(changes),
                Err(rejection) => assert_eq!(rejection, Rejection::KanaalExists(name(naam))),
            }
        }
        let kept = store.control.registry().read().kanaal(naam).cloned().expect("the kanaal");
        assert_eq!(winners, [[Change::Kanaal(kept)]]);
    }
    harness.close(store).await;
}

/// Of many concurrent changes based on the same version one succeeds; the others are rejected as outdated.
pub async fn one_of_many_changes_a_subscription(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let original = subscription(1, &[]);
    accept(&*store.control, Command::CreateSubscription(Box::new(original.clone()))).await;
    let attempt = |number: i64| {
        let (control, mut to) = (store.control.clone(), original.clone());
        let seen = to.changed;
        to.changed = Timestamp::from_seconds(5_000 + number);
        let command = Command::ChangeSubscription { to: Box::new(to), seen };
        tokio::spawn(async move { control.submit(&model::Actor::gateway(), command).await })
    };
    let attempts: Vec<_> = (0..50).map(attempt).collect();
    let mut winners = 0;
    for attempt in attempts {
        match attempt.await.expect("an attempt").expect("a decision") {
            Ok(_) => winners += 1,
            Err(rejection) => assert_eq!(rejection, Rejection::Conflict(original.id)),
        }
    }
    assert_eq!(winners, 1);
    harness.close(store).await;
}

/// The registry is the same after reopening.
pub async fn reopening_keeps_the_registry(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    for command in commands().into_iter().chain(commands_of_version_2()).chain(commands_of_revocation()) {
        drop(store.control.submit(&model::Actor::gateway(), command).await.expect("a decision"));
        let before = store.control.registry().read().clone();
        store = reopen(harness, store).await;
        store.control.catch_up().await.expect("caught up");
        assert_eq!(*store.control.registry().read(), before);
    }
    harness.close(store).await;
}

/// The channel delivers every accepted change once, in order, after it was applied to the registry.
pub async fn changes_arrive_in_order_after_they_were_folded(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let (mut changes, registry) = (store.control.changes(), store.control.registry());
    let submit = |number: u128| {
        let control = store.control.clone();
        tokio::spawn(async move { accept(&*control, Command::CreateKanaal(kanaal(number, &number.to_string()))).await })
    };
    let submits: Vec<_> = (0..100).map(submit).collect();
    let mut seen = Registry::default();
    for _ in 0..100 {
        let change = tokio::time::timeout(Duration::from_mins(2), changes.recv()).await.expect("in time");
        let change = change.expect("a change");
        let Change::Kanaal(kanaal) = &change else { panic!("only kanalen were made, not {change:?}") };
        assert!(registry.read().kanaal(kanaal.naam.as_str()).is_some());
        seen.apply(&change);
    }
    for submit in submits {
        submit.await.expect("a submit");
    }
    assert_eq!(seen, *registry.read());
    assert!(changes.is_empty());
    accept(&*store.control, Command::DeleteKanaal(name("7"))).await;
    assert_eq!(changes.recv().await.expect("a change"), Change::KanaalDeleted(name("7")));
    harness.close(store).await;
}

/// After `catch_up` the registry contains everything accepted before.
pub async fn a_registry_that_caught_up_has_what_was_accepted(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let registry = store.control.registry();
    for number in 0..20_u128 {
        let naam = format!("kanaal {number}");
        let control = store.control.clone();
        let command = Command::CreateKanaal(kanaal(number, &naam));
        tokio::spawn(async move { accept(&*control, command).await }).await.expect("accepted elsewhere");
        store.control.catch_up().await.expect("caught up");
        assert!(registry.read().kanaal(&naam).is_some());
    }
    harness.close(store).await;
}
