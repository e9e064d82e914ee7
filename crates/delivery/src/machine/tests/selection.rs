//! Where a subscription starts when its selection changes, as long as the machine goes on and after a crash.

use super::*;

/// A selection that does not cover the kanaal of the rig.
fn elsewhere() -> Selection {
    let kanalen = vec![KanaalName::new("elsewhere").unwrap()];
    Selection::Native(NativeSelection { kanalen, ..NativeSelection::default() })
}

/// Selects the kanaal of the rig, from this mark on, as `management` does.
fn select_from(rig: &mut Rig, mark: u64) {
    rig.change(0, |one| {
        one.selection = Selection::Native(NativeSelection::default());
        one.start = vec![(kanaal(), Partition(0), Mark(mark))];
    });
}

#[test]
fn a_kanaal_that_a_change_adds_starts_where_the_change_stored_i1() {
    for crashes in [false, true] {
        let mut rig = Rig::new(vec![Subscription { selection: elsewhere(), ..subscription(1) }]);
        rig.publish(3);
        select_from(&mut rig, 2);
        if crashes {
            rig.restart();
        }
        rig.publish(1);
        assert_eq!(rig.answer_all(&status(204)), [2, 3], "crashes: {crashes}");
    }
}

#[test]
fn a_kanaal_that_was_left_while_nothing_was_published_starts_where_the_change_stored_i1() {
    let mut rig = Rig::new(vec![Subscription { selection: elsewhere(), ..subscription(1) }]);
    rig.publish(2);
    select_from(&mut rig, 2);
    rig.change(0, |one| one.selection = elsewhere());
    // Accepted after the change was, and known here before the change is.
    rig.publish(1);
    select_from(&mut rig, 2);
    assert_eq!(rig.answer_all(&status(204)), [2]);
}

#[test]
fn a_mark_from_before_a_kanaal_was_left_does_not_count_after_a_crash() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    rig.change(0, |one| one.selection = elsewhere());
    rig.publish(3);
    select_from(&mut rig, 5);
    assert_eq!(rig.stored_mark(0), Some(&Value::Level), "its removal is not stored yet");
    rig.restart();
    rig.publish(1);
    assert_eq!(rig.answer_all(&status(204)), [5]);
    rig.pass(Duration::from_secs(1));
    rig.restart();
    assert!(rig.sent.is_empty(), "nothing is repeated");
}

#[test]
fn the_start_of_another_subscription_does_not_lead_one_on_that_was_level_at_the_beginning_i1() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.pass(Duration::from_secs(1));
    assert_eq!((rig.stored_mark(0), rig.store.len()), (Some(&Value::Level), 1), "no mark of the reader is stored");
    rig.publish(3);
    let start = vec![(kanaal(), Partition(0), Mark(3))];
    // The registry may list it first.
    rig.subscriptions.insert(0, Subscription { start, ..subscription(2) });
    rig.restart();
    assert_eq!(rig.answer_all(&status(204)), [0, 1, 2]);
}

#[test]
fn a_subscription_that_returns_starts_where_a_change_stored_also_beyond_the_known_end() {
    let mut rig = Rig::new(vec![Subscription { selection: elsewhere(), ..subscription(1) }]);
    rig.publish(3);
    rig.change(0, |one| one.status = Status::Expired { at: Timestamp::default() });
    select_from(&mut rig, 5);
    rig.change(0, |one| one.status = Status::Active);
    rig.publish(3);
    assert_eq!(rig.answer_all(&status(204)), [5]);
}
