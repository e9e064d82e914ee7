//! What a subscription does not get: events after it expired, and those of a kanaal whose owner has not approved it.

use model::{
    approval::{Approval, ApprovalDecision, ApprovalState},
    outcome::Outcome::{Delivered, Ended, Expired},
    run::{Range, Run, RunId, RunSelection},
};

use super::*;

fn expired() -> Status {
    Status::Expired { at: Timestamp::from_seconds(10_000) }
}

fn approval(state: ApprovalState) -> Vec<Approval> {
    vec![Approval { kanaal: kanaal(), state, disclose: None }]
}

fn approved() -> Vec<Approval> {
    approval(ApprovalState::Approved(ApprovalDecision { by: "o".into(), at: Timestamp::default(), reason: None }))
}

fn naming(number: u128) -> Subscription {
    let native = NativeSelection { kanalen: vec![kanaal()], ..NativeSelection::default() };
    Subscription { selection: Selection::Native(native), ..subscription(number) }
}

#[test]
fn what_is_left_when_a_subscription_expires_has_expired() {
    let mut rig = Rig::with(Settings { window: 5, in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(20);
    rig.change(0, |one| one.status = expired());
    assert_eq!(rig.ranges(0), [(5, 20, Expired)], "immediately");
    rig.answer(status(500));
    rig.pass(Duration::from_hours(1));
    assert!(rig.sent.is_empty());
    assert_eq!(rig.outcomes(0), (1..5).chain([0]).map(|at| (at, Expired)).collect::<Vec<_>>());
    rig.publish(3);
    rig.restart();
    rig.change(0, |one| one.status = Status::Active);
    rig.publish(1);
    rig.answer_all(&status(204));
    assert_eq!(rig.ranges(0), [(5, 20, Expired), (20, 23, Expired)]);
    assert_eq!(rig.outcomes(0).last(), Some(&(23, Delivered)));
}

#[test]
fn what_was_on_its_way_when_a_subscription_expired_may_still_arrive() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.change(0, |one| one.status = expired());
    rig.answer(status(204));
    assert_eq!(rig.outcomes(0), delivered([0]));
}

#[test]
fn what_was_unsettled_at_a_restart_after_the_expiry_has_expired() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(status(500));
    rig.pass(Duration::from_secs(1));
    rig.subscriptions[0].status = expired();
    rig.restart();
    assert!(rig.sent.is_empty());
    assert_eq!(rig.outcomes(0), [(0, Expired), (1, Expired)]);
}

#[test]
fn a_subscription_that_names_a_kanaal_waits_for_its_owner_and_then_gets_everything() {
    let mut one = naming(1);
    one.approvals = approval(ApprovalState::Awaiting);
    let mut rig = Rig::new(vec![one, subscription(2)]);
    rig.publish(300);
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    assert_eq!((rig.outcomes(0).len(), rig.outcomes(1).len()), (0, 300));
    rig.restart();
    assert!(rig.sent.is_empty());
    rig.change(0, |one| one.approvals = approved());
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..300));
}

#[test]
fn a_subscription_to_all_kanalen_gets_nothing_of_one_that_is_not_approved() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(status(204));
    rig.change(0, |one| one.approvals = approval(ApprovalState::Awaiting));
    rig.publish(2);
    rig.answer(status(500));
    rig.pass(Duration::from_hours(1));
    assert!(rig.sent.is_empty(), "what was on its way is not tried again");
    assert_eq!(rig.outcomes(0), [(0, Delivered), (1, Ended)]);
    let replay = Run {
        id: RunId(uuid::Uuid::from_u128(9)),
        subscription: rig.subscriptions[0].id,
        what: RunSelection::Replay(vec![Range {
            kanaal: kanaal(),
            partition: Partition(0),
            from: Mark(0),
            until: Mark(4),
        }]),
        asked_by: "o".into(),
        created: rig.now,
    };
    let redrive = Run {
        id: RunId(uuid::Uuid::from_u128(10)),
        what: RunSelection::Records(vec![(kanaal(), Partition(0), position(1))]),
        ..replay.clone()
    };
    for run in [replay, redrive] {
        rig.runs.push(run.clone());
        rig.input(Input::Run(Arc::new(run)));
    }
    assert!(rig.sent.is_empty() && rig.runs.is_empty(), "neither again");
    rig.change(0, |one| one.approvals = approved());
    rig.publish(1);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), [(0, Delivered), (1, Ended), (4, Delivered)]);
}

#[test]
fn what_a_selection_named_is_not_sent_without_approval_after_it_names_no_kanaal() {
    let mut rig = Rig::new(vec![Subscription { max_in_flight: NonZeroU32::new(1), ..naming(1) }]);
    rig.publish(2);
    rig.change(0, |one| one.approvals = approval(ApprovalState::Awaiting));
    rig.answer(status(204));
    rig.change(0, |one| one.selection = Selection::Native(NativeSelection::default()));
    assert!(rig.sent.is_empty());
    assert_eq!(rig.outcomes(0), [(0, Delivered), (1, Ended)]);
}

#[test]
fn what_was_unsettled_at_a_restart_is_not_sent_without_approval() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(500));
    rig.pass(Duration::from_secs(1));
    rig.subscriptions[0].approvals = approval(ApprovalState::Awaiting);
    rig.restart();
    rig.pass(Duration::from_hours(1));
    assert!(rig.sent.is_empty());
    assert_eq!(rig.outcomes(0), [(0, Ended)]);
}

#[test]
fn what_a_run_had_read_before_a_restart_is_not_sent_without_approval() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer_all(&status(204));
    let run = Run {
        id: RunId(uuid::Uuid::from_u128(9)),
        subscription: rig.subscriptions[0].id,
        what: RunSelection::Records(vec![(kanaal(), Partition(0), position(0))]),
        asked_by: "o".into(),
        created: rig.now,
    };
    rig.runs.push(run.clone());
    rig.input(Input::Run(Arc::new(run)));
    rig.answer(status(500));
    rig.pass(Duration::from_secs(1));
    rig.subscriptions[0].approvals = approval(ApprovalState::Awaiting);
    rig.restart();
    rig.pass(Duration::from_hours(1));
    assert!(rig.sent.is_empty());
}

#[test]
fn records_that_end_unread_are_counted() {
    let mut machine = Machine::new(Settings::default(), Arc::new(SeededRandom::new(1)));
    let now = Timestamp::from_seconds(10);
    let one = subscription(1);
    for input in [
        Input::Kanaal(kanaal(), vec![Mark(7)]),
        Input::Subscription(Arc::new(Subscription { consent: Consent::fresh(now), ..one.clone() })),
        Input::Loaded,
        Input::SubscriptionDeleted(one.id),
    ] {
        machine.handle(input, now);
    }
    assert_eq!(machine.take_effects().counts.passed_over, [0, 0, 0, 0, 0, 0, 7]);
}
