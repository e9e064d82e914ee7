//! Messages that must be sent: to those who left as well, and to nobody twice.

use delivery::mailing::{End, Reply, Settings, Skip, Spec};
use model::addressee::{ActId, Addressee, Basis, Channel, Confirmation, EndReason, FilterId, LeftBy, Outcome, State};
use uuid::Uuid;

use super::{
    made::{ACCEPTED, addressee, at, digest, left, open, spec},
    rules::{Bench, accept},
};

const END_OF_TIME: i64 = 10_000_000;

/// One who was confirmed at a moment and left at a later one.
fn unsubscribed(addressee: &Addressee, confirmed: i64, moment: i64) -> Addressee {
    let reason = EndReason::Unsubscribed {
        act: ActId(Uuid::from_u128(1)),
        by: LeftBy::Page,
        was: Confirmation { at: at(confirmed), by: Basis::Code },
        undo_until: at(moment + 10),
    };
    Addressee { state: State::Ended { at: at(moment), reason }, ..addressee.clone() }
}

fn bench(people: u64, is_obligatory: bool) -> Bench {
    Bench::new(Spec { is_obligatory, ..spec(Channel::Email) }, Settings::default(), people)
}

#[test]
fn who_left_gets_what_must_be_sent_and_who_ended_otherwise_does_not_i9_ch_21() {
    for is_obligatory in [false, true] {
        let mut bench = bench(9, is_obligatory);
        let change = |bench: &mut Bench, number: u64, change: &dyn Fn(&Addressee) -> Addressee| {
            let changed = change(&bench.people[&number]);
            bench.people.insert(number, changed);
        };
        change(&mut bench, 2, &|one| unsubscribed(one, 0, 5));
        change(&mut bench, 3, &left);
        let ended = |reason: EndReason| {
            move |one: &Addressee| Addressee {
                state: State::Ended { at: at(1), reason: reason.clone() },
                ..one.clone()
            }
        };
        change(&mut bench, 4, &ended(EndReason::Undeliverable));
        change(&mut bench, 5, &|one| Addressee { address: None, ..ended(EndReason::Erased)(one) });
        // Left and confirmed after the event; over by itself; a filter that does not match; one that does.
        change(&mut bench, 6, &|one| unsubscribed(one, ACCEPTED + 1, ACCEPTED + 2));
        change(&mut bench, 7, &|one| Addressee { expires: Some(at(ACCEPTED)), ..unsubscribed(one, 0, 5) });
        change(&mut bench, 8, &|one| Addressee { filter: Some(FilterId(2)), ..unsubscribed(one, 0, 5) });
        change(&mut bench, 9, &|one| Addressee { filter: Some(FilterId(1)), ..unsubscribed(one, 0, 5) });
        bench.start(&accept);
        bench.run(at(END_OF_TIME), &accept);
        let sent: Vec<_> = bench.sent.iter().map(|(number, _)| *number).collect();
        assert_eq!(sent, if is_obligatory { vec![1, 2, 9] } else { vec![1] });
        let counts = bench.finished.expect("finished");
        if is_obligatory {
            // Those that can never get it are no candidates, as in every mailing.
            assert_eq!((counts.candidates, counts.of(End::Skipped(Skip::Filter))), (4, 1));
        }
    }
}

#[test]
fn who_left_and_subscribed_again_gets_it_once_ch_21() {
    let mut bench = bench(6, true);
    let of_first = |number: u64| Addressee { digest: digest(1), ..addressee(number, Channel::Email) };
    // Left twice, and subscribed again before the event.
    bench.people.insert(1, unsubscribed(&of_first(1), 0, 5));
    bench.people.insert(2, unsubscribed(&of_first(2), 6, 7));
    bench.people.insert(3, Addressee { state: State::confirmed(at(8), Basis::Code), ..of_first(3) });
    // Left twice; the last time counts. And subscribed again after the event.
    let of_second = |number: u64| Addressee { digest: digest(4), ..addressee(number, Channel::Email) };
    bench.people.insert(4, unsubscribed(&of_second(4), 0, 5));
    bench.people.insert(5, unsubscribed(&of_second(5), 6, 7));
    bench.people.insert(6, Addressee { state: State::confirmed(at(ACCEPTED + 1), Basis::Code), ..of_second(6) });
    bench.start(&accept);
    bench.run(at(END_OF_TIME), &accept);
    assert_eq!(bench.sent, [(3, 1), (5, 1)]);
    assert_eq!(bench.of(End::Skipped(Skip::SubscribedLater)), 1);
}

#[test]
fn who_leaves_before_the_turn_gets_it_and_who_is_erased_does_not_i9_ch_21_ch_64() {
    let mut bench = bench(3, true);
    let minute = model::consent::Rate::PerMinute(std::num::NonZeroU32::new(60).expect("not zero"));
    let provider = delivery::mailing::ProviderState::Open { rate: minute, slots: 10 };
    bench.input(delivery::mailing::Input::Provider(provider), &accept);
    assert_eq!(bench.sent, [(1, 1)], "one a second");
    let gone = unsubscribed(&bench.people[&2], 0, ACCEPTED);
    bench.people.insert(2, gone);
    let erased = State::Ended { at: at(ACCEPTED), reason: EndReason::Erased };
    let erased = Addressee { address: None, state: erased, ..bench.people[&3].clone() };
    bench.people.insert(3, erased);
    bench.run(at(END_OF_TIME), &accept);
    assert_eq!(bench.sent, [(1, 1), (2, 1)]);
    assert_eq!((bench.outcome(2), bench.outcome(3)), (Some(Outcome::Sent), Some(Outcome::Ended)));
}

/// What an event lacks is nobody's fault, and looking at the sender does not help: everybody ends, and the mailing does too.
#[test]
fn an_event_without_its_fields_fails_for_everybody_and_suspends_nothing_ch_85() {
    let mut bench = bench(20, true);
    let untranslatable = |_: u64, _: usize| Some(Reply::Untranslatable);
    bench.input(open(3), &untranslatable);
    bench.run(at(END_OF_TIME), &untranslatable);
    let counts = bench.finished.clone().expect("finished");
    assert_eq!((counts.of(End::TechnicalFailure), counts.sent(), bench.suspended), (20, 0, 0));
    assert_eq!(bench.outcome(7), Some(Outcome::TechnicalFailure));
    assert!(bench.evidence.iter().all(|one| one.tried.is_none()), "nothing was sent");
}
