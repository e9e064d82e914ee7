//! A pause of the kanaal, and a trial (CH-132).

use std::{collections::BTreeSet, sync::Arc};

use delivery::mailing::{Cursor, End, Input, Mailing, Reply, Settings, Skip, Spec};
use model::addressee::Channel;

use super::{
    made::{ACCEPTED, addressee, at, digest, id, open, spec},
    rules::{Bench, accept},
};

const END_OF_TIME: i64 = 10_000_000;

/// The first five are on the ladder, the next ones are under way, and everybody else waits.
fn waits(number: u64, tries: usize) -> Option<Reply> {
    match (number, tries) {
        (1..=5, 1) => Some(Reply::AddresseeLater),
        (6..=10, _) => Some(Reply::Accepted),
        _ => None,
    }
}

#[test]
fn nothing_starts_in_a_pause_and_nobody_is_lost_by_it_ch_132() {
    let mut bench = Bench::email(1_500);
    bench.start(&waits);
    let under_way = std::mem::take(&mut bench.under_way);
    assert_eq!((under_way.len(), bench.sent.len()), (10, 20));
    bench.input(Input::Paused(true), &accept);
    for number in &under_way {
        bench.input(Input::Answered(id(*number), Reply::Accepted), &accept);
    }
    // The retries become due in the pause.
    bench.run(at(ACCEPTED + 100_000), &accept);
    assert_eq!((bench.sent.len(), bench.of(End::Sent), bench.finished.is_some()), (20, 15, false));
    bench.input(Input::Paused(false), &accept);
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.candidates, counts.sent(), bench.sent.len()), (1_500, 1_500, 1_505));
}

#[test]
fn a_text_message_is_in_no_doubt_after_a_restart_in_a_pause_ch_132() {
    let mut bench = Bench::new(spec(Channel::Sms), Settings::default(), 30);
    let nobody_answers = |_: u64, _: usize| None;
    bench.start(&nobody_answers);
    let under_way = bench.under_way.len();
    bench.input(Input::Paused(true), &nobody_answers);
    bench.run(at(END_OF_TIME), &nobody_answers);
    let intents = bench.progress.unsettled.values().filter(|one| one.intent).count();
    assert_eq!((intents, bench.sent.len()), (under_way, under_way), "of those under way only");
    // The next process goes on from what is stored.
    let progress = bench.progress.clone();
    bench.mailing = Mailing::new(spec(Channel::Sms), Settings::default(), progress, bench.now.into());
    bench.input(Input::Paused(true), &accept);
    bench.start(&accept);
    assert_eq!(bench.sent.len(), under_way);
    bench.input(Input::Paused(false), &accept);
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.of(End::InDoubt), counts.sent()), (under_way as u64, 30 - under_way as u64));
}

#[test]
fn a_pause_keeps_no_event_from_expiring_or_being_stopped_ch_100_ch_132() {
    let expiring = Spec { expires: Some(at(ACCEPTED + 600)), ..spec(Channel::Email) };
    let mut bench = Bench::new(expiring, Settings::default(), 1_200);
    bench.input(Input::Paused(true), &accept);
    bench.start(&accept);
    assert_eq!((bench.reads, bench.progress.cursor), (0, Cursor::After(None)));
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.of(End::Expired), bench.sent.len()), (1_200, 0));

    let mut bench = Bench::email(10);
    bench.input(Input::Paused(true), &accept);
    bench.input(open(10), &accept);
    bench.input(Input::Stop, &accept);
    bench.run(at(END_OF_TIME), &accept);
    assert!(bench.finished.is_some() && bench.sent.is_empty());
}

#[test]
fn in_a_trial_others_are_not_sent_to_and_counted_as_that_ch_132() {
    let list = BTreeSet::from([digest(2), digest(7), digest(999)]);
    let trial = Spec { trial: Some(Arc::new(list)), ..spec(Channel::Email) };
    let mut bench = Bench::new(trial, Settings::default(), 20);
    bench.start(&accept);
    bench.run(at(END_OF_TIME), &accept);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.sent(), counts.of(End::Skipped(Skip::Trial))), (2, 18));
    assert_eq!(bench.sent.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 7]);

    // Who changes the address between admission and turn is not sent to at one that is not listed.
    let list = BTreeSet::from([digest(1)]);
    let trial = Spec { trial: Some(Arc::new(list)), ..spec(Channel::Email) };
    let mut bench = Bench::new(trial, Settings::default(), 1);
    bench.input(Input::Tick, &accept);
    let mut changed = addressee(1, Channel::Email);
    changed.digest = digest(5);
    bench.people.insert(1, changed);
    bench.input(open(10), &accept);
    bench.run(at(END_OF_TIME), &accept);
    assert_eq!((bench.of(End::Skipped(Skip::Trial)), bench.sent.len()), (1, 0));
}
