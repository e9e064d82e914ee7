//! What is stored, and how a restart continues from it.

use model::outcome::Outcome::{Ended, Expired};

use super::*;

#[test]
fn what_is_settled_quickly_is_never_listed_i2() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(100);
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    assert!(rig.machine.is_stored());
    assert_eq!(rig.store.get(&Key::Reader(kanaal(), Partition(0))), Some(&Value::At(Mark(100))));
    assert_eq!(rig.stored_mark(0), Some(&Value::Level));
    assert_eq!(rig.store.len(), 2);
    rig.restart();
    assert!(rig.sent.is_empty(), "nothing is repeated");
}

#[test]
fn what_is_under_way_is_listed_and_repeated_i2() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_unsettled(), [(0, 0), (1, 0), (2, 0)]);
    rig.answer(status(204));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_unsettled(), [(1, 0), (2, 0)]);
    rig.restart();
    assert_eq!(rig.answer_all(&status(204)), [1, 2]);
    rig.pass(Duration::from_secs(1));
    assert!(rig.stored_unsettled().is_empty());
}

#[test]
fn attempts_and_waits_survive_a_restart() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(500));
    rig.until_post();
    rig.answer(status(500));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_unsettled(), [(0, 2)]);
    rig.restart();
    assert!(rig.sent.is_empty());
    assert_eq!(rig.until_post(), 5_000, "six seconds, of which one is over");
    rig.answer(status(500));
    assert_eq!(rig.until_post(), 12_000);
}

#[test]
fn a_retry_that_is_listed_beyond_the_mark_is_not_accepted_twice() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(status(500));
    // The first checkpoint lists the retry immediately; the marks follow with the next one.
    let reader = Key::Reader(kanaal(), Partition(0));
    while rig.stored_unsettled().is_empty() {
        rig.pass(Duration::from_millis(10));
    }
    rig.store.remove(&reader);
    let own = Key::Subscription(rig.subscriptions[0].id, kanaal(), Partition(0));
    rig.store.insert(own, Value::At(Mark(0)));
    rig.restart();
    assert_eq!(rig.posted(), [1]);
    rig.answer(status(204));
    rig.until_post();
    assert_eq!(rig.posted(), [0]);
}

#[test]
fn an_outage_survives_a_restart() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(5);
    rig.answer_all(&status(503));
    let since = rig.status(0).outage_since;
    rig.pass(Duration::from_secs(1));
    rig.restart();
    assert_eq!(rig.status(0).outage_since, since);
    rig.until_post();
    assert_eq!(rig.sent.len(), 1, "one probe");
}

#[test]
fn a_subscription_that_is_behind_has_an_own_cursor_until_it_is_level() {
    let mut rig =
        Rig::with(Settings { window: 4, in_flight: 1, ..Settings::default() }, vec![subscription(1), subscription(2)]);
    rig.publish(50);
    rig.answer_other_than(0);
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_mark(0), Some(&Value::At(Mark(4))));
    assert_eq!(rig.stored_mark(1), Some(&Value::Level));
    assert_eq!(rig.status(0).lag, [(kanaal(), Partition(0), 46)]);
    rig.restart();
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..50));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_mark(0), Some(&Value::Level));
}

#[test]
fn what_retention_overtook_is_expired_as_a_range() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer_all(&status(204));
    rig.change(0, |one| one.status = Status::Paused);
    rig.publish(100);
    rig.oldest = Mark(60);
    rig.change(0, |one| one.status = Status::Active);
    assert_eq!(rig.answer_all(&status(204)), (60..101).collect::<Vec<_>>());
    assert_eq!(rig.ranges(0), [(1, 60, Expired)]);
}

#[test]
fn a_retry_that_retention_overtook_is_expired() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(status(500));
    rig.answer(status(204));
    rig.oldest = Mark(2);
    rig.pass(Duration::from_secs(4));
    assert!(rig.sent.is_empty());
    assert_eq!(rig.outcomes(0)[1], (0, Expired));
    assert_eq!(rig.machine.unsettled(), 0);
}

#[test]
fn progress_of_what_is_gone_is_deleted() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    rig.answer(wait(429, 60));
    rig.pass(Duration::from_secs(1));
    assert!(rig.store.len() > 4);
    rig.subscriptions.clear();
    rig.restart();
    rig.pass(Duration::from_secs(1));
    let left = |rig: &Rig| rig.store.keys().filter(|key| !matches!(key, Key::Reader(..))).cloned().collect::<Vec<_>>();
    assert!(matches!(left(&rig)[..], [Key::Sink(_)]), "`Retry-After` holds for a subscription that returns");
    rig.pass(Duration::from_mins(2));
    assert!(left(&rig).is_empty());
}

