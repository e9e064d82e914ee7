//! What answers do: retries, outages, refusals, the end.

use std::num::NonZeroU32;

use model::{
    outcome::Outcome::{Delivered, Ended, Refused, RetriesExhausted, Untranslatable},
    subscription::Thousandths,
};

use super::*;

#[test]
fn one_answer_ends_one_event_ce_wh_09_to_12_ce_wh_22_ce_wh_23() {
    for (reply, outcome) in [
        (status(200), Delivered),
        (status(202), Delivered),
        (status(204), Delivered),
        (status(206), Delivered),
        (status(400), Refused),
        (status(413), Refused),
        (status(415), Refused),
        (status(422), Refused),
        (status(410), Ended),
        (Reply::untranslatable("no time"), Untranslatable),
    ] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(1);
        rig.answer(reply.clone());
        assert_eq!(rig.outcomes(0), [(0, outcome)], "{reply:?}");
        assert_eq!(rig.letters.len(), usize::from(outcome.is_dead_letter()), "{reply:?}");
        rig.pass(Duration::from_hours(1));
        assert!(rig.sent.is_empty(), "{reply:?}");
        assert!(rig.stored_unsettled().is_empty());
    }
}

#[test]
fn an_event_that_fails_is_retried_and_then_a_dead_letter_ce_wh_23() {
    for failure in [500, 501, 408, 425, 429, 418] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(1);
        let mut waits = vec![rig.until_post()];
        for _ in 0..5 {
            rig.answer(status(failure));
            waits.push(rig.until_post());
        }
        assert_eq!(waits, [0, 3_000, 6_000, 12_000, 24_000, 48_000], "{failure}");
        rig.answer(status(failure));
        assert_eq!(rig.outcomes(0), [(0, RetriesExhausted)], "{failure}");
        let letter = &rig.letters[0];
        assert_eq!((letter.attempts, letter.last_code, letter.event_id.as_str()), (6, Some(failure), "0"));
    }
}

#[test]
fn a_dead_letter_is_durable_before_its_delivery_ends() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.stores_dead_letters = false;
    rig.publish(1);
    rig.sent.remove(0);
    rig.restart();
    rig.answer(status(400));
    rig.pass(Duration::from_secs(5));
    assert_eq!((rig.outcomes(0), rig.machine.unsettled()), (vec![], 1));
    assert_eq!(rig.stored_unsettled(), [(0, 0)]);
    rig.stores_dead_letters = true;
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.outcomes(0), [(0, Refused)]);
    assert!(rig.stored_unsettled().is_empty());
}

#[test]
fn a_failing_sink_is_probed_one_by_one_with_rotating_events_without_consuming_retries() {
    for failure in [status(502), status(503), status(504), status(401), status(403), status(404), status(405)]
        .into_iter()
        .chain([status(301), status(308), Reply::failed("timeout")])
    {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(3);
        assert_eq!(rig.posted(), [0, 1, 2]);
        rig.answer_all(&failure);
        let (mut probes, mut waits) = (vec![], vec![]);
        for _ in 0..8 {
            waits.push(rig.until_post());
            assert_eq!(rig.sent.len(), 1, "one probe at a time");
            probes.extend(rig.posted());
            rig.answer(failure.clone());
        }
        assert_eq!(probes, [0, 1, 2, 0, 1, 2, 0, 1], "{failure:?}");
        assert_eq!(waits, [3_000, 6_000, 12_000, 24_000, 48_000, 48_000, 48_000, 48_000], "{failure:?}");
        assert!(rig.status(0).outage_since.is_some());
        rig.until_post();
        rig.answer(status(204));
        assert_eq!(rig.sent.len(), 2, "all that was held up goes on immediately");
        rig.answer_all(&status(204));
        assert_eq!(rig.outcomes(0), delivered([2, 0, 1]), "{failure:?}");
        assert!(rig.letters.is_empty() && rig.status(0).outage_since.is_none());
    }
}

#[test]
fn during_an_outage_one_delivery_is_accepted_for_each_probe() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    rig.answer(status(503));
    rig.publish(500);
    assert_eq!(rig.machine.unsettled(), 2);
    assert_eq!(rig.posted(), [1]);
    rig.answer(status(503));
    assert_eq!((rig.machine.unsettled(), rig.posted().len()), (3, 0));
    rig.until_post();
    assert_eq!(rig.posted(), [2]);
    rig.answer(status(204));
    rig.answer_all(&status(204));
    let mut outcomes = rig.outcomes(0);
    outcomes.sort_unstable_by_key(|(at, _)| *at);
    assert_eq!(outcomes, delivered(0..501));
}

