//! Leaving and its undo.

use super::{
    leave::{Kanalen, many, undo_many},
    *,
};

const EMAIL: (Digest, Channel) = (Digest([1; 32]), Channel::Email);

fn act(number: u128, undo_until: Timestamp) -> (ActId, LeftBy, Timestamp) {
    (ActId(Uuid::from_u128(number)), LeftBy::OneClick, undo_until)
}

fn numbers(addressees: &[Addressee]) -> Vec<u128> {
    addressees.iter().map(|addressee| addressee.id.0.as_u128()).collect()
}

#[test]
fn leaving_ends_it_and_again_changes_nothing_ch_56_ch_64() {
    let left = decide(&confirmed(1, "weg"), leave(1), at(100)).unwrap();
    assert_eq!(left.send, Some(Message::Acknowledgement));
    let left = *left.change.unwrap();
    assert_eq!(left.sendable(at(101)), None);
    assert_eq!(decide(&left, leave(2), at(101)), Ok(Accepted { change: None, send: None }));
}

#[test]
fn who_left_gets_only_what_must_be_sent_i9_ch_21() {
    let one = confirmed(1, "weg");
    let left = changed(decide(&one, leave(1), at(100)));
    let with = |reason| Addressee { state: State::Ended { at: at(100), reason }, ..one.clone() };
    assert_eq!(left.obliged(at(101)), Some((Some(&sealed("an@x.nl")), 1)));
    assert_eq!(one.obliged(at(101)), one.sendable(at(101)));
    assert_eq!(left.left().map(|(at, was)| (at, was.at)), Some((at(100), at(10))));
    for none in [
        unconfirmed(1, "weg"),
        with(EndReason::Undeliverable),
        with(EndReason::Complaint),
        with(EndReason::Expired),
        with(EndReason::Replaced { by: AddresseeId(Uuid::from_u128(2)) }),
        with(EndReason::Erased),
        changed(decide(&left, Command::Erase, at(101))),
        Addressee { expires: Some(at(101)), ..left.clone() },
        Addressee { address: None, ..left.clone() },
    ] {
        assert_eq!(none.obliged(at(101)), None, "{:?}", none.state);
    }
}

#[test]
fn an_unconfirmed_one_does_not_change_ch_58() {
    assert_eq!(decide(&unconfirmed(1, "weg"), leave(1), at(100)), Err(Rejection::WrongState));
}

#[test]
fn many_leave_by_kanaal_or_all_and_only_confirmed_ones_ch_60() {
    let other_address = Addressee { digest: digest(2), ..confirmed(5, "weg") };
    let by_sms = Addressee { channel: Channel::Sms, ..confirmed(6, "weg") };
    let all = [
        confirmed(1, "weg"),
        confirmed(2, "afval"),
        unconfirmed(3, "weg"),
        confirmed(4, "raad"),
        other_address,
        by_sms,
    ];
    let named = Kanalen::Named(vec![all[0].kanaal.clone(), all[1].kanaal.clone()]);
    for (kanalen, expected) in [(named, vec![1, 2]), (Kanalen::All, vec![1, 2, 4]), (Kanalen::Named(vec![]), vec![])] {
        let left = many(&all, EMAIL, &kanalen, act(1, at(1_000)), at(100));
        assert_eq!(numbers(&left), expected);
        assert!(left.iter().all(|addressee| matches!(addressee.state, State::Ended { .. })));
    }
}

#[test]
fn undo_restores_exactly_what_the_act_ended_once_and_in_time_ch_62() {
    let [first, second, third, fourth] = [1, 2, 3, 4].map(|number| confirmed(number, "weg"));
    let earlier = changed(decide(&fourth, leave(1), at(90)));
    let left = many(&[first.clone(), second, third, earlier.clone()], EMAIL, &Kanalen::All, act(2, at(1_000)), at(100));
    assert_eq!(numbers(&left), [1, 2, 3]);
    let after: Vec<Addressee> = left.iter().cloned().chain([earlier, unconfirmed(5, "weg")]).collect();
    let restored = undo_many(&after, ActId(Uuid::from_u128(2)), at(999));
    assert_eq!(numbers(&restored), [1, 2, 3]);
    assert_eq!(restored[0], first);
    for now in [at(1_000), at(2_000)] {
        assert_eq!(undo_many(&after, ActId(Uuid::from_u128(2)), now), []);
    }
    // Once: what is restored, or left again by another act, is not restored by this one.
    let again: Vec<Addressee> =
        restored.iter().map(|addressee| changed(decide(addressee, leave(3), at(200)))).collect();
    for present in [restored, again] {
        assert_eq!(undo_many(&present, ActId(Uuid::from_u128(2)), at(300)), []);
    }
}

#[test]
fn undo_never_confirms_what_was_not_confirmed_ch_62() {
    let undo = || Command::Undo(ActId(Uuid::from_u128(1)));
    let erased = changed(decide(&changed(decide(&confirmed(1, "weg"), leave(1), at(90))), Command::Erase, at(91)));
    let complained = changed(decide(&confirmed(1, "weg"), Command::Complaint, at(91)));
    for addressee in [unconfirmed(1, "weg"), confirmed(1, "weg"), erased, complained] {
        assert_eq!(decide(&addressee, undo(), at(100)), Err(Rejection::NotUndoable));
    }
}

#[test]
fn a_change_of_address_ends_with_leaving_ch_51_ch_62() {
    let waiting = changed(decide(&confirmed(1, "weg"), new_address(2, at(20)), at(20)));
    let left = changed(decide(&waiting, leave(1), at(30)));
    assert!(decide(&left, code(22), at(31)).is_err());
    assert_eq!(
        changed(decide(&left, Command::Undo(ActId(Uuid::from_u128(1))), at(32))),
        Addressee { code_requests: waiting.code_requests, ..confirmed(1, "weg") }
    );
}
