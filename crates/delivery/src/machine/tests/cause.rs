//! The cause of a failure: one event's refusal holds up no other event, and an outage holds up what it must.

use model::outcome::Outcome::{Delivered, Refused, RetriesExhausted};

use super::*;

/// Runs the world for some virtual time with a receiver that answers events by position; returns when each position was
/// accepted, in milliseconds.
fn receive(rig: &mut Rig, time: Duration, answer: impl Fn(u64) -> Reply) -> HashMap<u64, u128> {
    let (start, mut accepted) = (rig.now, HashMap::new());
    let end = start + time;
    loop {
        while !rig.sent.is_empty() {
            let position = rig.sent[0].items[0].position.0;
            let several = rig.sent[0].items.len() > 1;
            let replies: Vec<Reply> = rig.sent[0].items.iter().map(|item| answer(item.position.0)).collect();
            let bad = replies.iter().find(|reply| reply.class != Class::Delivered).cloned();
            if bad.is_none() && !several {
                accepted.insert(position, rig.now.since(start).as_millis());
            }
            rig.answer(bad.unwrap_or_else(|| status(204)));
        }
        match rig.next_wake().filter(|wake| *wake <= end) {
            Some(wake) => {
                rig.now = rig.now.max(wake);
                rig.go();
            }
            None => return accepted,
        }
    }
}

fn dead_letters(rig: &Rig) -> Vec<u64> {
    let outcomes = rig.outcomes(0);
    let mut dead: Vec<u64> =
        outcomes.iter().filter(|(_, outcome)| outcome.is_dead_letter()).map(|(at, _)| *at).collect();
    dead.sort_unstable();
    dead
}

#[test]
fn b1_events_that_the_sink_cannot_take_hold_up_no_other_and_end_as_dead_letters() {
    let first: fn(u64) -> bool = |at| at < 10;
    let last: fn(u64) -> bool = |at| at >= 40;
    let spread: fn(u64) -> bool = |at| at % 5 == 0;
    for (code, outcome) in [(412, RetriesExhausted), (501, RetriesExhausted), (500, RetriesExhausted), (422, Refused)] {
        for is_bad in [first, last, spread] {
            let mut rig = Rig::new(vec![subscription(1)]);
            rig.publish(50);
            let accepted = receive(&mut rig, Duration::from_mins(10), |at| status(if is_bad(at) { code } else { 204 }));
            // The last ones may be caused by the sink as well as by the events, until another event succeeds.
            rig.publish(1);
            receive(&mut rig, Duration::from_mins(10), |at| status(if at < 50 && is_bad(at) { code } else { 204 }));
            let good: Vec<u64> = (0..50).filter(|at| !is_bad(*at)).collect();
            assert!(good.iter().all(|at| accepted.get(at) == Some(&0)), "{code}: immediately: {accepted:?}");
            assert_eq!(dead_letters(&rig), (0..50).filter(|at| is_bad(*at)).collect::<Vec<_>>(), "{code}");
            assert!(rig.letters.iter().all(|letter| letter.outcome == outcome && letter.last_code == Some(code)));
            assert!(rig.status(0).outage_since.is_none());
        }
    }
}

#[test]
fn b1_a_status_that_speaks_of_the_request_is_never_an_outage() {
    for code in [402, 406, 409, 411, 412, 414, 416, 417, 418, 421, 423, 424, 426, 428, 431, 451, 501] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(20);
        for _ in 0..20 {
            rig.answer(status(code));
            assert!(rig.status(0).outage_since.is_none(), "{code}");
        }
        receive(&mut rig, Duration::from_mins(10), |_| status(code));
        assert_eq!(dead_letters(&rig), (0..20).collect::<Vec<_>>(), "{code}");
    }
}