#[test]
fn three_different_failing_events_are_an_outage_unless_one_succeeds_between() {
    for (replies, out) in [
        (&[500, 500, 500][..], true),
        (&[500, 500, 204, 500], false),
        (&[500, 204, 500, 500], false),
        (&[500, 400, 500, 500], true),
        (&[204, 500, 500, 500], true),
    ] {
        let mut rig = Rig::new(vec![subscription(1)]);
        rig.publish(replies.len());
        for reply in replies {
            rig.answer(status(*reply));
        }
        assert_eq!(rig.status(0).outage_since.is_some(), out, "{replies:?}");
    }
    // The same event three times is not three events.
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(1);
    for _ in 0..3 {
        rig.until_post();
        rig.answer(status(500));
    }
    assert!(rig.status(0).outage_since.is_none());
}

#[test]
fn an_outage_beyond_the_limit_suspends_with_a_reason() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer_all(&status(503));
    let mut probes = 0;
    while rig.statuses.is_empty() {
        rig.until_post();
        rig.answer(status(503));
        probes += 1;
    }
    assert!(rig.now.since(Timestamp::from_seconds(10_000)) >= Duration::from_hours(72));
    assert!((5_300..5_500).contains(&probes), "{probes}");
    let (_, suspended) = rig.statuses.remove(0);
    assert!(matches!(&suspended, Status::Suspended { reason, .. } if reason.contains("503")), "{suspended:?}");
    rig.pass(Duration::from_hours(10));
    assert!(rig.sent.is_empty(), "nothing is sent while the registry does not know yet");
    rig.change(0, |subscription| subscription.status = suspended);
    rig.pass(Duration::from_hours(10));
    assert!(rig.sent.is_empty() && rig.outcomes(0).is_empty());
    rig.change(0, |subscription| subscription.status = Status::Active);
    rig.answer_all(&status(204));
    assert_eq!(rig.outcomes(0).len(), 2);
}

#[test]
fn with_ladder_only_every_failure_consumes_a_retry() {
    for failure in [400, 401, 404, 413, 415, 422, 429, 500, 503] {
        let mut one = subscription(1);
        one.format = Format::Legacy;
        one.retry = RetryPolicy { ladder_only: true, max_retries: 2, ..RetryPolicy::default() };
        let mut rig = Rig::new(vec![one]);
        rig.publish(4);
        for _ in 0..3 {
            rig.until_post();
            assert_eq!(rig.sent.len(), 4, "{failure}");
            rig.answer_all(&status(failure));
        }
        assert_eq!(rig.outcomes(0), (0..4).map(|at| (at, RetriesExhausted)).collect::<Vec<_>>(), "{failure}");
    }
}

#[test]
fn retry_after_silences_the_whole_sink_and_no_other_ce_wh_16_ce_wh_19_i3() {
    for code in [429, 503] {
        let mut second = subscription(2);
        second.sink = subscription(1).sink;
        let mut rig =
            Rig::with(Settings { in_flight: 1, ..Settings::default() }, vec![subscription(1), second, subscription(3)]);
        rig.publish(3);
        assert_eq!(rig.sent.len(), 3);
        let refused = rig.sent.iter().position(|send| send.subscription.id == rig.subscriptions[0].id).unwrap();
        let send = rig.sent.remove(refused);
        rig.answer_to(&send, wait(code, 7));
        rig.answer_all(&status(204));
        assert_eq!((rig.outcomes(1).len(), rig.outcomes(2).len()), (1, 3), "only what was under way goes on");
        assert!(rig.status(1).not_before.is_some() && rig.status(2).not_before.is_none());
        // It survives a restart, and no retry is consumed.
        rig.pass(Duration::from_secs(1));
        rig.restart();
        assert!(rig.posted().is_empty());
        assert_eq!(rig.until_post(), 6_000, "{code}");
        rig.answer_all(&status(204));
        assert_eq!(rig.outcomes(0), delivered(0..3), "the same event first");
    }
}

#[test]
fn a_shorter_retry_after_does_not_cut_a_longer_one_short_i3() {
    let mut rig = Rig::new(vec![subscription(1)]);
    rig.publish(2);
    rig.answer(wait(429, 600));
    rig.answer(wait(429, 1));
    assert_eq!(rig.until_post(), 600_000);
}