#[test]
fn draining_starts_nothing_more_and_stores_everything() {
    let mut rig = Rig::with(Settings { in_flight: 2, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(10);
    rig.input(Input::Drain);
    rig.answer(status(204));
    rig.answer(status(500));
    rig.publish(5);
    assert!(rig.sent.is_empty());
    while !rig.machine.is_stored() {
        rig.machine.hurry_checkpoint();
        rig.go();
    }
    let expected: Vec<_> = std::iter::once((1, 1)).chain((2..10).map(|at| (at, 0))).collect();
    assert_eq!(rig.stored_unsettled(), expected);
    rig.restart();
    rig.pass(Duration::from_secs(4));
    let mut rest = rig.answer_all(&status(204));
    rest.sort_unstable();
    assert_eq!(rest, (1..15).collect::<Vec<_>>());
}

#[test]
fn retention_also_overtakes_a_subscription_ahead_of_the_shared_reader() {
    let mut ahead = subscription(2);
    ahead.start = vec![(kanaal(), Partition(0), Mark(5))];
    let mut rig = Rig::new(vec![subscription(1), ahead]);
    rig.oldest = Mark(10);
    let events: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let events: Vec<_> = events.iter().map(|id| [("id", id.as_str())]).collect();
    rig.publish_with(&events.iter().map(<[_; 1]>::as_slice).collect::<Vec<_>>());
    rig.answer_all(&status(204));
    assert_eq!((rig.ranges(0), rig.ranges(1)), (vec![(0, 10, Expired)], vec![(5, 10, Expired)]));
    assert_eq!((rig.outcomes(0).len(), rig.outcomes(1).len()), (10, 10));
}

#[test]
fn h18_no_request_starts_while_progress_cannot_be_stored() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.stores_checkpoints = false;
    let mut accepted = 0;
    for _ in 0..600 {
        rig.publish(1);
        accepted += rig.answer_all(&status(204)).len();
        rig.pass(Duration::from_millis(100));
    }
    assert!((30..100).contains(&accepted), "a crash repeats what was delivered in some seconds: {accepted}");
    let age = rig.machine.shard_status().checkpoint_age;
    assert!(age > Duration::from_secs(55), "{age:?}");
    rig.stores_checkpoints = true;
    let entries = rig.held_checkpoint.take().expect("a checkpoint");
    rig.perform(Action::Checkpoint(entries));
    rig.go();
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..600));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.machine.shard_status().checkpoint_age, Duration::ZERO);
}

#[test]
fn h13_the_lag_counts_what_exists() {
    let mut rig = Rig::new(vec![subscription(1), subscription(2)]);
    rig.change(0, |one| one.status = Status::Paused);
    rig.publish(100);
    rig.answer_all(&status(204));
    assert_eq!(rig.status(0).lag[0].2, 100);
    rig.oldest = Mark(90);
    rig.publish(1);
    rig.answer_all(&status(204));
    assert_eq!(rig.status(0).lag[0].2, 11, "retention removed 90");
}

#[test]
fn a_cursor_at_the_mark_of_the_reader_is_level_after_a_restart_and_stored_so() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    // It was behind, and the reader was at the same mark.
    rig.store.insert(Key::Subscription(rig.subscriptions[0].id, kanaal(), Partition(0)), Value::At(Mark(2)));
    rig.restart();
    rig.publish(3);
    assert_eq!(rig.answer_all(&status(204)), [2, 3, 4]);
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.stored_mark(0), Some(&Value::Level));
    rig.restart();
    assert!(rig.sent.is_empty(), "nothing is repeated");
}

#[test]
fn a_subscription_that_returns_continues_at_its_start_whatever_crashes_ce_wh_15() {
    let at = Timestamp::default();
    for (status, outcome) in [(Status::Gone { at }, Ended), (Status::Expired { at }, Expired)] {
        for crashes in [false, true] {
            let mut rig = Rig::new(vec![subscription(1)]);
            rig.publish(2);
            rig.answer_all(&super::status(204));
            rig.pass(Duration::from_secs(1));
            rig.change(0, |one| one.status = status.clone());
            rig.publish(3);
            rig.pass(Duration::from_secs(1));
            rig.stores_checkpoints = false;
            // Accepted after the start was computed and before the machine sees the change.
            rig.publish(1);
            rig.change(0, |one| {
                one.generation += 1;
                one.status = Status::Active;
                one.start = vec![(kanaal(), Partition(0), Mark(5))];
            });
            if crashes {
                rig.restart();
            }
            assert_eq!(rig.posted(), [5], "{outcome:?}, crash {crashes}");
            assert_eq!(rig.ranges(0), [(2, 5, outcome)], "{outcome:?}, crash {crashes}");
        }
    }
}
