//! The wall clock is set back and forward while the machine works: what it waits for goes on as if nothing happened.

use super::*;

const HOUR: i64 = 3_600_000_000;

#[test]
fn h4_waits_go_on_when_the_wall_clock_is_set() {
    for step in [-HOUR, -10_000_000, HOUR, 100 * HOUR] {
        let mut one = subscription(1);
        one.consent = per_minute(60);
        let mut rig = Rig::new(vec![one, subscription(2), subscription(3)]);
        rig.publish(1);
        // After a start the first request waits for one interval of the rate.
        rig.pass(Duration::from_millis(1_100));
        let at = |rig: &Rig, number: usize| {
            rig.sent.iter().position(|send| send.subscription.id == rig.subscriptions[number].id)
        };
        let answer = |rig: &mut Rig, number: usize, reply: Reply| {
            let place = at(rig, number).expect("a request");
            let send = rig.sent.remove(place);
            rig.answer_to(&send, reply);
        };
        answer(&mut rig, 0, status(204));
        answer(&mut rig, 1, status(409));
        answer(&mut rig, 2, Reply::failed("timeout"));
        rig.step = step;
        rig.publish(1);
        // Deliveries, and the rate of one a second.
        rig.pass(Duration::from_millis(1_100));
        answer(&mut rig, 0, status(204));
        answer(&mut rig, 1, wait(429, 7));
        // The probe and the retry are due after 3 seconds, and not earlier.
        assert!(at(&rig, 1).is_none() && at(&rig, 2).is_none(), "{step}");
        rig.pass(Duration::from_secs(2));
        assert!(at(&rig, 2).is_some(), "{step}: the probe");
        assert!(rig.statuses.is_empty(), "{step}: no outage limit has passed");
        answer(&mut rig, 2, status(204));
        assert!(at(&rig, 1).is_none(), "{step}: Retry-After holds");
        rig.pass(Duration::from_millis(5_100));
        while let Some(place) = at(&rig, 1) {
            let send = rig.sent.remove(place);
            rig.answer_to(&send, status(204));
        }
        rig.answer_all(&status(204));
        rig.pass(Duration::from_secs(2));
        for number in 0..3 {
            assert_eq!(rig.outcomes(number).len(), 2, "{step}: {number}");
        }
        assert!(rig.next_wake().is_none_or(|wake| wake > rig.now), "no timer is busy");
    }
}

#[test]
fn h4_a_wait_that_is_read_back_is_no_longer_than_the_wait() {
    for step in [-HOUR, HOUR] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(1);
        rig.answer(status(409));
        rig.pass(Duration::from_secs(1));
        // The clock is set while the process is stopped.
        rig.step = step;
        rig.restart();
        assert_eq!(rig.until_post(), if step < 0 { 3_000 } else { 0 });
    }
    // Set while it runs, what was stored is stored again, so that a restart waits for the rest only.
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(wait(429, 20));
    rig.pass(Duration::from_secs(1));
    rig.step = -HOUR;
    rig.pass(Duration::from_secs(1));
    rig.restart();
    assert_eq!(rig.until_post(), 18_000);
}
