//! Subscribing, confirming, and changing the address.

use super::*;

#[test]
fn an_addressee_of_a_citizen_starts_unconfirmed_ch_41() {
    let decision = subscribe(&[], request(1, "weg", Consent::Ask(check(7, at(0)))), at(0)).unwrap();
    assert_eq!(decision.send, Some(Message::Confirmation));
    let new = decision.change.unwrap();
    assert!(matches!(new.state, State::Unconfirmed { .. }));
    assert_eq!(new.sendable(at(1)), None);
    assert_eq!(confirmed(1, "weg").sendable(at(11)), Some((Some(&sealed("an@x.nl")), 1)));
}

#[test]
fn a_client_or_a_source_may_make_it_confirmed_ch_42_ch_54() {
    let source = Basis::Source { name: "klantinteracties".into(), verified: Some(at(-100)) };
    for basis in [Basis::Client { agreement: "Z-12".into() }, source] {
        let decision = subscribe(&[], request(1, "weg", Consent::Given(basis.clone())), at(0)).unwrap();
        assert_eq!(decision.send, None);
        assert_eq!(decision.change.unwrap().state, State::confirmed(at(0), basis.clone()));
        // It also settles a request of the citizen that was open.
        let open = [unconfirmed(1, "weg")];
        let settled = changed(subscribe(&open, request(2, "weg", Consent::Given(basis.clone())), at(5)));
        assert_eq!((settled.id, settled.state), (open[0].id, State::confirmed(at(5), basis)));
    }
}

#[test]
fn attributes_change_only_of_a_confirmed_one_ch_72() {
    let attributes = Attributes::new("{\"wijk\":3}".into()).unwrap();
    let command = || Command::ChangeAttributes(attributes.clone());
    let before = confirmed(1, "weg");
    let after = changed(decide(&before, command(), at(20)));
    assert_eq!(after, Addressee { attributes: attributes.clone(), ..before });
    assert_eq!(decide(&after, command(), at(21)), Ok(Accepted { change: None, send: None }));
    let ended = changed(decide(&after, leave(1), at(30)));
    for other in [unconfirmed(1, "weg"), ended] {
        assert_eq!(decide(&other, command(), at(40)), Err(Rejection::WrongState));
    }
}

#[test]
fn five_wrong_tries_void_the_code_but_not_the_link_ch_45() {
    let mut addressee = unconfirmed(1, "weg");
    for left in (0..MAX_TRIES).rev() {
        let Err(Rejection::NotProven { change: Some(tried) }) = decide(&addressee, code(8), at(5)) else { panic!() };
        assert!(matches!(&tried.state, State::Unconfirmed { check, .. } if check.tries_left == left));
        addressee = *tried;
    }
    assert_eq!(decide(&addressee, code(7), at(5)), Err(Rejection::NotProven { change: None }));
    assert!(decide(&addressee, Command::Confirm(Proof::Link(digest(107))), at(5)).is_ok());
}

#[test]
fn codes_end_after_ten_minutes_and_links_after_a_day_ch_45() {
    let addressee = unconfirmed(1, "weg");
    let link = || Command::Confirm(Proof::Link(digest(107)));
    for (command, seconds, expected) in [
        (code(7), 599, true),
        (code(7), 600, false),
        (code(7), 660, false),
        (link(), 86_399, true),
        (link(), 86_400, false),
        (Command::Confirm(Proof::Link(digest(7))), 5, false),
        (code(107), 5, false),
    ] {
        assert_eq!(decide(&addressee, command.clone(), at(seconds)).is_ok(), expected, "{command:?} after {seconds} s");
    }
}

#[test]
fn a_new_code_voids_the_old_one_ch_45() {
    let addressee = changed(decide(&unconfirmed(1, "weg"), Command::RequestCode(check(9, at(60))), at(60)));
    for (command, expected) in [(code(7), false), (Command::Confirm(Proof::Link(digest(107))), false), (code(9), true)]
    {
        assert_eq!(decide(&addressee, command, at(61)).is_ok(), expected);
    }
}

#[test]
fn the_sixth_request_in_an_hour_is_refused_ch_46() {
    let mut addressee = unconfirmed(1, "weg");
    for number in 1..5 {
        addressee = changed(decide(&addressee, Command::RequestCode(check(9, at(number))), at(number)));
    }
    let refused = Err(Rejection::TooManyRequests { retry_at: at(3_600) });
    assert_eq!(decide(&addressee, Command::RequestCode(check(9, at(5))), at(5)), refused);
    // Subscribing again is a request as well.
    let again = request(2, "weg", Consent::Ask(check(9, at(3_599))));
    assert_eq!(subscribe(&[addressee.clone()], again.clone(), at(3_599)), refused);
    assert!(subscribe(&[addressee], again, at(3_600)).is_ok());
}

