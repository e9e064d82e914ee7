//! Subscriptions and kanalen that are created, paused, changed and deleted.

use model::{
    outcome::Outcome::{Delivered, Ended},
    run::{Range, Run, RunId, RunSelection},
};

use super::*;

#[test]
fn a_pause_keeps_the_marks_and_nothing_is_lost() {
    let stops: [fn(&mut Subscription); 3] = [
        |one| one.status = Status::Paused,
        |one| one.consent = Consent::fresh(Timestamp::default()),
        |one| one.status = Status::Suspended { reason: "r".into(), at: Timestamp::default() },
    ];
    for stop in stops {
        let mut rig = Rig::new(vec![subscription(1), subscription(2)]);
        rig.publish(2);
        rig.answer_all(&status(204));
        rig.change(0, stop);
        rig.publish(300);
        assert!(rig.sent.iter().all(|send| send.subscription.id == rig.subscriptions[1].id), "I5");
        rig.answer_all(&status(204));
        rig.pass(Duration::from_secs(1));
        assert_eq!(rig.machine.unsettled(), 0, "no payload is held while paused");
        rig.restart();
        assert!(rig.sent.is_empty());
        rig.change(0, |one| {
            one.status = Status::Active;
            one.consent = subscription(1).consent;
        });
        rig.answer_all(&status(204));
        assert_eq!(rig.outcomes(0), delivered(0..302));
    }
}

#[test]
fn a_subscription_begins_at_its_start_and_misses_nothing_while_consent_is_asked() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(5);
    rig.answer_all(&status(204));
    let mut late = subscription(2);
    late.start = vec![(kanaal(), Partition(0), Mark(3))];
    late.consent = Consent::fresh(Timestamp::default());
    rig.subscriptions.push(late.clone());
    rig.publish(5);
    rig.answer_all(&status(204));
    rig.input(Input::Subscription(Arc::new(late)));
    rig.pass(Duration::from_secs(1));
    rig.restart();
    rig.publish(1);
    rig.change(1, |one| one.consent = subscription(2).consent);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(1), delivered(3..11));
    assert_eq!(rig.outcomes(0).len(), 11);
}

#[test]
fn a_start_beyond_the_mark_of_the_shared_reader_waits_for_it() {
    let settings = Settings { window: 3, in_flight: 1, ..Settings::default() };
    let mut rig = Rig::with(settings, vec![subscription(1)]);
    rig.publish(20);
    let mut late = subscription(2);
    late.start = vec![(kanaal(), Partition(0), Mark(20))];
    rig.subscriptions.push(late.clone());
    rig.input(Input::Subscription(Arc::new(late)));
    rig.publish(5);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(1), delivered(20..25));
    assert_eq!(rig.outcomes(0), delivered(0..25));
}

#[test]
fn a_kanaal_created_later_starts_at_its_beginning() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    let later = KanaalName::new("later").unwrap();
    // The rig has one log; the machine reads it under both names.
    rig.input(Input::Kanaal(later, vec![Mark(1)]));
    assert_eq!(rig.posted(), [0, 0]);
}

#[test]
fn a_changed_filter_holds_from_the_mark_on() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(3);
    let only =
        |kind: &str| Selection::Native(NativeSelection { types: vec![kind.into()], ..NativeSelection::default() });
    rig.change(0, |one| one.selection = only("nl.other"));
    rig.publish(2);
    rig.publish_with(&[&[("id", "x"), ("type", "nl.t")]]);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..3), "what was taken before goes on");
    rig.change(0, |one| one.selection = only("nl.t"));
    rig.publish(1);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered([0, 1, 2, 6]));
}