#[test]
fn b1_an_event_that_fails_as_the_sink_does_while_others_succeed_becomes_a_dead_letter() {
    for failure in [status(404), status(403), status(503), status(302), Reply::failed("connection reset")] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(1);
        for _ in 0..40 {
            receive(&mut rig, Duration::from_mins(1), |at| if at == 0 { failure.clone() } else { status(204) });
            let position = rig.log.len() as u64;
            rig.publish(1);
            let accepted =
                receive(&mut rig, Duration::from_secs(49), |at| if at == 0 { failure.clone() } else { status(204) });
            assert!(accepted[&position] <= 48_000, "{failure:?}: it waits no longer than Open Notificaties would");
        }
        assert_eq!(dead_letters(&rig), [0], "{failure:?}");
        assert_eq!(rig.outcomes(0).len(), 41, "{failure:?}");
    }
}

#[test]
fn b1_a_probe_is_a_delivery_that_has_not_failed_yet() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    rig.answer_all(&status(500));
    assert!(rig.status(0).outage_since.is_some());
    rig.publish(1);
    assert_eq!(rig.posted(), [3], "immediately, before those that failed");
    rig.answer(status(204));
    assert!(rig.status(0).outage_since.is_none());
    // With nothing new, those that failed are probed, and consume no retry.
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    receive(&mut rig, Duration::from_hours(1), |_| status(500));
    assert!(rig.outcomes(0).is_empty() && rig.status(0).outage_since.is_some());
    let accepted = receive(&mut rig, Duration::from_mins(1), |_| status(204));
    assert_eq!(accepted.len(), 3);
    // Three events that fail alone do not suspend a subscription; they are given up at the limit.
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(3);
    receive(&mut rig, Duration::from_hours(73), |_| status(500));
    assert_eq!(dead_letters(&rig), [0, 1, 2]);
    assert!(rig.statuses.is_empty() && rig.status(0).outage_since.is_none());
}

#[test]
fn b1_a_sink_that_fails_for_every_event_loses_none_and_is_not_flooded() {
    for failure in [status(500), status(503), Reply::failed("timeout")] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(400);
        let (mut requests, start) = (0, rig.now);
        while rig.now.since(start) < Duration::from_hours(1) {
            rig.until_post();
            requests += rig.sent.len();
            rig.answer_all(&failure);
        }
        assert!(requests < 75 + 40, "{failure:?}: {requests} requests in an hour");
        rig.until_post();
        rig.answer_all(&status(204));
        let mut delivered_positions: Vec<u64> = rig.outcomes(0).iter().map(|(at, _)| *at).collect();
        delivered_positions.sort_unstable();
        let missing = receive(&mut rig, Duration::from_mins(5), |_| status(204)).len();
        assert_eq!(delivered_positions.len() + missing, 400, "{failure:?}");
        assert!(rig.letters.is_empty(), "{failure:?}");
        assert!(rig.outcomes(0).iter().all(|(_, outcome)| *outcome == Delivered));
    }
}

#[test]
fn b1_one_event_of_a_batch_is_found_by_sending_them_one_by_one() {
    for code in [412, 500, 501] {
        let mut one = subscription(1);
        one.format = Format::Batch { max_events: NonZeroU32::new(10).unwrap(), linger: Duration::ZERO };
        let mut rig = Rig::new(vec![one]);
        rig.publish(10);
        receive(&mut rig, Duration::from_mins(10), |at| status(if at == 4 { code } else { 204 }));
        assert_eq!(dead_letters(&rig), [4], "{code}");
        assert_eq!(rig.outcomes(0).len(), 10, "{code}");
    }
}

#[test]
fn b1_trouble_of_the_gateway_is_nobody_elses() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(5);
    for _ in 0..100 {
        rig.answer_all(&Reply::gateway_failed("no file descriptor is free"));
        rig.until_post();
        assert!(rig.status(0).outage_since.is_none());
    }
    assert!(rig.letters.is_empty());
    receive(&mut rig, Duration::from_secs(10), |_| status(204));
    assert_eq!(rig.outcomes(0).len(), 5);
}

