//! What a delivery waits for.

use std::collections::HashSet;

use model::{consent::Consent, subscription::Order};

use super::{
    super::{NextAttempt, WaitingFor},
    *,
};

/// What the delivery of an event to the first subscription waits for, and for how many seconds.
fn waiting(rig: &Rig, at: u64) -> Option<(WaitingFor, Option<u64>)> {
    let id = rig.subscriptions[0].id;
    let key =
        DeliveryKey { subscription: id, kanaal: kanaal(), partition: Partition(0), position: position(at), run: None };
    let found = rig.machine.waiting(id, &HashSet::from([key.clone()])).expect("a known subscription");
    let NextAttempt { waiting_for, at } = *found.get(&key)?;
    Some((waiting_for, at.map(|at| at.since(rig.now).as_secs())))
}

#[test]
fn a_delivery_waits_for_its_answer_then_for_its_retry() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    assert_eq!(waiting(&rig, 0), Some((WaitingFor::Answer, None)));
    rig.answer(status(402));
    let Some((WaitingFor::Retry, Some(seconds))) = waiting(&rig, 0) else { panic!("{:?}", waiting(&rig, 0)) };
    let wait = rig.until_post();
    assert!(wait.abs_diff(seconds * 1_000) <= 1_000, "{wait} ms, {seconds} s");
    rig.answer(status(204));
    assert_eq!(waiting(&rig, 0), None, "it has ended");
}

#[test]
fn a_delivery_waits_for_the_rate_and_for_retry_after() {
    let mut rig = Rig::new(vec![Subscription { consent: per_minute(2), ..subscription(1) }]);
    rig.pass(Duration::from_mins(1));
    rig.publish(2);
    assert_eq!(waiting(&rig, 0), Some((WaitingFor::Answer, None)));
    let Some((WaitingFor::Pace, Some(seconds))) = waiting(&rig, 1) else { panic!("{:?}", waiting(&rig, 1)) };
    assert!((29..=31).contains(&seconds), "{seconds}");
    rig.answer(wait(429, 600));
    assert!(matches!(waiting(&rig, 1), Some((WaitingFor::Pace, Some(599..=600)))), "{:?}", waiting(&rig, 1));
}

#[test]
fn a_delivery_waits_for_an_earlier_one_with_its_key() {
    let mut rig = Rig::new(vec![Subscription { order: Order::Key, ..subscription(1) }]);
    let same: [&[(&str, &str)]; 2] = [&[("id", "1"), ("subject", "s")], &[("id", "2"), ("subject", "s")]];
    rig.publish_with(&same);
    assert_eq!(waiting(&rig, 1), Some((WaitingFor::Order, None)));
}

#[test]
fn a_delivery_waits_for_the_end_of_an_outage() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(503));
    let Some((WaitingFor::Outage, Some(_))) = waiting(&rig, 0) else { panic!("{:?}", waiting(&rig, 0)) };
}

#[test]
fn a_delivery_waits_for_what_others_decide() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(402));
    rig.change(0, |one| one.status = Status::Paused);
    assert_eq!(waiting(&rig, 0), Some((WaitingFor::Paused, None)));
    rig.change(0, |one| {
        one.status = Status::Active;
        one.consent = Consent::fresh(Timestamp::default());
    });
    assert_eq!(waiting(&rig, 0), Some((WaitingFor::Consent, None)));
}
