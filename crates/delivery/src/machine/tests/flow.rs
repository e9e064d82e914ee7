//! Bounds, windows, own cursors, order, duplicates and pace.

use model::outcome::Outcome::{Delivered, Duplicate, Refused};

use super::*;

fn shared_sink(count: u128) -> Vec<Subscription> {
    (1..=count)
        .map(|number| Subscription {
            sink: model::Sink::Webhook("https://shared.example/".into()),
            ..subscription(number)
        })
        .collect()
}

#[test]
fn requests_under_way_are_bounded_per_subscription_and_in_all() {
    let settings = Settings { in_flight: 4, in_flight_total: 10, ..Settings::default() };
    let mut few = subscription(1);
    few.max_in_flight = NonZeroU32::new(2);
    let mut rig = Rig::with(settings, vec![few, subscription(2), subscription(3), subscription(4), subscription(5)]);
    rig.publish(50);
    let per = |rig: &Rig, at: usize| rig.status(at).in_flight;
    assert!(rig.sent.len() <= 14, "{}", rig.sent.len());
    assert!(per(&rig, 0) <= 2 && (1..5).all(|at| per(&rig, at) <= 4));
    // A sink with nothing under way may always start one.
    assert!((0..5).all(|at| per(&rig, at) >= 1));
    while !rig.sent.is_empty() {
        rig.answer(status(204));
        assert!(rig.sent.len() <= 14 && per(&rig, 0) <= 2);
    }
    assert!((0..5).all(|at| rig.outcomes(at).len() == 50));
}

#[test]
fn a_sink_earns_its_slots_with_answers() {
    let mut rig = Rig::with(Settings { in_flight: 20, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(100);
    assert_eq!(rig.sent.len(), 8, "it has not answered yet");
    rig.answer(status(204));
    assert_eq!(rig.sent.len(), 9);
    for _ in 0..20 {
        rig.answer(status(204));
    }
    assert_eq!(rig.sent.len(), 20, "the bound of the subscription");
}

#[test]
fn sinks_that_hang_delay_no_other() {
    let settings = Settings { in_flight: 4, in_flight_total: 16, window: 20, ..Settings::default() };
    let mut rig = Rig::with(settings, (1..=21).map(subscription).collect());
    let healthy = rig.subscriptions[20].id;
    for _ in 0..200 {
        rig.publish(1);
        while let Some(at) = rig.sent.iter().position(|send| send.subscription.id == healthy) {
            let send = rig.sent.remove(at);
            rig.answer_to(&send, status(204));
        }
        rig.pass(Duration::from_millis(1));
        assert!(rig.sent.len() <= 16 + 20);
    }
    assert_eq!(rig.outcomes(20), delivered(0..200), "all of them, in order of arrival");
    assert!(rig.machine.unsettled() <= 20 * 20);
}

#[test]
fn a_subscription_that_falls_behind_catches_up_in_order_within_its_window_i8() {
    let settings = Settings { window: 10, in_flight: 1, fetch_records: 7, ..Settings::default() };
    let mut rig = Rig::with(settings, vec![subscription(1), subscription(2)]);
    rig.publish(500);
    rig.answer_other_than(0);
    assert_eq!(rig.outcomes(1), delivered(0..500));
    assert_eq!(rig.machine.unsettled(), 10);
    assert_eq!(rig.machine.shard_status().lagging, 1);
    while !rig.sent.is_empty() {
        rig.answer(status(204));
        assert!(rig.machine.unsettled() <= 10);
    }
    assert_eq!(rig.outcomes(0), delivered(0..500));
    assert_eq!(rig.machine.shard_status().lagging, 0, "level again");
    rig.publish(1);
    assert_eq!(rig.sent.len(), 2);
}

#[test]
fn windows_are_bounded_in_bytes_i8() {
    let settings = Settings { window_bytes: 5_000, in_flight: 1, ..Settings::default() };
    let mut rig = Rig::with(settings, vec![subscription(1)]);
    rig.publish(100);
    let one = rig.log[0].size;
    assert!(rig.machine.shard_status().bytes <= 5_000 + one);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0), delivered(0..100));
    assert_eq!(rig.machine.shard_status().bytes, 0);

    let crowded = Settings { total_bytes: 1, in_flight: 1, ..Settings::default() };
    let mut rig = Rig::with(crowded, (1..=5).map(subscription).collect());
    rig.publish(100);
    assert!(rig.machine.unsettled() <= 5 * 16);
    rig.answer_all(&status(204));
    assert!((0..5).all(|at| rig.outcomes(at) == delivered(0..100)));
}

#[test]
fn subscriptions_of_one_sink_take_turns() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, shared_sink(3));
    for one in &mut rig.subscriptions {
        one.consent = per_minute(60);
    }
    for at in 0..3 {
        rig.change(at, |_| {});
    }
    rig.publish(4);
    let mut turns = vec![];
    for _ in 0..12 {
        rig.until_post();
        turns.push(rig.answer(status(204)).subscription.id);
    }
    for round in turns.chunks(3) {
        let mut round = round.to_vec();
        round.sort_unstable();
        round.dedup();
        assert_eq!(round.len(), 3, "{turns:?}");
    }
}