#[test]
fn gone_ends_everything_immediately_ce_wh_15_i4() {
    let mut rig = Rig::with(Settings { in_flight: 2, ..Settings::default() }, vec![subscription(1)]);
    rig.publish(10);
    rig.answer(status(410));
    assert!(matches!(rig.statuses[..], [(_, Status::Gone { .. })]));
    rig.answer(status(204));
    rig.publish(5);
    rig.pass(Duration::from_hours(100));
    assert!(rig.sent.is_empty());
    let outcomes = rig.outcomes(0);
    assert_eq!(outcomes.len(), 10);
    assert_eq!(outcomes.iter().filter(|(_, outcome)| *outcome == Delivered).count(), 1, "it was under way");
    // An unrelated change does not bring it back; only a new handshake does, and then with what comes next.
    rig.change(0, |subscription| subscription.headers = vec![("x".into(), "y".into())]);
    rig.pass(Duration::from_secs(1));
    assert!(rig.sent.is_empty());
    let at = rig.now;
    rig.change(0, |subscription| subscription.status = Status::Gone { at });
    rig.restart();
    rig.publish(1);
    rig.change(0, |subscription| {
        subscription.generation += 1;
        subscription.status = Status::Active;
    });
    assert!(rig.sent.is_empty());
    assert_eq!(rig.ranges(0), [(10, 16, Ended)]);
    rig.publish(1);
    assert_eq!(rig.posted(), [16]);
}

#[test]
fn a_refused_batch_is_sent_one_by_one_ce_wh_22() {
    for (refusal, code) in [(400, 400), (413, 413), (422, 422)] {
        let mut one = subscription(1);
        let max_events = NonZeroU32::new(10).unwrap();
        one.format = Format::Batch { max_events, linger: Duration::from_millis(20) };
        let mut rig = Rig::new(vec![one]);
        rig.publish(3);
        assert!(rig.sent.is_empty(), "it waits for company");
        assert_eq!(rig.until_post(), 20);
        assert_eq!(rig.posted(), [0, 1, 2]);
        rig.answer(status(refusal));
        assert_eq!(rig.sent.iter().map(|send| send.items.len()).collect::<Vec<_>>(), [1, 1, 1]);
        rig.answer(status(204));
        rig.answer(status(code));
        rig.answer(status(204));
        assert_eq!(rig.outcomes(0), [(0, Delivered), (1, Refused), (2, Delivered)], "{refusal}");
        assert_eq!(rig.letters[0].last_code, Some(code));
    }
}

#[test]
fn a_format_that_is_not_understood_falls_back_to_structured_once_ce_wh_22() {
    let max_events = NonZeroU32::new(2).unwrap();
    let batch = Format::Batch { max_events, linger: Duration::ZERO };
    for (format, second_chance) in [
        (Format::Binary, true),
        (batch, true),
        (Format::Structured(Rendering::Canonical), false),
        (Format::Legacy, false),
    ] {
        let mut one = subscription(1);
        one.format = format;
        let mut rig = Rig::new(vec![one]);
        rig.publish(2);
        assert!(rig.sent.iter().all(|send| !send.fallback));
        rig.answer_all(&status(415));
        assert_eq!(rig.outcomes(0), [(0, Refused), (1, Refused)], "{format:?}");
        let attempts: Vec<u32> = rig.letters.iter().map(|letter| letter.attempts).collect();
        assert_eq!(attempts, if second_chance { [2, 2] } else { [1, 1] }, "{format:?}");
    }
    let mut one = subscription(1);
    one.format = Format::Binary;
    let mut rig = Rig::new(vec![one]);
    rig.publish(1);
    rig.answer(status(415));
    assert!(rig.sent[0].fallback);
    rig.answer(status(204));
    assert_eq!(rig.outcomes(0), delivered([0]));
}

#[test]
fn a_policy_of_its_own_holds_per_subscription() {
    let mut hasty = subscription(1);
    hasty.retry = RetryPolicy { factor: Thousandths(100), base: Thousandths(1_000), max_retries: 1, ..hasty.retry };
    let mut rig = Rig::new(vec![hasty]);
    rig.publish(1);
    rig.answer(status(500));
    assert_eq!(rig.until_post(), 100);
    rig.answer(status(500));
    assert_eq!(rig.outcomes(0), [(0, RetriesExhausted)]);
}