#[test]
fn b1_an_outage_holds_up_no_subscription_with_ladder_only() {
    let mut ladder = subscription(2);
    ladder.sink = subscription(1).sink;
    ladder.retry.ladder_only = true;
    let mut rig = Rig::new(vec![subscription(1), ladder]);
    let of = |rig: &Rig, at: usize| {
        rig.sent.iter().position(|send| send.subscription.id == rig.subscriptions[at].id).unwrap()
    };
    rig.publish(1);
    let send = rig.sent.remove(of(&rig, 1));
    rig.answer_to(&send, status(204));
    let send = rig.sent.remove(of(&rig, 0));
    rig.answer_to(&send, Reply::failed("timeout"));
    assert!(rig.status(0).outage_since.is_some());
    rig.publish(30);
    assert_eq!(rig.sent.len(), 8, "as many as the sink has slots: {:?}", rig.posted());
    assert!(rig.sent.iter().all(|send| send.subscription.id == rig.subscriptions[1].id));
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(1), delivered(0..31));
}

#[test]
fn b1_the_last_events_that_all_fail_are_given_up_at_the_limit_whatever_their_number() {
    for count in [3, 8, 30] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(50);
        let first_bad = 50 - count;
        receive(&mut rig, Duration::from_hours(73), |at| status(if at < first_bad { 204 } else { 500 }));
        assert_eq!(dead_letters(&rig), (first_bad..50).collect::<Vec<_>>(), "{count}");
        assert!(rig.statuses.is_empty() && rig.status(0).outage_since.is_none(), "{count}: it is not suspended");
        // The next one is delivered at once.
        rig.publish(1);
        assert_eq!(receive(&mut rig, Duration::ZERO, |_| status(204)).keys().collect::<Vec<_>>(), [&50], "{count}");
    }
    // What is published meanwhile and fails as well speaks against the sink.
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(50);
    for _ in 0..73 {
        receive(&mut rig, Duration::from_hours(1), |_| status(500));
        rig.publish(1);
    }
    assert!(matches!(rig.statuses[..], [(_, Status::Suspended { .. })]), "{:?}", rig.statuses);
    assert!(rig.letters.is_empty());
}

#[test]
fn b1_events_that_wait_for_their_retries_hold_up_no_newer_ones() {
    let settings = Settings { window: 20, ..Settings::default() };
    let mut one = subscription(1);
    one.retry =
        RetryPolicy { max_retries: 10, factor: Thousandths(7_200_000), cap: Duration::from_hours(24), ..one.retry };
    for together in [true, false] {
        let mut rig = Rig::with(settings.clone(), vec![one.clone()]);
        let bad = 20 * 9;
        if together {
            rig.publish(bad + 40);
        } else {
            (0..bad).for_each(|_| rig.publish(1));
            receive(&mut rig, Duration::ZERO, |_| status(412));
            rig.publish(40);
        }
        let accepted = receive(&mut rig, Duration::from_mins(1), |at| status(if at < bad as u64 { 412 } else { 204 }));
        assert_eq!(accepted.len(), 40, "together: {together}");
        assert!(rig.letters.is_empty(), "each waits for its first retry");
        rig.restart();
        rig.publish(5);
        let accepted = receive(&mut rig, Duration::from_mins(1), |at| status(if at < bad as u64 { 412 } else { 204 }));
        assert_eq!(accepted.len(), 5, "together: {together}, after a restart");
        // What waits is bounded: the others stay in the log.
        rig.publish(20 * 10);
        receive(&mut rig, Duration::from_mins(1), |_| status(412));
        assert!(rig.status(0).unsettled <= settings.unsettled(), "{}", rig.status(0).unsettled);
        let last = rig.log.len() as u64;
        receive(&mut rig, Duration::from_hours(24 * 30), |_| status(204));
        assert_eq!(rig.outcomes(0).len() as u64, last, "together: {together}");
    }
}

