//! Requests that are no deliveries: they count in the pace of the sink, and their answers hold for deliveries.

use super::*;
use crate::machine::ExtraRequest;

fn with_rate(per_minute: u32) -> Subscription {
    let rate = Rate::PerMinute(NonZeroU32::new(per_minute).unwrap());
    let consent = Consent::Granted { origin: "o".into(), rate, at: Timestamp::default() };
    Subscription { consent, ..subscription(1) }
}

fn start(rig: &mut Rig) -> ExtraRequest {
    let (id, moment) = (rig.subscriptions[0].id, rig.moment());
    let started = rig.machine.start_extra_request(id, moment).expect("the subscription is known");
    rig.go();
    started
}

fn answered(rig: &mut Rig, class: Class) {
    let (id, moment) = (rig.subscriptions[0].id, rig.moment());
    rig.machine.extra_request_answered(id, class, moment).expect("the subscription is known");
    rig.go();
}

#[test]
fn an_extra_request_counts_in_the_granted_rate_i6() {
    let mut rig = Rig::new(vec![with_rate(60)]);
    rig.pass(Duration::from_secs(10));
    rig.publish(1);
    assert_eq!(rig.posted(), [0]);
    let ExtraRequest::NotBefore(moment) = start(&mut rig) else { panic!("a delivery started just now") };
    rig.answer(status(204));
    rig.pass(moment.since(rig.now));
    assert_eq!(start(&mut rig), ExtraRequest::Start);
    rig.publish(1);
    assert!(rig.sent.is_empty(), "the extra request took the turn of the delivery");
    assert!((900..=1_100).contains(&rig.until_post()));
}

#[test]
fn an_answer_pauses_or_ends_the_sink_i3_i4() {
    let mut rig = Rig::new(vec![subscription(1)]);
    assert_eq!(start(&mut rig), ExtraRequest::Start);
    answered(&mut rig, Class::Paced(Duration::from_mins(1)));
    rig.publish(1);
    assert!(rig.sent.is_empty());
    assert_eq!(start(&mut rig), ExtraRequest::NotBefore(rig.now + Duration::from_mins(1)));
    rig.restart();
    assert!(rig.sent.is_empty(), "a restart does not forget it");
    rig.pass(Duration::from_mins(1));
    assert_eq!(rig.posted(), [0]);
    rig.answer(status(204));
    answered(&mut rig, Class::Gone);
    assert!(matches!(rig.statuses[..], [(_, Status::Gone { .. })]));
    rig.publish(1);
    assert!(rig.sent.is_empty());
}

#[test]
fn other_answers_change_nothing() {
    for class in [Class::Delivered, Class::Refused, Class::Format, Class::Failed(Cause::Sink)] {
        let mut rig = Rig::new(vec![subscription(1)]);
        answered(&mut rig, class);
        rig.publish(1);
        assert_eq!(rig.posted(), [0], "{class:?}");
        assert!(rig.journal.is_empty() && rig.statuses.is_empty());
    }
    let mut rig = Rig::new(vec![subscription(1)]);
    let (unknown, moment) = (SubscriptionId(uuid::Uuid::from_u128(9)), rig.moment());
    assert_eq!(rig.machine.start_extra_request(unknown, moment), None);
}
