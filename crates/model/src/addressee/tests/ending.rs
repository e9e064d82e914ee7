//! Bounces, complaints, expiry and erasure.

use super::{
    bounce::{Threshold, hard},
    *,
};

const EMAIL: (Digest, Channel) = (Digest([1; 32]), Channel::Email);

fn ended(addressee: &Addressee) -> Option<&EndReason> {
    match &addressee.state {
        State::Ended { reason, .. } => Some(reason),
        _ => None,
    }
}

#[test]
fn three_hard_bounces_in_a_month_end_all_of_the_address_ch_113() {
    let threshold = Threshold::default();
    let mut all = vec![confirmed(1, "weg"), confirmed(2, "afval")];
    for seconds in [100, 200] {
        all = hard(&all, EMAIL, threshold, at(seconds));
        assert_eq!(all.iter().filter_map(ended).count(), 0);
    }
    let other = Addressee { digest: digest(2), ..confirmed(3, "weg") };
    let waiting = unconfirmed(4, "weg");
    let late = confirmed(5, "raad");
    let present = [all.clone(), vec![other, waiting, late]].concat();
    let now = hard(&present, EMAIL, threshold, at(300));
    // One that came later is of the same address, and ends as well; what is not confirmed or of another address stays.
    assert_eq!(now.iter().map(|addressee| addressee.id.0.as_u128()).collect::<Vec<_>>(), [1, 2, 5]);
    assert!(now.iter().all(|addressee| ended(addressee) == Some(&EndReason::Undeliverable)));
    // The first has passed the span.
    let after = hard(&all, EMAIL, threshold, at(100) + 30 * DAY);
    assert_eq!(after.iter().filter_map(ended).count(), 0);
    let again = hard(&after, EMAIL, threshold, at(150) + 30 * DAY);
    assert_eq!(again.iter().filter_map(ended).count(), 2);
}

#[test]
fn who_left_is_undeliverable_with_the_address_or_when_nobody_counts_ch_21_ch_113() {
    let left = changed(decide(&confirmed(1, "weg"), leave(1), at(50)));
    let numbers = |all: &[Addressee]| all.iter().map(|one| one.id.0.as_u128()).collect::<Vec<_>>();
    // Another one of the address counts: the one that was left follows it.
    let once = hard(&[left.clone(), confirmed(2, "afval")], EMAIL, Threshold::default(), at(100));
    assert_eq!((numbers(&once), ended(&once[0])), (vec![2], None));
    let unknown = hard(&[left.clone(), confirmed(2, "afval")], EMAIL, Threshold::unknown_address(), at(100));
    assert_eq!(numbers(&unknown), [2, 1]);
    // Nobody counts: the first bounce is enough. The moment of leaving stays.
    let alone = hard(&[left, unconfirmed(3, "raad")], EMAIL, Threshold::default(), at(100));
    assert_eq!(numbers(&alone), [1]);
    assert_eq!(alone[0].state, State::Ended { at: at(50), reason: EndReason::Undeliverable });
    assert_eq!(hard(&alone, EMAIL, Threshold::default(), at(101)), []);
}

#[test]
fn an_address_that_does_not_exist_ends_at_once_ch_113() {
    let now = hard(&[confirmed(1, "weg")], EMAIL, Threshold::unknown_address(), at(100));
    assert_eq!(ended(&now[0]), Some(&EndReason::Undeliverable));
}

#[test]
fn a_complaint_ends_it_without_acknowledgement_ch_61_ch_116() {
    let complained = decide(&confirmed(1, "weg"), Command::Complaint, at(100)).unwrap();
    assert_eq!(complained.send, None);
    assert_eq!(ended(&complained.change.unwrap()), Some(&EndReason::Complaint));
    let ignored = Ok(Accepted { change: None, send: None });
    assert_eq!(decide(&unconfirmed(1, "weg"), Command::Complaint, at(100)), ignored);
}

#[test]
fn unconfirmed_ones_expire_after_seven_days_ch_136() {
    let expire = || Command::Expire { unconfirmed: 7 * DAY };
    let addressee = unconfirmed(1, "weg");
    assert_eq!(decide(&addressee, expire(), at(-1) + 7 * DAY), Err(Rejection::NotDue));
    let expired = changed(decide(&addressee, expire(), at(0) + 7 * DAY));
    assert_eq!((ended(&expired), &expired.address), (Some(&EndReason::Expired), &None));
    // A newer code begins the time again.
    let later = changed(decide(&addressee, Command::RequestCode(check(9, at(60))), at(60)));
    assert_eq!(decide(&later, expire(), at(59) + 7 * DAY), Err(Rejection::NotDue));
}

#[test]
fn a_confirmed_one_expires_at_its_own_end_ch_136() {
    let expire = || Command::Expire { unconfirmed: 7 * DAY };
    let addressee = Addressee { expires: Some(at(1_000)), ..confirmed(1, "weg") };
    assert!(addressee.sendable(at(999)).is_some());
    assert_eq!(addressee.sendable(at(1_000)), None);
    assert_eq!(decide(&addressee, expire(), at(999)), Err(Rejection::NotDue));
    assert_eq!(ended(&changed(decide(&addressee, expire(), at(1_000)))), Some(&EndReason::Expired));
    assert_eq!(decide(&confirmed(1, "weg"), expire(), at(0) + 400 * DAY), Err(Rejection::NotDue));
}

#[test]
fn erasure_leaves_the_digest_alone_ch_135() {
    let owner = Some(Owner::Person { issuer: "https://id.example".into(), subject: "s-1".into() });
    let waiting = changed(decide(&confirmed(1, "weg"), new_address(2, at(20)), at(20)));
    let left = changed(decide(&confirmed(1, "weg"), leave(1), at(30)));
    for (addressee, moment) in [(unconfirmed(1, "weg"), 100), (waiting, 100), (left, 30)] {
        let erased = changed(decide(&Addressee { owner: owner.clone(), ..addressee }, Command::Erase, at(100)));
        assert_eq!(
            erased,
            Addressee {
                id: AddresseeId(Uuid::from_u128(1)),
                kanaal: KanaalName::new("weg").unwrap(),
                channel: Channel::Email,
                digest: digest(1),
                address: None,
                generation: 1,
                attributes: Attributes::default(),
                filter: None,
                language: Language::Dutch,
                frequency: Frequency::AtOnce,
                owner: None,
                created: at(0),
                expires: None,
                code_requests: CodeRequests::default(),
                state: State::Ended { at: at(moment), reason: EndReason::Erased },
            }
        );
    }
}

#[test]
fn debug_forms_show_no_personal_data_ch_134() {
    let owner = Some(Owner::Person { issuer: "https://id.example".into(), subject: "s-1234".into() });
    let text = format!("{:?}", Addressee { owner, ..confirmed(1, "weg") });
    for personal in ["an@x.nl", "97, 110, 64", "1234AB", "s-1234", "1, 1, 1, 1"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}