#[test]
fn confirming_again_is_success_without_effect_ch_48() {
    let addressee = confirmed(1, "weg");
    let again = |proof| decide(&addressee, Command::Confirm(proof), at(20));
    assert_eq!(again(Proof::Link(digest(107))), Ok(Accepted { change: None, send: None }));
    for wrong in [Proof::Link(digest(7)), Proof::Code(digest(7))] {
        assert_eq!(again(wrong), Err(Rejection::NotProven { change: None }));
    }
}

#[test]
fn a_changed_address_must_be_confirmed_and_the_old_one_is_used_until_then_ch_51() {
    let asked = decide(&confirmed(1, "weg"), new_address(2, at(20)), at(20)).unwrap();
    assert_eq!(asked.send, Some(Message::ConfirmationOfChange));
    let waiting = *asked.change.unwrap();
    assert_eq!((waiting.digest, waiting.sendable(at(21))), (digest(1), Some((Some(&sealed("an@x.nl")), 1))));
    let Err(Rejection::NotProven { change: Some(tried) }) = decide(&waiting, code(7), at(22)) else { panic!() };
    assert_eq!(tried.digest, digest(1));
    let changed_to = changed(decide(&tried, code(22), at(23)));
    assert_eq!((changed_to.digest, changed_to.sendable(at(24))), (digest(2), Some((Some(&sealed("new@x.nl")), 2))));
    // The present address again ends the change.
    let back = changed(decide(&waiting, new_address(1, at(25)), at(25)));
    assert!(matches!(back.state, State::Confirmed { change: None, .. }));
    assert!(decide(&back, code(22), at(26)).is_err());
}

#[test]
fn an_unconfirmed_address_is_replaced_at_once_ch_51() {
    let other = changed(decide(&unconfirmed(1, "weg"), new_address(2, at(20)), at(20)));
    assert_eq!((other.digest, other.generation), (digest(2), 2));
    assert!(decide(&other, code(7), at(21)).is_err());
    assert!(decide(&other, code(22), at(21)).is_ok());
}

#[test]
fn who_is_subscribed_gets_a_notice_instead_of_a_code_ch_52() {
    let present = confirmed(1, "weg");
    let again = |kanaal| request(2, kanaal, Consent::Ask(check(9, at(50))));
    let notice = subscribe(std::slice::from_ref(&present), again("weg"), at(50)).unwrap();
    assert_eq!(notice.send, Some(Message::AlreadySubscribed));
    let noted = notice.change.unwrap();
    assert_eq!((noted.id, &noted.state), (present.id, &present.state));
    // Another kanaal, an ended one, or the switch: a new one.
    let ended = changed(decide(&present, leave(1), at(60)));
    let add = Request { duplicates: Duplicates::Add, ..again("weg") };
    for (present, request) in [(present.clone(), again("afval")), (ended, again("weg")), (present, add)] {
        let new = changed(subscribe(&[present], request.clone(), at(70)));
        assert_eq!(new.id, request.id);
    }
}

#[test]
fn replacing_ends_others_of_exactly_this_address_ch_52() {
    let new = confirmed(9, "weg");
    let look_alike = Addressee { digest: digest(2), ..confirmed(2, "weg") };
    let by_sms = Addressee { channel: Channel::Sms, ..confirmed(3, "weg") };
    let ended = changed(decide(&confirmed(4, "weg"), leave(1), at(60)));
    let all =
        [confirmed(1, "weg"), look_alike, by_sms, ended, confirmed(5, "afval"), unconfirmed(6, "weg"), new.clone()];
    let replaced = replaced(&all, &new, at(70));
    assert_eq!(replaced.iter().map(|addressee| addressee.id.0.as_u128()).collect::<Vec<_>>(), [1, 6]);
    let reason = EndReason::Replaced { by: new.id };
    assert!(replaced.iter().all(|addressee| addressee.state == State::Ended { at: at(70), reason: reason.clone() }));
}

#[test]
fn a_link_to_the_data_is_sent_to_confirmed_addressees_and_bounded_ch_46_ch_65() {
    let mut addressee = confirmed(1, "weg");
    for number in 0..5 {
        let requested = decide(&addressee, Command::RequestDataLink, at(100 + number)).unwrap();
        assert_eq!(requested.send, Some(Message::DataLink));
        addressee = *requested.change.unwrap();
    }
    let sixth = decide(&addressee, Command::RequestDataLink, at(200));
    assert_eq!(sixth, Err(Rejection::TooManyRequests { retry_at: at(3_700) }));
    for other in [unconfirmed(1, "weg"), changed(decide(&addressee, leave(1), at(60)))] {
        assert_eq!(decide(&other, Command::RequestDataLink, at(70)), Err(Rejection::WrongState));
    }
}
