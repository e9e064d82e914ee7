//! Order by key after a change of the order: from then on one delivery at a time per key (I7).

use super::*;

/// Publishes so many events of one key.
fn publish_of_key(rig: &mut Rig, count: usize, key: &str) {
    for _ in 0..count {
        let id = rig.log.len().to_string();
        rig.publish_with(&[&[("id", &id), ("partitionkey", key)]]);
    }
}

/// Lets time pass and accepts every request; asserts that none is sent beside another. Returns the positions.
fn accept_one_by_one(rig: &mut Rig) -> Vec<u64> {
    let mut positions = vec![];
    for _ in 0..1_000 {
        assert!(rig.sent.len() <= 1, "one at a time: {:?}", rig.posted());
        if rig.sent.is_empty() {
            rig.pass(Duration::from_millis(100));
        } else {
            positions.extend(rig.answer(status(204)).items.iter().map(|item| item.position.0));
        }
    }
    positions
}

#[test]
fn h6_order_asked_for_while_retries_wait_holds_from_then_on_i7() {
    for restarts in [false, true] {
        let mut rig = Rig::new(vec![subscription(1)]);
        publish_of_key(&mut rig, 20, "k");
        // The retries wait until different moments.
        while !rig.sent.is_empty() {
            rig.answer(status(409));
            rig.pass(Duration::from_millis(10));
        }
        if restarts {
            rig.pass(Duration::from_millis(500));
            rig.restart();
        }
        rig.change(0, |one| one.order = Order::Key);
        assert_eq!(accept_one_by_one(&mut rig), (0..20).collect::<Vec<_>>(), "in order, each once");
        assert_eq!(rig.outcomes(0), delivered(0..20));
    }
}

#[test]
fn h6_requests_under_way_at_the_change_come_first_i7() {
    let mut rig = Rig::with(Settings { in_flight: 3, ..Settings::default() }, vec![subscription(1)]);
    publish_of_key(&mut rig, 10, "k");
    rig.answer(status(409));
    assert_eq!(rig.posted(), [1, 2, 3]);
    rig.change(0, |one| one.order = Order::Key);
    rig.pass(Duration::from_mins(1));
    assert_eq!(rig.posted(), [1, 2, 3], "nothing beside those under way");
    // They fail, and go back to their place in the order.
    for code in [409, 204, 409] {
        rig.answer(status(code));
        rig.pass(Duration::from_millis(1));
    }
    assert_eq!(rig.posted(), [0], "the earliest one first");
    assert_eq!(accept_one_by_one(&mut rig), [0, 1, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn h6_order_goes_and_comes_back_under_backlog_i7() {
    let mut rig = Rig::new(vec![subscription(1)]);
    publish_of_key(&mut rig, 6, "k");
    publish_of_key(&mut rig, 6, "l");
    for _ in 0..5 {
        rig.change(0, |one| one.order = Order::Key);
        rig.answer(status(409));
        rig.change(0, |one| one.order = Order::None);
        rig.answer(Reply::failed("timeout"));
    }
    rig.change(0, |one| one.order = Order::Key);
    for _ in 0..1_000 {
        let keys: Vec<u64> = rig.sent.iter().map(|send| send.items[0].key).collect();
        let different: std::collections::HashSet<u64> = keys.iter().copied().collect();
        if rig.sent.is_empty() {
            rig.pass(Duration::from_millis(500));
        } else {
            // Those of before the last change may still be under way.
            assert!(different.len() == keys.len() || rig.outcomes(0).len() < 6, "{:?}", rig.posted());
            rig.answer(status(204));
        }
    }
    let mut outcomes = rig.outcomes(0);
    outcomes.sort_unstable_by_key(|(at, _)| *at);
    assert_eq!(outcomes, delivered(0..12));
}

#[test]
#[should_panic(expected = "I7")]
fn h6_the_invariant_notices_two_requests_of_a_key_i7() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    publish_of_key(&mut rig, 2, "k");
    // The order is changed behind the back of the machine's own bookkeeping.
    let id = rig.machine.subscription_ids[&rig.subscriptions[0].id];
    let subscription = rig.machine.subscriptions.get_mut(id).unwrap();
    subscription.spec =
        Arc::new(Subscription { order: Order::Key, max_in_flight: None, ..(*subscription.spec).clone() });
    rig.answer(status(204));
}

#[test]
fn h6_a_request_under_way_at_the_change_yields_to_earlier_records_of_several_partitions_i7() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.input(Input::Kanaal(kanaal(), vec![Mark(0), Mark(0)]));
    // Both partitions have the same two records of one key.
    publish_of_key(&mut rig, 2, "k");
    rig.answer(status(409));
    rig.answer(status(204));
    rig.input(Input::TailMoved(kanaal(), Partition(1), Mark(2)));
    rig.answer(status(409));
    assert_eq!(rig.posted(), [1], "the second one of partition 1");
    rig.change(0, |one| one.order = Order::Key);
    rig.answer(status(409));
    let mut sent = vec![];
    for _ in 0..100 {
        rig.pass(Duration::from_millis(100));
        while let Some(send) = rig.sent.first() {
            let delivery = &rig.machine.deliveries_of(send.id)[0];
            sent.push((delivery.partition.0, delivery.position.0));
            rig.answer(status(204));
        }
    }
    assert_eq!(sent.len(), 3, "{sent:?}");
    let place = |wanted| sent.iter().position(|one| *one == wanted);
    assert!(place((1, 0)) < place((1, 1)), "{sent:?}");
}

#[test]
fn h6_a_batch_under_way_at_the_change_does_not_yield_to_later_records_of_its_key_i7() {
    let linger = Duration::from_secs(1);
    let format = Format::Batch { max_events: NonZeroU32::new(2).unwrap(), linger };
    let mut rig = Rig::new(vec![Subscription { format, ..subscription(1) }]);
    rig.input(Input::Kanaal(kanaal(), vec![Mark(0), Mark(0)]));
    let record = item_with(0, &[("id", "0"), ("source", "/s"), ("type", "nl.t"), ("partitionkey", "k")], "{}");
    rig.log.push(Arc::new(record));
    // One batch has the first record of both partitions, that of partition 1 first.
    for partition in [1, 0] {
        rig.input(Input::TailMoved(kanaal(), Partition(partition), Mark(1)));
    }
    assert_eq!(rig.posted(), [0, 0]);
    publish_of_key(&mut rig, 1, "k");
    rig.change(0, |one| one.order = Order::Key);
    rig.answer(status(503));
    let mut sent = vec![];
    for _ in 0..100 {
        rig.pass(Duration::from_millis(100));
        while let Some(send) = rig.sent.first() {
            let deliveries = rig.machine.deliveries_of(send.id);
            sent.extend(deliveries.iter().map(|one| (one.partition.0, one.position.0)));
            rig.answer(status(204));
        }
    }
    assert_eq!(sent.len(), 3, "{sent:?}");
    let place = |wanted| sent.iter().position(|one| *one == wanted);
    assert!(place((0, 0)) < place((0, 1)), "{sent:?}");
}