#[test]
fn deleting_ends_what_is_left() {
    let mut rig = Rig::with(Settings { window: 5, in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(20);
    let id = rig.subscriptions[0].id;
    rig.input(Input::SubscriptionDeleted(id));
    rig.answer(status(500));
    rig.pass(Duration::from_hours(1));
    assert!(rig.sent.is_empty());
    let ended: Vec<_> = (1..5).chain([0]).map(|at| (at, Ended)).collect();
    assert_eq!(rig.outcomes(0), ended);
    assert_eq!(rig.ranges(0), [(5, 20, Ended)]);
    let left: Vec<_> = rig.store.keys().filter(|key| !matches!(key, Key::Reader(..))).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_new_sink_gets_what_the_old_one_did_not() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(3);
    rig.answer(wait(429, 3_600));
    rig.change(0, |one| one.sink = model::Sink::Webhook("https://elsewhere.example/".into()));
    let send = rig.answer(status(204));
    assert_eq!(send.subscription.sink.key(), "https://elsewhere.example/");
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..3));
    // `Retry-After` of the old sink still holds.
    rig.change(0, |one| one.sink = subscription(1).sink);
    rig.publish(1);
    assert!(rig.until_post() > 3_500_000);
}

#[test]
fn a_replay_bypasses_order_and_the_duplicates_window() {
    let mut one = subscription(1);
    one.order = Order::Key;
    let mut rig = Rig::new(vec![one]);
    rig.publish_with(&[&[("id", "a")], &[("id", "a")], &[("id", "b")], &[("id", "c")]]);
    rig.answer_all(&status(204));
    let run = Run {
        id: RunId(uuid::Uuid::from_u128(9)),
        subscription: rig.subscriptions[0].id,
        what: RunSelection::Replay(vec![Range {
            kanaal: kanaal(),
            partition: Partition(0),
            from: Mark(0),
            until: Mark(3),
        }]),
        asked_by: "o".into(),
        created: rig.now,
    };
    rig.input(Input::Run(Arc::new(run)));
    assert_eq!(rig.posted(), [0, 1, 2], "all concurrently");
    rig.answer_all(&status(204));
    let again = rig.journal.iter().filter(|entry| match entry {
        Entry::Settled { delivery, outcome, .. } => delivery.run.is_some() && *outcome == Delivered,
        _ => false,
    });
    assert_eq!(again.count(), 3);
}

#[test]
fn a_run_over_records_goes_on_after_a_restart_and_then_ends() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(6);
    rig.answer_all(&status(204));
    let run = Run {
        id: RunId(uuid::Uuid::from_u128(9)),
        subscription: rig.subscriptions[0].id,
        what: RunSelection::Records([5, 1, 3].map(|at| (kanaal(), Partition(0), position(at))).into()),
        asked_by: "o".into(),
        created: rig.now,
    };
    rig.runs.push(run.clone());
    rig.input(Input::Run(Arc::new(run)));
    assert_eq!(rig.answer(status(204)).items[0].position, position(1));
    rig.pass(Duration::from_secs(1));
    rig.restart();
    assert_eq!(rig.answer_all(&status(204)), [3, 5]);
    rig.pass(Duration::from_secs(1));
    assert!(rig.runs.is_empty());
    rig.pass(Duration::from_secs(1));
    assert!(!rig.store.keys().any(|key| matches!(key, Key::Run(..))));
}

#[test]
fn deliveries_of_a_deleted_kanaal_do_not_stop_the_retries_of_others() {
    let only = |naam: &str| {
        let kanalen = vec![KanaalName::new(naam).unwrap()];
        Selection::Native(NativeSelection { kanalen, ..NativeSelection::default() })
    };
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(500));
    // The kanaal is deleted while the subscription does not select it, and created again.
    rig.change(0, |one| one.selection = only("besluiten"));
    rig.input(Input::KanaalDeleted(kanaal()));
    rig.change(0, |one| one.selection = only("zaken"));
    rig.input(Input::Kanaal(kanaal(), vec![Mark(1)]));
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.outcomes(0), [(0, Outcome::Expired)], "the retry from before cannot be read again");
    rig.answer(status(500));
    rig.until_post();
    assert_eq!(rig.posted(), [0]);
}

#[test]
fn a_pause_before_the_registry_knows_of_410_ends_without_a_request_i4() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(410));
    rig.change(0, |one| one.status = Status::Paused);
    rig.change(0, |one| one.status = Status::Active);
    rig.publish(1);
    assert!(rig.sent.is_empty());
    rig.change(0, |one| one.generation += 1);
    assert_eq!(rig.sent.len(), 1, "its owner changed the sink");
}