#[test]
fn b1_a_sink_that_refuses_some_events_and_fails_on_all_others_loses_none_of_these() {
    let replies: fn(u64) -> Reply = |at| status(if at % 7 == 6 { 400 } else { 500 });
    for begun in [status(500), status(503), Reply::failed("timeout")] {
        for restarts in [false, true] {
            let mut rig = Rig::new(vec![subscription(1)]);
            rig.publish(5);
            rig.answer_all(&begun);
            assert!(rig.status(0).outage_since.is_some(), "{begun:?}");
            if restarts {
                rig.pass(Duration::from_secs(1));
                rig.restart();
            }
            rig.publish(25);
            receive(&mut rig, Duration::from_hours(1), replies);
            assert!(rig.status(0).outage_since.is_some(), "{begun:?}, restarts: {restarts}");
            let refused: Vec<u64> = (0..30).filter(|at| at % 7 == 6).collect();
            assert_eq!(dead_letters(&rig), refused, "{begun:?}, restarts: {restarts}: immediately, and no other");
            receive(&mut rig, Duration::from_mins(5), |_| status(204));
            assert_eq!(rig.outcomes(0).len(), 30, "{begun:?}, restarts: {restarts}");
            assert_eq!(rig.letters.len(), refused.len(), "{begun:?}, restarts: {restarts}");
        }
    }
}

#[test]
fn b1_a_sink_that_can_be_reached_again_and_refuses_everything_is_in_no_outage() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(30);
    rig.answer_all(&Reply::failed("timeout"));
    receive(&mut rig, Duration::from_mins(1), |_| status(422));
    assert!(rig.status(0).outage_since.is_none());
    assert_eq!(dead_letters(&rig), (0..30).collect::<Vec<_>>());
}

#[test]
fn b1_a_subscription_that_is_resumed_too_early_loses_nothing() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(10);
    for _ in 0..73 {
        receive(&mut rig, Duration::from_hours(1), |_| status(500));
        rig.publish(1);
    }
    let suspended = rig.statuses.pop().expect("suspended").1;
    rig.change(0, |one| one.status = suspended);
    rig.change(0, |one| one.status = Status::Active);
    receive(&mut rig, Duration::from_hours(1), |_| status(500));
    assert!(rig.letters.is_empty(), "the sink still fails");
    assert!(rig.status(0).outage_since.is_some());
}

#[test]
fn b1_the_last_events_that_all_fail_wait_until_the_sink_accepts_another_one() {
    let answers: fn(u64) -> Reply = |at| status(if (40..50).contains(&at) { 500 } else { 204 });
    let of_type = |number, kind: &str| {
        let native = NativeSelection { types: vec![kind.into()], ..NativeSelection::default() };
        let sink = subscription(1).sink;
        Subscription { selection: Selection::Native(native), sink, ..subscription(number) }
    };
    // Another event of the same subscription, or of another one to the same sink.
    for kind in ["nl.t", "nl.other"] {
        let mut rig = Rig::new(vec![of_type(1, "nl.t"), of_type(2, "nl.other")]);
        rig.publish(50);
        let mut most = 0;
        for _ in 0..71 {
            let before = rig.journal.len();
            receive(&mut rig, Duration::from_hours(1), answers);
            most = most.max(rig.journal.len() - before);
        }
        assert!(most < 50 + 75 + 20, "{most} entries of the journal in an hour");
        // What the owner sees: an outage, its reason, and events that wait; no retry is consumed.
        let seen = rig.status(0);
        assert!(seen.outage_since.is_some() && rig.statuses.is_empty());
        assert_eq!((seen.unsettled, seen.parked, rig.outcomes(0).len()), (10, 0, 40));
        assert!(seen.last_error.is_some_and(|(_, reason)| reason.contains("500")));
        assert!(rig.letters.is_empty());
        rig.publish_with(&[&[("id", "another"), ("type", kind)]]);
        receive(&mut rig, Duration::from_mins(5), answers);
        assert_eq!(dead_letters(&rig), (40..50).collect::<Vec<_>>(), "{kind}: after their retries");
        assert!(rig.status(0).outage_since.is_none());
    }
}

#[test]
fn b1_fewer_than_three_last_events_are_given_up_after_their_retries() {
    for count in [1, 2] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(50);
        receive(&mut rig, Duration::from_mins(3), |at| status(if at < 50 - count { 204 } else { 500 }));
        assert_eq!(dead_letters(&rig), (50 - count..50).collect::<Vec<_>>());
    }
}