#[test]
fn the_lowest_granted_rate_holds_for_all_requests_to_a_sink_ce_whv_20_i6() {
    let mut subscriptions = shared_sink(2);
    subscriptions[0].consent = per_minute(60);
    subscriptions[1].consent = per_minute(600);
    let mut rig = Rig::new(subscriptions);
    rig.publish(200);
    let mut starts = vec![];
    while starts.len() < 150 {
        rig.until_post();
        starts.push(rig.now);
        assert_eq!(rig.sent.len(), 1, "no bursts");
        // Retries count as well.
        let reply = if starts.len().is_multiple_of(7) { status(500) } else { status(204) };
        rig.answer(reply);
    }
    assert!(starts.windows(61).all(|window| window[60].since(window[0]) >= Duration::from_mins(1)));
    rig.change(0, |subscription| subscription.consent = per_minute(6));
    let changed = rig.now;
    for _ in 0..3 {
        rig.until_post();
        rig.answer(status(204));
    }
    assert!(rig.now.since(changed) >= Duration::from_secs(20));
}

#[test]
fn after_a_restart_a_limited_sink_waits_one_interval_i6() {
    let mut one = subscription(1);
    one.consent = per_minute(60);
    let mut rig = Rig::new(vec![one]);
    rig.pass(Duration::from_secs(5));
    rig.publish(2);
    assert_eq!(rig.sent.len(), 1);
    rig.restart();
    assert!(rig.until_post() >= 1_000);
}

#[test]
fn with_order_key_only_later_events_of_the_key_wait_i7() {
    let mut one = subscription(1);
    one.order = Order::Key;
    let mut rig = Rig::new(vec![one]);
    let event = |id, key| [("id", id), ("partitionkey", key)];
    let events = [event("0", "a"), event("1", "a"), event("2", "b"), event("3", "a"), event("4", "b")];
    rig.publish_with(&events.each_ref().map(|event| &event[..]));
    assert_eq!(rig.posted(), [0, 2]);
    // A retry keeps the key; the other key goes on.
    rig.answer(status(500));
    rig.answer(status(204));
    assert_eq!(rig.posted(), [4]);
    rig.answer(status(204));
    assert_eq!(rig.until_post(), 3_000);
    assert_eq!(rig.posted(), [0]);
    // A dead letter frees the key.
    rig.answer(status(400));
    assert_eq!(rig.posted(), [1]);
    rig.answer(status(204));
    rig.answer(status(204));
    let outcomes = [(2, Delivered), (4, Delivered), (0, Refused), (1, Delivered), (3, Delivered)];
    assert_eq!(rig.outcomes(0), outcomes);
}

#[test]
fn order_survives_a_restart_i7() {
    let mut one = subscription(1);
    one.order = Order::Key;
    let mut rig = Rig::new(vec![one]);
    for id in ["0", "1", "2"] {
        rig.publish_with(&[&[("id", id), ("partitionkey", "a")]]);
    }
    rig.answer(status(500));
    rig.pass(Duration::from_secs(1));
    rig.restart();
    rig.publish_with(&[&[("id", "3"), ("partitionkey", "a")], &[("id", "4"), ("partitionkey", "b")]]);
    assert_eq!(rig.posted(), [4]);
    rig.answer(status(204));
    rig.until_post();
    assert_eq!(rig.answer_all(&status(204)), [0, 1, 2, 3]);
}

#[test]
fn giving_order_up_unblocks_what_waits() {
    let mut one = subscription(1);
    one.order = Order::Key;
    let mut rig = Rig::new(vec![one]);
    for id in ["0", "1", "2"] {
        rig.publish_with(&[&[("id", id), ("partitionkey", "a")]]);
    }
    assert_eq!(rig.posted(), [0]);
    rig.change(0, |subscription| subscription.order = Order::None);
    assert_eq!(rig.posted(), [0, 1, 2]);
}

#[test]
fn equal_events_are_delivered_once_gw_09() {
    let settings = Settings { duplicates: 3, ..Settings::default() };
    let mut rig = Rig::with(settings, vec![subscription(1)]);
    rig.publish_with(&[&[("id", "a")], &[("id", "a")], &[("id", "a"), ("subject", "x")], &[("id", "b")]]);
    // Outside the window it is delivered again.
    rig.publish_with(&[&[("id", "c")], &[("id", "d")], &[("id", "a")]]);
    assert_eq!(rig.posted(), [0, 2, 3, 4, 5, 6]);
    assert_eq!(rig.outcomes(0), [(1, Duplicate)]);
}

#[test]
fn the_duplicates_window_is_rebuilt_after_a_restart_gw_09() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish_with(&[&[("id", "a")]]);
    rig.answer_all(&status(204));
    rig.pass(Duration::from_secs(1));
    rig.restart();
    rig.publish_with(&[&[("id", "a")], &[("id", "b")]]);
    assert_eq!(rig.posted(), [2]);
    assert_eq!(rig.outcomes(0), [(0, Delivered), (1, Duplicate)]);
}

#[test]
fn what_repeats_an_event_from_before_a_subscription_is_new_to_it_gw_09() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish_with(&[&[("id", "a")]]);
    rig.pass(Duration::from_secs(1));
    let mut late = subscription(2);
    late.start = vec![(kanaal(), Partition(0), Mark(1))];
    late.created = rig.now;
    late.changed = rig.now;
    rig.subscriptions.push(late.clone());
    rig.input(Input::Subscription(Arc::new(late)));
    rig.publish_with(&[&[("id", "a")]]);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(1), delivered([1]));
    assert_eq!(rig.outcomes(0), [(1, Duplicate), (0, Delivered)]);
}

#[test]
fn order_asked_for_later_holds_for_events_that_are_read_again_i7() {
    let mut rig = Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1)]);
    rig.publish_with(&[&[("id", "a"), ("partitionkey", "k")], &[("id", "b"), ("partitionkey", "k")]]);
    // The outage releases all payloads; the first event goes behind the second.
    rig.answer(Reply::failed("timeout"));
    rig.change(0, |one| one.order = Order::Key);
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.answer_all(&status(204)), [0, 1]);
    assert_eq!(rig.outcomes(0), delivered(0..2));
}
